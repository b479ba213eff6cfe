/** `npm start` as a process: what it prints, what it leaves behind, how it ends. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { readState } from '../../local/state-file.ts';

const ROOT = path.resolve(import.meta.dirname, '../..');
const TIMEOUT_MS = 120_000;

jest.setTimeout(TIMEOUT_MS);

const cleanUps: (() => void)[] = [];

afterEach(() => {
  for (const cleanUp of cleanUps.splice(0)) cleanUp();
});

function start(...options: readonly string[]) {
  const directory = mkdtempSync(path.join(tmpdir(), 'start-'));
  const stateFile = path.join(directory, 'state.json');
  const child = spawn(
    process.execPath,
    ['--import', 'tsx', 'local/start.ts', '--state-file', stateFile, ...options],
    { cwd: ROOT, stdio: ['ignore', 'pipe', 'pipe'] },
  );
  cleanUps.push(() => {
    child.kill('SIGKILL');
    rmSync(directory, { recursive: true, force: true });
  });
  let output = '';
  const exited = once(child, 'close') as Promise<[number | null]>;
  const printed = async (text: string) =>
    new Promise<void>((resolve, reject) => {
      const look = () => {
        if (output.includes(text)) resolve();
      };
      child.stdout.on('data', look);
      look();
      child.once('close', () => {
        reject(new Error(`It ended without printing ${text}:\n${output}`));
      });
    });
  for (const stream of [child.stdout, child.stderr]) {
    stream.prependListener('data', (chunk: Buffer) => {
      output += chunk.toString();
    });
  }
  return { child, stateFile, exited, printed, output: () => output };
}

/** What a pasted curl line asks for. */
async function paste(line: string): Promise<[number, unknown]> {
  const [, url = '', authorization] =
    /^\s*curl -i (\S+)(?: -H 'Authorization: (.+)')?$/u.exec(line) ?? [];
  const response = await fetch(url, authorization ? { headers: { authorization } } : {});
  return [response.status, await response.json()];
}

async function takenPort(): Promise<number> {
  const server: Server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  cleanUps.push(() => server.close());
  return (server.address() as AddressInfo).port;
}

it.each([
  [
    [],
    'SIGINT' as const,
    {
      known: [200, expect.objectContaining({ userId: 'ada@example.com' })],
      unknown: [401, { detail: 'User not found' }],
      admin: [200, expect.objectContaining({ isAdmin: 'true' })],
    },
  ],
  [
    ['--strict'],
    'SIGTERM' as const,
    {
      known: [200, expect.objectContaining({ userId: 'ada@example.com' })],
      unknown: [401, { detail: 'User not found in database' }],
      admin: [401, { detail: 'User not found in database' }],
    },
  ],
])(
  'prints curl lines that do what they say, %p, and ends well on %s',
  async (options, signal, expected) => {
    const { child, printed, output, exited, stateFile } = start('--port', '0', ...options);
    await printed('Requests and security events');
    const answers = [];
    for (const line of output()
      .split('\n')
      .filter((text) => text.includes('curl -i'))) {
      answers.push(await paste(line));
    }
    expect(answers).toEqual([
      expected.known,
      expected.unknown,
      [401, { detail: 'Account disabled' }],
      expected.admin,
      [401, { detail: 'Not authenticated' }],
      [401, { detail: 'Not authenticated' }],
    ]);

    const state = readState(stateFile);
    expect(state).toMatchObject({
      pid: child.pid,
      url: expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+\/prod$/u),
      tableEndpoint: expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+$/u),
      usersTableKey: 'user_id',
    });
    expect(readFileSync(stateFile, 'utf8')).not.toContain('eyJ');

    child.kill(signal);
    expect(await exited).toEqual([0, null]);
    expect(existsSync(stateFile)).toBe(false);
    expect(readState(stateFile)).toBeUndefined();
  },
);

/** What a pasted tool call asks for. */
async function pasteToolCall(line: string): Promise<[number, unknown]> {
  const [, url = ''] = / (http:\S+\/mcp) /u.exec(line) ?? [];
  const headers = [...line.matchAll(/-H '([^:]+): ([^']+)'/gu)].map(
    ([, name = '', value = '']): [string, string] => [name, value],
  );
  const [, body = ''] = /-d '(.+)'$/u.exec(line) ?? [];
  const response = await fetch(url, { method: 'POST', headers, body });
  const { result, error } = (await response.json()) as {
    readonly result?: { readonly content: unknown };
    readonly error?: { readonly message: unknown };
  };
  return [response.status, error?.message ?? result?.content];
}

it("prints calls of an agent's tools that do what they say, and the status of a denial", async () => {
  const { printed, output } = start('--port', '0', '--set', 'ROLLCALL_PROTECTED_RESOURCE=true');
  await printed('Requests and security events');
  expect(output()).toContain('mallory@example.com has none: 403 User not found');
  const answers = [];
  for (const line of output()
    .split('\n')
    .filter((text) => text.includes('tools/call'))) {
    answers.push(await pasteToolCall(line.trim()));
  }
  expect(answers).toEqual([
    [200, [{ type: 'text', text: 'ada@example.com reads an order' }]],
    [403, 'Tool not allowed for this user'],
    [403, 'Account disabled'],
  ]);
});

it('keeps its note for other tools in step with the console', async () => {
  const { printed, output, stateFile } = start('--port', '0');
  await printed('Requests and security events');
  const [, console = ''] = /See it work at (\S+)/u.exec(output()) ?? [];
  const { origin } = new URL(console);
  await fetch(new URL('/api/settings', console), {
    method: 'POST',
    headers: { 'content-type': 'application/json', origin },
    body: JSON.stringify({ strict: true }),
  });
  expect(readState(stateFile)?.settings).toMatchObject({ REQUIRE_USER_IN_DB: 'true' });
});

it('gives the note back to a stack that began earlier and goes on', async () => {
  const first = start('--port', '0');
  await first.printed('Requests and security events');
  const second = start('--port', '0', '--state-file', first.stateFile);
  await second.printed('Requests and security events');
  expect(readState(first.stateFile)?.pid).toBe(second.child.pid);
  expect(second.output()).toContain('Until this stack stops, rollcall --local uses it');
  second.child.kill('SIGINT');
  await second.exited;
  expect(readState(first.stateFile)?.pid).toBe(first.child.pid);
});

it('says in one line that the port it was told to take is taken', async () => {
  const port = await takenPort();
  const { exited, output } = start('--port', String(port));
  expect(await exited).toEqual([1, null]);
  expect(output()).toContain(`Port ${port} is in use. Choose another port with --port`);
  expect(output()).not.toContain('    at ');
});

it('names a setting that the stack refuses', async () => {
  const { exited, output } = start('--set', 'REQUIRE_JTI=maybe');
  expect(await exited).toEqual([1, null]);
  expect(output()).toContain('REQUIRE_JTI must be true or false');
  expect(output()).not.toContain('    at ');
});

it('says in one line what is wrong with its options', async () => {
  const { exited, output } = start('--stricter');
  expect(await exited).toEqual([2, null]);
  expect(output()).toContain("Unknown option '--stricter'");
  expect(output()).not.toContain('    at ');
});

it('explains its options', async () => {
  const { exited, output } = start('--help');
  expect(await exited).toEqual([0, null]);
  expect(output()).toContain('npm start -- --strict');
});
