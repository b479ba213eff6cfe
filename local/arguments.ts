/** The command line of `npm start`. */
import { parseArgs } from 'node:util';
import { ALL_SETTING_NAMES } from '../infra/settings/stack-settings.ts';
import { STATE_FILE } from './state-file.ts';

export const DEFAULT_PORT = 3000;

export const HELP = `Serves Rollcall on loopback: the synthesized stack, the deployed bundle, an in-memory DynamoDB
and an identity provider. Nothing leaves this machine. It has its own settings and does not read
.env.

  npm start -- [options]

  --strict             strict mode: users without a row are denied
  --port <number>      port of the REST API (default: ${DEFAULT_PORT}, or the next free one; 0: any);
                       the other APIs and the console take free ports after it
  --set NAME=VALUE     a setting that .env.example describes; may be repeated
  --app <app>          your own app instead of the stack: the command of a CDK app, a cdk.out, or a
                       template; its authorizer trusts the local identity provider
  --state-file <file>  the state file of this stack (default: dist/local/state.json)
  --help               print this help

  npm start -- --strict --set ROLLCALL_CACHE_TTL_SECONDS=60`;

/** An error in the arguments, printed in one line. */
export class UsageError extends Error {
  override name = 'UsageError';
  readonly code = 'USAGE';
}

export interface Arguments {
  readonly help: boolean;
  readonly strict: boolean;
  /** Undefined without `--port`. */
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
