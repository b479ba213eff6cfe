/**
 * What can be wrong with a page without anybody running it: links that lead nowhere, generated
 * parts that are stale, and names that the sources do not know. Each check gives its problems.
 */
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import { ALL_SETTING_NAMES } from '../../infra/settings/stack-settings.ts';
import { PARAMETER_SETTINGS, parameterName } from '../release/parameters.ts';
import { FOREIGN_NAMES } from './foreign-names.ts';
import { generatedFiles, withGeneratedParts } from './generated-parts.ts';
import { ROOT, type Page } from './pages.ts';

export type Check = (pages: readonly Page[]) => readonly string[];

/**
 * Links to files and headings of this project; addresses elsewhere are only read. What is not in
 * the package is linked by its address in the repository, and looked up here as the file that it is.
 */
export const checkLinks: Check = (pages) => {
  const byFile = new Map(pages.map((page) => [page.file, page]));
  const { homepage } = JSON.parse(readFileSync(path.join(ROOT, 'package.json'), 'utf8')) as {
    readonly homepage: string;
  };
  const repository = homepage.replace(/#.*$/u, '');
  return pages.flatMap((page) =>
    page.links.flatMap((link) => {
      const [, source] = link.split(new RegExp(`^${repository}/(?:blob|tree)/main/`, 'u'));
      if (source !== undefined) {
        return existsSync(path.join(ROOT, source)) ? [] : [`${page.file}: there is no ${source}`];
      }
      if (/^(?:https:|mailto:)/u.test(link)) {
        return URL.canParse(link) ? [] : [`${page.file}: ${link} is no address`];
      }
      const [target = '', anchor] = link.split('#');
      const file =
        target === '' ? page.file : path.posix.join(path.posix.dirname(page.file), target);
      if (!byFile.has(file) && !existsSync(path.join(ROOT, file)))
        return [`${page.file}: ${link} does not exist`];
      if (anchor === undefined) return [];
      const anchors = byFile.get(file)?.anchors;
      return anchors?.has(anchor) === true ? [] : [`${page.file}: ${link} has no such heading`];
    }),
  );
};

/** Whether `npm run docs:generate` would change a page. */
export const checkGeneratedParts: Check = (pages) =>
  pages
    .filter(({ text }) => squeeze(withGeneratedParts(text)) !== squeeze(text))
    .map(({ file }) => `${file}: a generated part is stale; run npm run docs:generate`);

/** The formatter pads the cells of tables. */
function squeeze(text: string): string {
  return text.replaceAll(/ +/gu, ' ').replaceAll(/-{3,}/gu, '---');
}

const SETTING_LIKE =
  /\b(?:REQUIRED?|JWT|JWKS|USERS?|BOOTSTRAP|PLATFORM|TRUSTED|ROLLCALL|REVOKED|ALLOW|CLOCK|HTTP_RESPONSE|WEBSOCKET|LOG)_[A-Z0-9_]+\b/gu;

/** Settings wherever they stand, in samples too. */
export const checkSettingNames: Check = (pages) => {
  const known = new Set<string>([...ALL_SETTING_NAMES, ...FOREIGN_NAMES]);
  return pages.flatMap(({ file, text }) =>
    unique([...text.matchAll(SETTING_LIKE)].map(([name]) => name))
      .filter((name) => !known.has(name))
      .map((name) => `${file}: ${name} is not a setting`),
  );
};

/** `user_not_in_db`, `userId`, `MaxRevocationDelaySeconds`, `rollcall:strict.lockout`. */
const NAME_LIKE =
  /^(?:[a-z]+(?:_[a-z0-9]+)+|[a-z]+(?:[A-Z][a-z0-9]+)+|(?:[A-Z][a-z0-9]+){2,}|rollcall:[A-Za-z.]+)$/u;

/** Reasons, events, fields, claims, props, outputs, ids: what looks like a name has to be one. */
export const checkNames: Check = (pages) => {
  const known = namesInSources();
  return pages.flatMap(({ file, codeSpans }) =>
    unique(codeSpans)
      .filter((span) => NAME_LIKE.test(span) && !known.has(span))
      .map((span) => `${file}: no source knows the name ${span}`),
  );
};

/** Source files that a page names, by their path or, if they are in `lambda/`, by the end of it. */
export const checkFileNames: Check = (pages) => {
  const lambdaFiles = readdirSync(path.join(ROOT, 'lambda'), { recursive: true, encoding: 'utf8' });
  const exists = (name: string): boolean =>
    // What a build makes is not there before the build.
    /^(?:dist|lib)\//u.test(name) ||
    existsSync(path.join(ROOT, name)) ||
    lambdaFiles.some((file) => `/${file}`.endsWith(`/${name}`));
  return pages.flatMap(({ file, codeSpans }) =>
    unique(codeSpans)
      .filter((span) => /^[\w.-]+(?:\/[\w.-]+)*\.(?:ts|mjs|md)$/u.test(span))
      .filter((span) => !exists(span))
      .map((span) => `${file}: there is no file ${span}`),
  );
};

/** Whether `npm run docs:generate` would change `.env.example` or a docstring. */
export const checkGeneratedFiles: Check = () =>
  [...generatedFiles()]
    .filter(([file, made]) => readFileSync(path.join(ROOT, file), 'utf8') !== made)
    .map(([file]) => `${file}: what is generated of it is stale; run npm run docs:generate`);

/** Scripts of `package.json` that a page tells the reader to run. */
export const checkScripts: Check = (pages) => {
  const { scripts } = JSON.parse(readFileSync(path.join(ROOT, 'package.json'), 'utf8')) as {
    scripts: Record<string, string>;
  };
  return pages.flatMap(({ file, text }) =>
    unique(
      [...text.matchAll(/\bnpm run (?:-s |--silent )?([a-z][\w:-]*)/gu)].map(
        ([, name = '']) => name,
      ),
    )
      .filter((name) => !Object.hasOwn(scripts, name))
      .map((name) => `${file}: npm run ${name} is not a script`),
  );
};

export const QUICK_CHECKS: readonly Check[] = [
  checkLinks,
  checkGeneratedParts,
  checkSettingNames,
  checkNames,
  checkFileNames,
  checkGeneratedFiles,
  checkScripts,
];

function namesInSources(): ReadonlySet<string> {
  const names = new Set<string>(FOREIGN_NAMES);
  for (const { name } of PARAMETER_SETTINGS) names.add(parameterName(name));
  for (const folder of ['lambda', 'client', 'infra', 'cli', 'local', 'tools/release']) {
    for (const name of readdirSync(path.join(ROOT, folder), {
      recursive: true,
      encoding: 'utf8',
    })) {
      const file = path.join(ROOT, folder, name);
      if (!name.endsWith('.ts') || !statSync(file).isFile()) continue;
      const source = readFileSync(file, 'utf8');
      for (const [word] of source.matchAll(/rollcall:[A-Za-z.]+|[A-Za-z][A-Za-z0-9_]*/gu)) {
        names.add(word);
      }
    }
  }
  return names;
}

function unique(values: readonly string[]): readonly string[] {
  return [...new Set(values)];
}
