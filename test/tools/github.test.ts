/** What the repository asks of its host: workflows, updates of dependencies, and issue forms. */
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { parse } from 'yaml';

const ROOT = path.resolve(import.meta.dirname, '../..');
const GITHUB = path.join(ROOT, '.github');
const read = (file: string) => readFileSync(path.join(GITHUB, file), 'utf8');

interface Job {
  readonly permissions?: Readonly<Record<string, string>>;
  readonly strategy?: { readonly matrix: { readonly node: readonly string[] } };
  readonly steps: readonly { readonly uses?: string; readonly run?: string }[];
}

interface Workflow {
  readonly permissions: Readonly<Record<string, string>>;
  readonly jobs: Readonly<Record<string, Job>>;
}

const workflows = readdirSync(path.join(GITHUB, 'workflows')).map((name) => ({
  name,
  text: read(`workflows/${name}`),
  workflow: parse(read(`workflows/${name}`)) as Workflow,
}));

describe.each(workflows)('$name', ({ text, workflow }) => {
  it('pins every action to a commit, and says of which version', () => {
    const uses = text.split('\n').filter((line) => line.includes('uses:'));
    expect(uses.length).toBeGreaterThan(0);
    for (const line of uses) expect(line).toMatch(/@[0-9a-f]{40} # v\d+\.\d+\.\d+$/u);
  });

  it('may write nothing unless a job says what', () => {
    expect(Object.values(workflow.permissions).filter((right) => right !== 'read')).toEqual([]);
  });
});

it('runs the checks on the lowest Node that is supported, on 22 and on 24', () => {
  const { engines } = JSON.parse(readFileSync(path.join(ROOT, 'package.json'), 'utf8')) as {
    readonly engines: { readonly node: string };
  };
  const { workflow } = workflows.find(({ name }) => name === 'ci.yml') ?? {};
  const [job] = Object.values(workflow?.jobs ?? {});
  expect(job?.strategy?.matrix.node).toEqual([
    engines.node.replace(/^>=(\d+\.\d+)$/u, '$1.0'),
    '22',
    '24',
  ]);
  expect(job?.steps.map(({ run }) => run)).toContain('bash .ci/run');
});

it('groups the updates of dependencies', () => {
  const { updates } = parse(read('dependabot.yml')) as {
    readonly updates: readonly { readonly groups?: object }[];
  };
  expect(updates.every(({ groups }) => groups !== undefined)).toBe(true);
});

describe.each(['decision.yml', 'problem.yml'])('the issue form %s', (file) => {
  const form = read(`ISSUE_TEMPLATE/${file}`);

  it('warns never to paste a token', () => {
    expect(form).toContain('Never paste a token');
  });

  it('asks for no token', () => {
    const { body } = parse(form) as {
      readonly body: readonly { readonly id?: string; readonly attributes: { label?: string } }[];
    };
    const asked = body
      .filter(({ id }) => id !== 'no-token')
      .map(({ attributes }) => attributes.label);
    expect(asked.join('\n')).not.toMatch(/token|header|secret|credential/iu);
  });
});

it('asks for the reason and the settings of a decision that is wrong', () => {
  const { body } = parse(read('ISSUE_TEMPLATE/decision.yml')) as {
    readonly body: readonly {
      readonly id?: string;
      readonly validations?: { readonly required: boolean };
    }[];
  };
  const required = body.filter(({ validations }) => validations?.required).map(({ id }) => id);
  expect(required).toEqual(expect.arrayContaining(['reason', 'settings']));
});

it('has one address of the repository in the manifest, the forms and the pages', () => {
  const texts = [
    readFileSync(path.join(ROOT, 'package.json'), 'utf8'),
    read('ISSUE_TEMPLATE/config.yml'),
    ...readdirSync(path.join(ROOT, 'docs'))
      .filter((name) => name.endsWith('.md'))
      .map((name) => readFileSync(path.join(ROOT, 'docs', name), 'utf8')),
  ];
  const addresses = texts.flatMap((text) =>
    [...text.matchAll(/https:\/\/github\.com\/[\w-]*rollcall[\w-]*\/[\w-]+/gu)].map(([url]) => url),
  );
  expect(new Set(addresses)).toEqual(new Set(['https://github.com/rollcall-authorizer/rollcall']));
});
