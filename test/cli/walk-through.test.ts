/**
 * Replays the walk-through of `docs/operations.md` on the real local stack: the commands as they
 * stand there, in a shell. `UPDATE_DOCS=1` writes what they print into the document instead.
 */
import { execFile } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';
import { startLocalStack, type LocalStack } from '../../local/stack.ts';
import { writeState } from '../../local/state-file.ts';
import { cliCommand, Workspace } from './support/cli.ts';
import { commandsOf, sectionOf, withOutputs } from './support/transcript.ts';

const ROOT = path.resolve(import.meta.dirname, '../..');
const DOCUMENT = path.join(ROOT, 'docs/operations.md');
const HEADING = 'From a fresh stack to strict mode';

/** The addresses that the document shows, in place of those that were free. */
const SHOWN_URL = 'http://127.0.0.1:3000/prod';
const SHOWN_ISSUER = 'http://127.0.0.1:4000';

describe(`the walk-through "${HEADING}"`, () => {
  let workspace: Workspace;
  let stack: LocalStack;
  let state: string;

  beforeAll(async () => {
    workspace = await Workspace.create();
    state = path.join(workspace.directory, 'state.json');
    await start(false);
  });

  afterAll(async () => {
    await stack.close();
    await workspace.remove();
  });

  async function start(strict: boolean): Promise<void> {
    stack = await startLocalStack({ strict });
    writeState(stack, state);
  }

  async function restart(strict: boolean): Promise<string> {
    await stack.close();
    await start(strict);
    return '';
  }

  /** Runs a command of the document, against the stack that runs now and files of its own. */
  async function replay(command: string): Promise<string> {
    if (/^npm start\b/u.test(command)) return restart(command.includes('--strict'));
    const here = command
      .replaceAll('npm run -s rollcall --', cliCommand())
      .replaceAll(SHOWN_URL, stack.url)
      .replaceAll(SHOWN_ISSUER, stack.identityProvider.issuer)
      .replaceAll(/--local\b/gu, `--local-state ${state}`)
      .replaceAll(/\b(?=(?:token\.txt|users\.jsonl)\b)/gu, `${workspace.directory}/`);
    const options = { cwd: ROOT, env: { PATH: process.env['PATH'], HOME: workspace.directory } };
    // The status of a command that says no is for scripts; the document shows what it prints.
    const { stdout } = await promisify(execFile)(
      'sh',
      ['-c', `{ ${here}\n} 2>&1 || true`],
      options,
    );
    return shown(stdout);
  }

  /** As the document shows it: its addresses and its file names. */
  function shown(output: string): string {
    return output
      .replaceAll(stack.url, SHOWN_URL)
      .replaceAll(stack.identityProvider.issuer, SHOWN_ISSUER)
      .replaceAll(`${workspace.directory}/`, '');
  }

  it('prints what the document says', async () => {
    const document = readFileSync(DOCUMENT, 'utf8');
    const section = sectionOf(document, HEADING);
    const commands = commandsOf(section);
    const outputs: string[] = [];
    for (const { command } of commands) outputs.push(await replay(command));
    if (process.env['UPDATE_DOCS'] === '1') {
      writeFileSync(
        DOCUMENT,
        document.replace(section, () => withOutputs(section, outputs)),
      );
    }
    const steadyOutputs = outputs.map(
      (output, index) => `$ ${commands[index]?.command}\n${steady(output)}`,
    );
    const expected =
      process.env['UPDATE_DOCS'] === '1'
        ? steadyOutputs
        : commands.map(({ command, output }) => `$ ${command}\n${steady(output)}`);
    expect(commands.length).toBeGreaterThan(10);
    expect(steadyOutputs.join('\n')).toBe(expected.join('\n'));
  }, 180_000);
});

/** Without what is different each time: times, measurements, random ids. */
function steady(output: string): string {
  return output
    .trimEnd()
    .replaceAll(/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z/gu, 'TIME')
    .replaceAll(/[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/gu, 'UUID')
    .replaceAll(/after [\d.]+ s/gu, 'after SECONDS s')
    .replaceAll(/"exp":"?\d+"?|exp \d{10}/gu, 'exp NUMBER')
    .replaceAll(/"integrationLatency":\d+/gu, 'LATENCY')
    .replaceAll(/kid "[^"]+"/gu, 'kid KID')
    .replaceAll(/of the key "[^"]+"/gu, 'of the key KID')
    .replaceAll(/ {2,}/gu, '  ');
}
