/** The options that say where: which of them go together. */
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

/** Each names a deployment; those that stand together may be given together. */
const TARGETS: readonly (readonly TargetOption[])[] = [
  ['local', 'localState'],
  ['stack'],
  ['function'],
];

/** Other tables than the deployed ones: beside a stack or a function, and not the local stack. */
const TABLES: readonly TargetOption[] = ['usersTable', 'revokedTable'];

/**
 * One of two deployments would be left aside in silence, and may be the one that was meant.
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
      `${FLAGS[first]} and ${FLAGS[second]} name two deployments`,
      'Leave one of them out',
    );
  }
  if (first === undefined && otherTable === 'revokedTable') {
    throw usageError(
      'target_incomplete',
      '--revoked-table stands beside --users-table, --stack or --function',
      'Name one of them as well, or leave it out',
    );
  }
}
