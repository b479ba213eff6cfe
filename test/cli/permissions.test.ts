/**
 * The policies of `docs/operations.md`, in force on an account that the command line really asks:
 * each lets every command of its role through, and has no action that none of them needs.
 */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { TestIssuer } from '../support/issuer.ts';
import { REVOKED_TOKENS_TABLE, TestTables, USERS_TABLE } from '../support/tables.ts';
import { readyAccount } from './support/account.ts';
import { AwsEndpoint, type Permission } from './support/aws.ts';
import { cli, Workspace } from './support/cli.ts';

interface Statement {
  readonly Action: readonly string[];
  readonly Resource: readonly string[];
}

const DOCUMENT = path.resolve(import.meta.dirname, '../../docs/operations.md');
const PLACEHOLDERS: Readonly<Record<string, string>> = {
  REGION: 'eu-central-1',
  ACCOUNT: '123456789012',
  STACK: 'Rollcall',
  FUNCTION: 'authorizer',
  'LOG-GROUP': '/aws/lambda/authorizer',
  'REVOKED-TABLE': REVOKED_TOKENS_TABLE,
  'USERS-TABLE': USERS_TABLE,
  'REST-API': 'abc123',
  'HTTP-API': 'def456',
};

/** The policy below the heading of a role, with the names of this account. */
function policyOf(role: string): readonly Statement[] {
  const [, section = ''] = readFileSync(DOCUMENT, 'utf8').split(`\n### ${role}\n`);
  const [, json = '{}'] = /^```json\n(.*?)^```$/msu.exec(section) ?? [];
  const filled = Object.entries(PLACEHOLDERS).reduce(
    (text, [name, value]) => text.replaceAll(name, value),
    json,
  );
  return (JSON.parse(filled) as { Statement: readonly Statement[] }).Statement;
}

function matches(pattern: string, text: string): boolean {
  const parts = pattern.split('*').map((part) => part.replaceAll(/[.$/()[\]+?^|\\]/gu, '\\$&'));
  return new RegExp(`^${parts.join('.*')}$`, 'u').test(text);
}

const READER = [
  ['users', 'show', 'alice'],
  ['users', 'list'],
  ['users', 'export'],
  ['users', 'digest', 'alice'],
  ['tokens', 'show'],
  ['tokens', 'list'],
  ['preflight'],
  ['doctor'],
  ['explain'],
  ['explain', '--user', 'alice'],
];
const OPERATOR = [
  ...READER,
  ['users', 'add', 'fresh', '--flush'],
  ['users', 'edit', 'alice', '--roles', 'ops', '--flush'],
  ['users', 'enable', 'alice', '--flush'],
  ['users', 'disable', 'alice', '--flush'],
  ['users', 'sign-out', 'alice'],
  ['users', 'set-admin', 'alice', '--off'],
  ['users', 'remove', 'fresh'],
  ['users', 'import', 'users.csv', '--update', '--flush'],
  ['users', 'disable', '--from', 'leavers.csv', '--yes'],
  ['tokens', 'revoke'],
  ['tokens', 'unrevoke'],
];
const RESPONDER = [
  ...READER,
  ['users', 'disable', 'alice', '--flush'],
  ['users', 'sign-out', 'alice', '--flush'],
  ['users', 'enable', 'alice', '--flush'],
  ['users', 'disable', '--from', 'leavers.csv', '--yes', '--flush'],
  ['tokens', 'revoke', '--flush'],
];

/** What each role is kept from. */
const KEPT_FROM: readonly (readonly [role: string, command: readonly string[]])[] = [
  ['Reader', ['users', 'disable', 'alice']],
  ['Reader', ['tokens', 'revoke']],
  ['Incident responder', ['users', 'add', 'intruder']],
  ['Incident responder', ['users', 'remove', 'alice']],
  ['Incident responder', ['tokens', 'unrevoke']],
];

describe('the policies in docs/operations.md', () => {
  let issuer: TestIssuer;
  let tables: TestTables;
  let aws: AwsEndpoint;
  let workspace: Workspace;

  beforeAll(async () => {
    [issuer, tables, workspace] = await Promise.all([
      TestIssuer.start(),
      TestTables.start(),
      Workspace.create(),
    ]);
    const account = readyAccount(issuer);
    account.outputs = {
      ...account.outputs,
      HttpApiId: 'def456',
      HttpApiUrl: 'https://def456.execute-api.eu-central-1.amazonaws.com',
    };
    aws = await AwsEndpoint.start(account, tables.endpoint);
  });

  beforeEach(async () => {
    aws.needed.clear();
    await tables.putUser('alice', { is_admin: true });
    await tables.putUser('bob', {});
  });

  afterAll(async () => {
    await aws.close();
    await Promise.all([issuer.close(), tables.close(), workspace.remove()]);
  });

  async function run(words: readonly string[]) {
    const files: Readonly<Record<string, string>> = {
      'users.csv': await workspace.file('users.csv', 'user_id,roles\nbob,x\ncarl,y\n'),
      'leavers.csv': await workspace.file('leavers.csv', 'bob\n'),
    };
    return cli(
      words.map((word) => files[word] ?? word),
      {
        env: { ...tables.settings, AWS_ENDPOINT_URL_DYNAMODB: '', ...aws.environment },
        input: issuer.token({ sub: 'alice', jti: 'policy' }),
      },
    );
  }

  function enforce(role: string): readonly Statement[] {
    const statements = policyOf(role);
    aws.account.allows = ({ action, resource }: Permission) =>
      statements.some(
        ({ Action, Resource }) =>
          Action.includes(action) && Resource.some((pattern) => matches(pattern, resource)),
      );
    return statements;
  }

  it.each([
    ['Reader', READER],
    ['Operator', OPERATOR],
    ['Incident responder', RESPONDER],
  ])(
    'let a %s do what the role is for, and nothing more',
    async (role, commands) => {
      const statements = enforce(role);
      for (const words of commands) {
        const { code, stdout, stderr } = await run(words);
        // A check that was denied what it asks for is a warning on standard output.
        expect([words.join(' '), code === 0 || code === 4, stdout + stderr]).toEqual([
          words.join(' '),
          true,
          expect.not.stringContaining('rejected these credentials'),
        ]);
      }
      const needed = [...aws.needed.values()];
      const unused = statements.flatMap(({ Action, Resource }) =>
        Action.flatMap((action) =>
          Resource.filter(
            (pattern) =>
              !needed.some((used) => used.action === action && matches(pattern, used.resource)),
          ).map((pattern) => `${action} ${pattern}`),
        ),
      );
      expect(unused).toEqual([]);
    },
    120_000,
  );

  it.each(KEPT_FROM)('keep a %s from %j', async (role, words) => {
    enforce(role);
    const result = await run([...words, '--json']);
    expect(result.code).toBe(1);
    expect(JSON.parse(result.stdout)).toMatchObject({ error: { code: 'access_denied' } });
  });
});
