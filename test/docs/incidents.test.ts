/**
 * Replays the recipes of `docs/incidents.md` on the real local stack: the commands as they stand
 * there, in order, and requests in between that show what each of them stops.
 */
import { CreateTableCommand, DeleteTableCommand } from '@aws-sdk/client-dynamodb';
import { randomUUID } from 'node:crypto';
import path from 'node:path';
import { PLATFORM_ADMIN } from '../../local/demo-users.ts';
import { startLocalStack, type LocalStack, type SecurityEvent } from '../../local/stack.ts';
import { writeState } from '../../local/state-file.ts';
import { readPages } from '../../tools/docs/pages.ts';
import { cli, json, Workspace, type CliResult } from '../cli/support/cli.ts';
import { sectionOf } from '../cli/support/transcript.ts';

const page = readPages().find(({ file }) => file === 'docs/incidents.md')?.text ?? '';
const ALICE = 'alice@example.com';
const BOB = 'bob@example.com';
/** What the function is set to beside what the local stack chooses. */
const SETTINGS = { SESSION_CLAIM: 'sid', REQUIRE_USER_IN_DB: 'false' };
const CLOCK_TOLERANCE_SECONDS = 5;

let workspace: Workspace;
let stack: LocalStack;
let state: string;
let token: string;
/** Each recipe has sessions of its own: what one revokes stays revoked. */
let session: string;
const events: SecurityEvent[] = [];

beforeAll(async () => {
  workspace = await Workspace.create();
  stack = await startLocalStack({ settings: SETTINGS });
  state = path.join(workspace.directory, 'state.json');
  writeState(stack, state);
  stack.events.on('securityEvent', (event) => events.push(event));
}, 120_000);

beforeEach(async () => {
  session = randomUUID();
  await stack.putUser(ALICE, { is_active: true });
  await stack.putUser(BOB, { is_active: true });
  token = await tokenOf(ALICE);
});

afterAll(async () => {
  await stack?.close();
  await workspace?.remove();
});

/** One that was issued earlier: a sign-out is told in whole seconds. */
async function tokenOf(email: string, claims: Readonly<Record<string, unknown>> = {}) {
  const iat = Math.floor(Date.now() / 1000) - 10;
  return stack.issueToken({ email, iat, sid: session, ...claims });
}

/** One that is issued after whatever was done before: as late as the tolerance lets it be. */
async function laterTokenOf(email: string) {
  return tokenOf(email, { iat: Math.floor(Date.now() / 1000) + CLOCK_TOLERANCE_SECONDS - 1 });
}

/** The status of a request, and the reason of its decision. */
async function ask(bearer: string): Promise<readonly [status: number, reason: unknown]> {
  const { status } = await fetch(`${stack.url}/whoami`, {
    headers: { Authorization: `Bearer ${bearer}` },
  });
  return [status, events.at(-1)?.['reason']];
}

/** The commands of a recipe that have not been run yet. */
class Recipe {
  readonly #commands: string[];

  constructor(heading: string) {
    this.#commands = [
      ...sectionOf(page, heading).matchAll(/^ *npm run -s rollcall -- (.+)$/gmu),
    ].map(([, command = '']) => command);
  }

  get left(): number {
    return this.#commands.length;
  }

  /** Runs the next command, which begins with `start`. */
  async run(start: string, { jti = '5f3a' } = {}): Promise<CliResult> {
    const command = this.#commands.shift() ?? '';
    if (!command.startsWith(start)) throw new Error(`Expected ${start}, and found ${command}`);
    const [call = '', source] = command.split(' < ');
    const words = call
      .split(' ')
      .map((word) => (word.endsWith('.csv') ? path.join(workspace.directory, word) : word))
      .map((word) => (word === 'https://id.example.com' ? stack.identityProvider.issuer : word))
      .map((word) => (word === '5f3a' ? jti : word));
    return cli([...words, '--local-state', state], {
      ...(source === 'token.txt' && { input: token }),
    });
  }

  /** As `run`, for a command that does what it is asked. */
  async done(start: string, options?: { readonly jti: string }): Promise<CliResult> {
    const result = await this.run(start, options);
    if (result.code !== 0) throw new Error(`${start}: ${result.stdout}${result.stderr}`);
    return result;
  }
}

const RECIPES: Readonly<Record<string, (recipe: Recipe) => Promise<void>>> = {
  'Stolen laptop': async (recipe) => {
    await recipe.done('users disable');
    expect(await ask(token)).toEqual([401, 'user_disabled']);
    // What the refresh token makes is stopped too.
    expect(await ask(await laterTokenOf(ALICE))).toEqual([401, 'user_disabled']);
    await recipe.done('users sign-out');
    await recipe.done('users enable');
    expect(await ask(token)).toEqual([401, 'user_tokens_revoked']);
    expect(await ask(await laterTokenOf(ALICE))).toEqual([200, 'user_found']);
  },

  'One stolen token or session': async (recipe) => {
    const [refreshed, elsewhere, byJti] = [
      await tokenOf(ALICE),
      await tokenOf(ALICE, { sid: 'another session' }),
      await tokenOf(ALICE, { sid: 'another session', jti: 'stolen' }),
    ];
    await recipe.done('tokens revoke');
    expect((await recipe.done('tokens show')).stdout).toMatch(/revoked +true/u);
    expect(await ask(token)).toEqual([401, 'token_revoked']);
    expect(await ask(refreshed)).toEqual([200, 'user_found']);
    await recipe.done('tokens revoke', { jti: 'stolen' });
    expect(await ask(byJti)).toEqual([401, 'token_revoked']);
    await recipe.done('tokens revoke');
    expect(await ask(refreshed)).toEqual([401, 'session_revoked']);
    expect(await ask(elsewhere)).toEqual([200, 'user_found']);
  },

  'Mass sign-out': async (recipe) => {
    const [admin, bob] = [await tokenOf(PLATFORM_ADMIN), await tokenOf(BOB)];
    await recipe.done('users export');
    await recipe.done('users sign-out');
    expect(await ask(token)).toEqual([401, 'user_tokens_revoked']);
    expect(await ask(bob)).toEqual([401, 'user_tokens_revoked']);
    expect(await ask(admin)).toEqual([200, 'platform_admin_bootstrap']);
    expect(await ask(await laterTokenOf(BOB))).toEqual([200, 'user_found']);
  },

  'Identity provider rotated keys': async (recipe) => {
    await ask(token);
    const kid = await stack.identityProvider.addKey();
    token = await tokenOf(ALICE);
    expect(await ask(token)).toEqual([200, 'user_found']);
    expect((await recipe.run('doctor')).stdout).toContain(kid);
    expect((await recipe.done('explain')).stdout).toContain(`kid "${kid}"`);
  },

  'Identity provider compromised': async (recipe) => {
    const { JWT_ISSUER = '' } = stack.settings();
    expect(await ask(token)).toEqual([200, 'user_found']);
    // In place of the deployment.
    await stack.configure({ JWT_ISSUER: 'https://id2.example.com' });
    writeState(stack, state);
    expect(await ask(token)).toEqual([401, 'issuer_not_trusted']);
    expect((await recipe.run('doctor')).stdout).toContain('https://id2.example.com');
    await stack.configure({ JWT_ISSUER });
    writeState(stack, state);
  },

  'Users table lost': async (recipe) => {
    const { name: TableName, key } = stack.usersTable;
    await stack.client.send(new DeleteTableCommand({ TableName }));
    expect(await ask(token)).toEqual([500, 'directory_unavailable']);
    expect(await ask(await tokenOf(PLATFORM_ADMIN))).toEqual([500, 'directory_unavailable']);
    const missing = await recipe.run('doctor');
    expect(missing.code).toBe(4);
    expect(missing.stdout).toContain(`the table ${TableName} cannot be used: it does not exist`);
    // In place of the restore, under the old name; nothing is deployed or restarted.
    await stack.client.send(
      new CreateTableCommand({
        TableName,
        BillingMode: 'PAY_PER_REQUEST',
        AttributeDefinitions: [{ AttributeName: key, AttributeType: 'S' }],
        KeySchema: [{ AttributeName: key, KeyType: 'HASH' }],
      }),
    );
    await stack.putUser(ALICE, {});
    expect(await ask(token)).toEqual([200, 'user_found']);
    expect((await recipe.run('doctor')).stdout).toContain(`${TableName} exists`);
    expect((await recipe.run('preflight')).stdout).toContain(`${TableName} exists`);
  },

  'Locked out by strict mode': async (recipe) => {
    await stack.configure({ REQUIRE_USER_IN_DB: 'true' });
    writeState(stack, state);
    const admin = await tokenOf(PLATFORM_ADMIN);
    expect(await ask(admin)).toEqual([401, 'user_not_in_db']);
    expect((await recipe.run('preflight')).stdout).toMatch(/^FAIL +active_admin/mu);
    await recipe.done('users add');
    expect(await ask(admin)).toEqual([200, 'user_found']);
    await cli(['users', 'remove', PLATFORM_ADMIN, '--force', '--local-state', state]);
    await stack.configure({ REQUIRE_USER_IN_DB: 'false' });
    writeState(stack, state);
  },

  'Who got in by bootstrap': async (recipe) => {
    const [first, second] = [await tokenOf(PLATFORM_ADMIN), await tokenOf(PLATFORM_ADMIN)];
    expect(await ask(first)).toEqual([200, 'platform_admin_bootstrap']);
    const jti = String(events.at(-1)?.['jti']);
    await recipe.run('preflight');
    await recipe.done('tokens revoke', { jti });
    expect(await ask(first)).toEqual([401, 'token_revoked']);
    // The account makes others.
    expect(await ask(second)).toEqual([200, 'platform_admin_bootstrap']);
    await recipe.done('users add');
    expect(await ask(second)).toEqual([200, 'user_found']);
    await recipe.done('users disable');
    expect(await ask(second)).toEqual([401, 'user_disabled']);
  },

  'She gets 401 since this morning': async (recipe) => {
    await stack.putUser(ALICE, { is_active: false });
    const { code, stdout } = await recipe.run('explain');
    expect(code).toBe(4);
    expect(stdout).toContain('forbidden: user_disabled (Account disabled)');
    expect(stdout).toContain('What is asked of a token:');
    expect((await recipe.done('users show')).stdout).toMatch(/is_active +false/u);
    expect(await ask(token)).toEqual([401, 'user_disabled']);
  },

  '300 contractors out': async (recipe) => {
    const ids = Array.from({ length: 300 }, (_, index) => `contractor-${index}@example.com`);
    await Promise.all(ids.map((id) => stack.putUser(id, {})));
    const [wrongCase, typo, ...others] = ids;
    await workspace.file(
      'leavers.csv',
      ['Contractor-0@example.com', 'contractr-1@example.com', ...others].join('\n'),
    );
    const refused = await recipe.run('users disable');
    expect(refused.code).toBe(3);
    expect(refused.stdout + refused.stderr).toContain('Contractor-0@example.com');
    expect(refused.stdout + refused.stderr).toContain('contractr-1@example.com');
    expect(await ask(await tokenOf(others[0] ?? ''))).toEqual([200, 'user_found']);
    await workspace.file('leavers.csv', ids.join('\n'));
    await recipe.done('users disable');
    for (const id of [wrongCase, typo, others[0], others.at(-1)]) {
      expect(await ask(await tokenOf(id ?? ''))).toEqual([401, 'user_disabled']);
    }
    const list = ['users', 'list', '--limit', '1000', '--json', '--local-state', state];
    const listed = await cli(list);
    const { users } = json(listed) as { users: { key: string; is_active: boolean }[] };
    const active = users.filter(({ is_active }) => is_active).map(({ key }) => key);
    expect(active.filter((key) => key.startsWith('contractor-'))).toEqual([]);
  },
};

it('replays every recipe of the page', () => {
  const headings = [...page.matchAll(/^## (.+)$/gmu)].map(([, heading]) => heading);
  expect(Object.keys(RECIPES)).toEqual(headings);
});

it.each(Object.entries(RECIPES))(
  '%s',
  async (heading, replay) => {
    const recipe = new Recipe(heading);
    await replay(recipe);
    expect(recipe.left).toBe(0);
  },
  60_000,
);
