/** `npm start`: builds, synthesizes and serves the stack on loopback until it is interrupted. */
import { parseArgs } from 'node:util';
import { buildAuthorizer } from '../build.ts';
import { curlLines } from './curl-lines.ts';
import type { Exchange } from './exchange.ts';
import { PortTakenError } from './listen.ts';
import { startLocalStack, type LocalStack, type SecurityEvent } from './stack.ts';
import { removeState, writeState } from './state-file.ts';
import { SynthesisError } from './synthesize.ts';

const DEFAULT_PORT = 3000;

const HELP = `Serves Rollcall on loopback: the synthesized stack, the bundle that deploys, an embedded
table and an identity provider. Nothing leaves this machine.

  npm start -- [options]

  --strict            strict mode: nobody enters without a row
  --port <number>     port of the REST API (default: ${DEFAULT_PORT}, or the next free one);
                      the HTTP and the WebSocket API take free ports after it
  --set NAME=VALUE    a setting, by its name in .env; may be repeated
  --help              this text

  npm start -- --strict --set ROLLCALL_CACHE_TTL_SECONDS=60
`;

/** A fault of the command line, to be told in one line. */
class UsageError extends Error {}

interface Arguments {
  readonly help: boolean;
  readonly strict: boolean;
  /** Undefined when it was not asked for. */
  readonly port: number | undefined;
  readonly settings: Readonly<Record<string, string>>;
}

function readArguments(argv: readonly string[]): Arguments {
  const { values } = parse(argv);
  const port = values.port === undefined ? undefined : Number(values.port);
  if (port !== undefined && !(Number.isInteger(port) && port >= 0 && port <= 65_535)) {
    throw new UsageError(`--port ${values.port} is not a number from 0 to 65535`);
  }
  const settings: Record<string, string> = {};
  for (const assignment of values.set) {
    const [, name, value] = /^([A-Z][A-Z0-9_]*)=(.*)$/su.exec(assignment) ?? [];
    if (name === undefined || value === undefined) {
      throw new UsageError(`--set ${assignment} is not NAME=VALUE`);
    }
    settings[name] = value;
  }
  return { help: values.help, strict: values.strict, port, settings };
}

function parse(argv: readonly string[]) {
  try {
    return parseArgs({
      args: [...argv],
      options: {
        help: { type: 'boolean', default: false },
        strict: { type: 'boolean', default: false },
        port: { type: 'string' },
        set: { type: 'string', multiple: true, default: [] },
      },
    });
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error));
  }
}

async function main(): Promise<void> {
  const { help, strict, port, settings } = readArguments(process.argv.slice(2));
  if (help) {
    console.log(HELP);
    return;
  }
  console.log('Building the function and synthesizing the stack …');
  await buildAuthorizer();
  const stack = await startLocalStack({
    strict,
    settings,
    port: { port: port ?? DEFAULT_PORT, orNextFree: port === undefined },
  });
  writeState(stack);
  const interrupted = new Promise<void>((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => resolve());
  });
  await introduce(stack);
  report(stack);
  await interrupted;
  console.log('\nStopping.');
  removeState();
  await stack.close();
}

async function introduce(stack: LocalStack): Promise<void> {
  const settings = stack.settings();
  const strict = settings['REQUIRE_USER_IN_DB'] === 'true';
  const section = (title: string, lines: readonly string[]) => {
    const indented = lines.map((line) => (line === '' ? '' : `  ${line}`));
    console.log(`\n${title}\n${indented.join('\n')}`);
  };
  if (stack.movedFromPort !== undefined) {
    console.log(`\nPort ${stack.movedFromPort} is taken; this is the next free one.`);
  }
  section(`Rollcall is at ${stack.url}/whoami`, [
    ...(stack.httpUrl === undefined ? [] : [`HTTP API           ${stack.httpUrl}/whoami`]),
    ...(stack.webSocketUrl === undefined ? [] : [`WebSocket API      ${stack.webSocketUrl}`]),
    `identity provider  ${stack.identityProvider.issuer}`,
    `DynamoDB endpoint  ${stack.tableEndpoint}  (users: ${stack.usersTable.name})`,
  ]);
  section(
    `Settings in force (${strict ? 'strict mode' : 'not strict; npm start -- --strict for strict mode'})`,
    Object.entries(settings).map(([name, value]) => `${name}=${value}`),
  );
  const examples: string[] = [];
  for (const { title, command } of await curlLines(stack, strict)) {
    examples.push(`# ${title}`, command, '');
  }
  section('Paste these into another terminal', examples.slice(0, -1));
  section('A token for anybody', [
    `curl -s ${stack.identityProvider.tokenEndpoint} -d grant_type=password -d username=you@example.com`,
  ]);
  console.log('\nCtrl-C stops everything. What happens is told here:\n');
}

/** One line for each answer and each security event. */
function report(stack: LocalStack): void {
  stack.events.on('exchange', (exchange) => console.log(describeExchange(exchange)));
  stack.events.on('securityEvent', (event) => console.log(describeEvent(event)));
  stack.events.on('fault', (error) => console.error('The local gateway failed:', error));
}

function describeExchange({ status, method, path, authorizer }: Exchange): string {
  const why =
    authorizer === undefined
      ? ''
      : authorizer.status === 'answered'
        ? `  ${authorizer.verdict}${authorizer.cached ? ', from the cache' : ''}`
        : `  ${authorizer.status}${authorizer.problem === undefined ? '' : `: ${authorizer.problem}`}`;
  return `${status} ${method} ${path}${why}`;
}

function describeEvent(event: SecurityEvent): string {
  const { security_event: name, reason, user_id: userId } = event;
  return `    ${[name, reason, userId].filter((part) => typeof part === 'string').join('  ')}`;
}

// About the SDK's future releases; which one is used here is this project's own affair.
process.env['AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED'] ??= 'true';

try {
  await main();
  process.exitCode = 0;
} catch (error) {
  const expected = [UsageError, PortTakenError, SynthesisError].some(
    (kind) => error instanceof kind,
  );
  console.error(expected && error instanceof Error ? error.message : error);
  process.exitCode = 1;
}
