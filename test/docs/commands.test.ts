/**
 * The commands in the pages, run as written: those of the command line against a table and an
 * issuer on loopback, each block of them on rows of its own. What needs an account or a checkout
 * is looked up by its name.
 */
import * as apigateway from '@aws-sdk/client-api-gateway';
import * as logs from '@aws-sdk/client-cloudwatch-logs';
import * as dynamodb from '@aws-sdk/client-dynamodb';
import * as lambda from '@aws-sdk/client-lambda';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { readPages, ROOT } from '../../tools/docs/pages.ts';
import { TestIssuer } from '../support/issuer.ts';
import { TestTables, USERS_TABLE } from '../support/tables.ts';
import { cli, Workspace } from '../cli/support/cli.ts';

const ROLLCALL = /^npm run (?:-s )?rollcall -- (?!…)(.+)$/u;

/** Options that say where, in place of which the tests say where. */
const ELSEWHERE = /^--(?:stack|users-table)$/u;

/** Commands that answer a question: no is an answer as well. */
const QUESTION = /^(?:preflight|explain|doctor|tokens show)\b/u;

const pages = readPages();

/** Lines of one block, or one command in the running text. */
const blocks: readonly (readonly [where: string, lines: readonly string[]])[] = pages.flatMap(
  ({ file, codeBlocks, codeSpans }) => [
    ...codeBlocks
      .filter(({ language }) => language === 'bash' || language === 'sh')
      .map(({ text }, index) => [`${file} #${index + 1}`, linesOf(text)] as const),
    ...[...new Set(codeSpans)]
      .filter((span) => ROLLCALL.test(span))
      .map((span) => [`${file}: ${span}`, [span]] as const),
  ],
);

/** Without comments and empty lines. */
function linesOf(text: string): readonly string[] {
  return text
    .split('\n')
    .map((line) => line.replace(/(?:^|\s+)#.*$/u, '').trim())
    .filter((line) => line !== '');
}

/** Words as a shell splits them; double quotes are all that the pages use. */
function wordsOf(command: string): readonly string[] {
  return [...command.matchAll(/"([^"]*)"|(\S+)/gu)].map(([, quoted, word]) => quoted ?? word ?? '');
}

describe('commands of rollcall', () => {
  const USERS = ['alice@example.com', 'bob@example.com', 'carol@example.com', 'admin@example.com'];
  let issuer: TestIssuer;
  let workspace: Workspace;

  beforeAll(async () => {
    [issuer, workspace] = await Promise.all([TestIssuer.start(), Workspace.create()]);
  });

  afterAll(async () => {
    await Promise.all([issuer?.close(), workspace?.remove()]);
  });

  async function run(
    command: string,
    where: readonly string[],
    files: Readonly<Record<string, string>>,
  ) {
    const [call = '', source] = command.split(/\s+<\s+/u);
    const args = wordsOf(call)
      .map((word) => files[word] ?? word)
      .filter(
        (word, index, words) => !ELSEWHERE.test(word) && !ELSEWHERE.test(words[index - 1] ?? ''),
      );
    return cli([...args, ...where], {
      ...(source === 'token.txt' && { input: issuer.token({ sub: 'alice@example.com' }) }),
    });
  }

  // The recipes need more than one block, and a function that decides: `incidents.test.ts`.
  const withRollcall = blocks.filter(
    ([where, lines]) =>
      !where.startsWith('docs/incidents.md') && lines.some((line) => ROLLCALL.test(line)),
  );

  it('are found', () => {
    expect(withRollcall.length).toBeGreaterThan(15);
  });

  it.each(withRollcall)('work as written in %s', async (_, lines) => {
    const commands = lines.flatMap((line) => ROLLCALL.exec(line)?.[1] ?? []);
    const tables = await TestTables.start();
    try {
      const added = new Set(commands.map((command) => /\busers add (\S+)/u.exec(command)?.[1]));
      for (const user of USERS.filter((candidate) => !added.has(candidate))) {
        await tables.putUser(user, { is_admin: user.startsWith('admin') });
      }
      const where = await workspace.localStack(tables, {
        ...issuer.settings,
        USERS_TABLE_NAME: USERS_TABLE,
        REVOKED_TOKENS_TABLE_NAME: 'revoked-tokens',
      });
      const files = {
        'users.csv': await workspace.file(
          'users.csv',
          'user_id,roles\ndora@example.com,operator\n',
        ),
        'leavers.csv': await workspace.file(
          'leavers.csv',
          'name,email\nAlice,alice@example.com\nBob,bob@example.com\n',
        ),
      };
      for (const command of commands) {
        const result = await run(command, where, files);
        const statuses = QUESTION.test(command) ? [0, 4] : [0];
        expect([command, result.stderr, statuses.includes(result.code ?? -1)]).toEqual([
          command,
          result.stderr,
          true,
        ]);
      }
    } finally {
      await tables.close();
    }
  });
});

describe('other commands', () => {
  const { scripts } = JSON.parse(readFileSync(path.join(ROOT, 'package.json'), 'utf8')) as {
    scripts: Record<string, string>;
  };
  const SHORT_FORMS = /^(?:start|test)$/u;

  function isKnown(line: string): boolean {
    const [, script] = /^npm (?:run )?(?:-s )?([\w:-]+)(?: -- .+)?$/u.exec(line) ?? [];
    if (script !== undefined) {
      const isShort = !line.startsWith('npm run');
      return Object.hasOwn(scripts, script) && (!isShort || SHORT_FORMS.test(script));
    }
    return (
      /^npx cdk (?:synth|diff|deploy)(?: --quiet)?$/u.test(line) || line === 'cp .env.example .env'
    );
  }

  const others = blocks.flatMap(([where, lines]) =>
    lines.filter((line) => !ROLLCALL.test(line)).map((line) => [line, where] as const),
  );

  it.each(others)('%s is one that exists, in %s', (line) => {
    expect(isKnown(line)).toBe(true);
  });

  const services: Readonly<Record<string, object>> = { dynamodb, lambda, logs, apigateway };
  const awsCommands = pages.flatMap(({ file, codeBlocks }) =>
    codeBlocks.flatMap(({ text }) =>
      text
        .split('\n')
        .map((line) => line.trim())
        .filter((line) => Object.hasOwn(services, /^aws (\S+) /u.exec(line)?.[1] ?? ''))
        .map((line) => [line, file] as const),
    ),
  );

  it('of AWS are found', () => {
    expect(awsCommands.length).toBeGreaterThan(8);
  });

  /** What the SDK says that the request can have; a waiter has a table's name alone. */
  function membersOf(service: string, operation: string, argument: string): readonly string[] {
    const sdk = services[service] ?? {};
    if (operation === 'wait') {
      return Object.hasOwn(sdk, `waitUntil${pascal(argument)}`) ? ['TableName'] : [];
    }
    const schema: unknown = ['Input', 'Request']
      .map((suffix) => Reflect.get(sdk, `${pascal(operation)}${suffix}$`) as unknown)
      .find((found) => found !== undefined);
    return Array.isArray(schema) ? (schema[4] as readonly string[]) : [];
  }

  it.each(awsCommands)('%s is a request that AWS knows, in %s', (line) => {
    const [, service = '', operation = '', ...args] = line.split(' ');
    const options = args.filter((arg) => arg.startsWith('--')).map((arg) => pascal(arg.slice(2)));
    const members = membersOf(service, operation, args[0] ?? '').map((name) => pascal(name));
    expect(members).toEqual(expect.arrayContaining(options));
  });
});

function pascal(kebab: string): string {
  return kebab.replace(/(?:^|-)([a-z])/gu, (_, letter: string) => letter.toUpperCase());
}
