/** The command line of `npm start`. */
import { parseArgs } from 'node:util';
import { ALL_SETTING_NAMES } from '../infra/settings/stack-settings.ts';
import { STATE_FILE } from './state-file.ts';

export const DEFAULT_PORT = 3000;

export const HELP = `Serves Rollcall on loopback: the synthesized stack, the bundle that deploys, an embedded
table and an identity provider. Nothing leaves this machine. It has settings of its own and reads
no .env.

  npm start -- [options]

  --strict             strict mode: nobody enters without a row
  --port <number>      port of the REST API (default: ${DEFAULT_PORT}, or the next free one; 0: any);
                       the other APIs and the console take free ports after it
  --set NAME=VALUE     a setting that .env.example describes; may be repeated
  --app <app>          your own app in place of the stack: a CDK app as a command, a cdk.out, or a
                       template; its authorizer trusts the identity provider here
  --state-file <file>  where other tools find this stack (default: dist/local/state.json)
  --help               this text

  npm start -- --strict --set ROLLCALL_CACHE_TTL_SECONDS=60`;

/** A fault of the command line, to be told in one line. */
export class UsageError extends Error {
  override name = 'UsageError';
  readonly code = 'USAGE';
}

export interface Arguments {
  readonly help: boolean;
  readonly strict: boolean;
  /** Undefined when it was not asked for. */
  readonly port: number | undefined;
  readonly settings: Readonly<Record<string, string>>;
  readonly stateFile: string;
  /** Undefined for the stack of Rollcall itself. */
  readonly app: string | undefined;
}

/** @throws UsageError */
export function readArguments(argv: readonly string[]): Arguments {
  const { values } = parse(argv);
  const settings: Record<string, string> = {};
  for (const assignment of values.set) {
    const [, name, value] = /^([A-Z][A-Z0-9_]*)=(.*)$/su.exec(assignment) ?? [];
    if (name === undefined || value === undefined) {
      throw new UsageError(`--set ${assignment} is not NAME=VALUE`);
    }
    if (!ALL_SETTING_NAMES.includes(name))
      throw new UsageError(`--set ${name}: there is no such setting`);
    settings[name] = value;
  }
  return {
    help: values.help,
    strict: values.strict,
    port: values.port === undefined ? undefined : readPort(values.port),
    settings,
    stateFile: values['state-file'],
    app: values.app,
  };
}

function parse(argv: readonly string[]) {
  try {
    return parseArgs({
      args: [...argv],
      options: {
        help: { type: 'boolean', default: false },
        app: { type: 'string' },
        strict: { type: 'boolean', default: false },
        port: { type: 'string' },
        set: { type: 'string', multiple: true, default: [] },
        'state-file': { type: 'string', default: STATE_FILE },
      },
    });
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error));
  }
}

function readPort(text: string): number {
  const port = /^\d{1,5}$/u.test(text) ? Number(text) : Number.NaN;
  if (port >= 0 && port <= 65_535) return port;
  throw new UsageError(`--port ${text} is not a number from 0 to 65535`);
}
