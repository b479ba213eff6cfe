/**
 * Finds the tables and the function's settings. The target is a deployed stack, a function, tables
 * with the settings of the shell and `.env`, or the local stack. The SDK reads its usual variables
 * for Region, credentials and endpoints.
 */
import { parse } from 'dotenv';
import { existsSync, readFileSync } from 'node:fs';
import { readStackSettings } from '../infra/settings/stack-settings.ts';
import type { Environment } from '../lambda/settings/setting.ts';
import { SETTING_NAMES } from '../lambda/settings/table.ts';
import { readState } from '../local/state-file.ts';
import { readFunction, readStackOutputs, type StageRef } from './aws.ts';
import { requireProfile } from './aws-profiles.ts';
import { usageError } from './errors.ts';
import { readRules, type Rules, type TableShape } from './user-keys.ts';
import { requireOneTarget, type WhereOptions } from './target-options.ts';

export interface Deployment {
  readonly kind: 'local' | 'stack' | 'function' | 'tables';
  /** For people: `stack Rollcall`. */
  readonly name: string;
  readonly usersTable: TableShape & { readonly name: string };
  /** Undefined while revocation is off. */
  readonly revokedTokensTable: string | undefined;
  /** The settings of the function: as deployed, or for `tables` those of the shell and `.env`. */
  readonly settings: Environment;
  readonly rules: Rules;
  /** Problems of the settings; each begins with the name of the setting. */
  readonly problems: readonly string[];
  readonly functionName: string | undefined;
  readonly logGroup: string | undefined;
  readonly restApi: StageRef | undefined;
  readonly httpApi: StageRef | undefined;
  readonly outputs: Readonly<Record<string, string>>;
}

/** Of the directory that the command runs in: the project's, with `npm run`. */
const DOTENV_FILE = '.env';

/**
 * Finds the deployment that `options` name; without any, the stack of `ROLLCALL_STACK_NAME`.
 * For the local stack this process's own environment is pointed at the local table.
 *
 * @throws CliError
 */
export async function findDeployment(options: WhereOptions): Promise<Deployment> {
  requireOneTarget(options);
  const { region, profile } = options;
  if (region !== undefined) process.env['AWS_REGION'] = region;
  if (profile !== undefined) process.env['AWS_PROFILE'] = profile;
  if (options.local === true || options.localState !== undefined) return findLocal(options);
  requireProfile();
  if (options.function !== undefined) return findFunction(options.function, options);
  if (options.usersTable !== undefined && options.stack === undefined) {
    return findTables(options.usersTable, options.revokedTable);
  }
  return findStack(options.stack ?? stackName(), options);
}

/** As `findDeployment`, for commands that need valid settings. */
export async function requireDeployment(options: WhereOptions): Promise<Deployment> {
  const deployment = await findDeployment(options);
  const [problem] = deployment.problems;
  if (problem === undefined) return deployment;
  throw usageError(
    'settings_invalid',
    `The settings of ${deployment.name} are invalid: ${problem}`,
    'Run rollcall doctor to list all problems, and fix them',
  );
}

function findLocal({ localState }: WhereOptions): Deployment {
  const state = readState(localState);
  if (state === undefined) {
    throw usageError('local_stack_missing', 'No local stack is running', 'Start one: npm start');
  }
  process.env['AWS_ENDPOINT_URL_DYNAMODB'] = state.tableEndpoint;
  process.env['AWS_REGION'] = state.region;
  // Any credentials do, and none have to be looked for.
  process.env['AWS_ACCESS_KEY_ID'] ??= 'local';
  process.env['AWS_SECRET_ACCESS_KEY'] ??= 'local';
  delete process.env['AWS_PROFILE'];
  return deploymentOf('local', 'the local stack', state.settings, {
    functionName: state.outputs['AuthorizerFunctionName'],
    outputs: state.outputs,
  });
}

async function findStack(name: string, options: WhereOptions): Promise<Deployment> {
  const outputs = await readStackOutputs(name);
  const functionName = outputs['AuthorizerFunctionName'];
  if (functionName === undefined) {
    throw usageError(
      'stack_foreign',
      `Stack ${name} has no output AuthorizerFunctionName`,
      'Name the stack that Rollcall was deployed as with --stack, or the function with --function',
    );
  }
  const { environment, logGroup } = await readFunction(functionName);
  return deploymentOf('stack', `stack ${name}${withOtherTables(options)}`, environment, {
    functionName,
    logGroup,
    outputs,
    options,
  });
}

async function findFunction(name: string, options: WhereOptions): Promise<Deployment> {
  const { environment, logGroup } = await readFunction(name);
  return deploymentOf('function', `function ${name}${withOtherTables(options)}`, environment, {
    functionName: name,
    logGroup,
    options,
  });
}

/** Added to the name of the deployment, so that these tables are not mistaken for the deployed ones. */
function withOtherTables({ usersTable, revokedTable }: WhereOptions): string {
  const tables = [usersTable, revokedTable].filter((name) => name !== undefined);
  return tables.length === 0 ? '' : ` with ${tables.join(' and ')}`;
}

function findTables(usersTable: string, revokedTable: string | undefined): Deployment {
  const ambient = ambientSettings();
  const settings = Object.fromEntries(SETTING_NAMES.map((name) => [name, ambient[name]]));
  return deploymentOf('tables', `table ${usersTable}`, {
    ...settings,
    USERS_TABLE_NAME: usersTable,
    REVOKED_TOKENS_TABLE_NAME: revokedTable ?? settings['REVOKED_TOKENS_TABLE_NAME'],
  });
}

function deploymentOf(
  kind: Deployment['kind'],
  name: string,
  deployed: Environment,
  found: {
    readonly functionName?: string | undefined;
    readonly logGroup?: string | undefined;
    readonly outputs?: Readonly<Record<string, string>>;
    /** Their tables take the place of the deployed ones. */
    readonly options?: WhereOptions;
  } = {},
): Deployment {
  const { outputs = {}, options: { usersTable, revokedTable } = {} } = found;
  const settings: Environment = {
    ...deployed,
    ...(usersTable !== undefined && { USERS_TABLE_NAME: usersTable }),
    ...(revokedTable !== undefined && { REVOKED_TOKENS_TABLE_NAME: revokedTable }),
  };
  return {
    kind,
    name,
    usersTable: {
      name: settings['USERS_TABLE_NAME'] || outputs['UsersTableName'] || '',
      key: settings['USERS_TABLE_KEY'] || 'user_id',
    },
    revokedTokensTable: settings['REVOKED_TOKENS_TABLE_NAME'] || undefined,
    settings,
    ...readRules(settings),
    functionName: found.functionName,
    logGroup: found.logGroup,
    restApi: stageOf(outputs['ApiId'], outputs['ApiUrl']),
    httpApi: stageOf(outputs['HttpApiId'], outputs['HttpApiUrl']),
    outputs,
  };
}

/** The first segment of a URL is the stage; without one, it is `$default`. */
function stageOf(apiId: string | undefined, url: string | undefined): StageRef | undefined {
  if (apiId === undefined) return undefined;
  const segment =
    url !== undefined && URL.canParse(url) ? new URL(url).pathname.split('/')[1] : undefined;
  return { apiId, stage: segment || '$default' };
}

/** The shell's variables over those of `.env`, as the stack is deployed with them. */
function ambientSettings(): Environment {
  const file = existsSync(DOTENV_FILE) ? parse(readFileSync(DOTENV_FILE, 'utf8')) : {};
  return { ...file, ...process.env };
}

function stackName(): string {
  const { settings, problems } = readStackSettings(ambientSettings());
  const problem = problems.find((text) => text.startsWith('ROLLCALL_STACK_NAME'));
  if (problem === undefined) return settings.ROLLCALL_STACK_NAME;
  throw usageError('stack_name_invalid', problem, 'Fix it, or name the stack with --stack');
}
