/** The options that select the deployment, and which of them can be combined. */
import { usageError } from './errors.ts';

/** The options that every command has. */
export interface WhereOptions {
  readonly local?: true;
  readonly localState?: string;
  readonly stack?: string;
  readonly function?: string;
  readonly usersTable?: string;
  readonly revokedTable?: string;
  readonly region?: string;
  readonly profile?: string;
}

type TargetOption = Exclude<keyof WhereOptions, 'region' | 'profile'>;

const FLAGS: Readonly<Record<TargetOption, string>> = {
  local: '--local',
  localState: '--local-state',
  stack: '--stack',
  function: '--function',
  usersTable: '--users-table',
  revokedTable: '--revoked-table',
};

/** Each entry selects a deployment; options of one entry can be combined. */
const TARGETS: readonly (readonly TargetOption[])[] = [
  ['local', 'localState'],
  ['stack'],
  ['function'],
];

/** Replace the deployed tables of a stack or a function; not for the local stack. */
const TABLES: readonly TargetOption[] = ['usersTable', 'revokedTable'];

/**
 * Rejects options that select two deployments: one of them would be ignored silently.
 *
 * @throws CliError that names the two options
 */
export function requireOneTarget(options: WhereOptions): void {
  const isGiven = (name: TargetOption) => options[name] !== undefined;
  const targets = TARGETS.flatMap((target) => target.find(isGiven) ?? []);
  const otherTable = TABLES.find(isGiven);
  const isLocal = targets[0] === 'local' || targets[0] === 'localState';
  const [first, second] = isLocal && otherTable !== undefined ? [...targets, otherTable] : targets;
  if (first !== undefined && second !== undefined) {
    throw usageError(
      'targets_conflict',
      `${FLAGS[first]} and ${FLAGS[second]} select two deployments`,
      'Omit one of them',
    );
  }
  if (first === undefined && otherTable === 'revokedTable') {
    throw usageError(
      'target_incomplete',
      '--revoked-table needs --users-table, --stack or --function',
      'Add one of them, or omit --revoked-table',
    );
  }
}
