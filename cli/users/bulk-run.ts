/** The steps of every command that writes many rows: check the plan, confirm, write, flush. */
import { confirm } from '../confirmation.ts';
import type { Deployment } from '../deployment.ts';
import type { CliError } from '../errors.ts';
import { preparePostWrite, type PostWrite } from '../post-write.ts';
import { counted } from '../output.ts';
import {
  activeAdminsAfter,
  tallyOf,
  writeRows,
  type BulkOptions,
  type PlannedRow,
  type Tally,
} from './bulk-write.ts';
import { guardActiveAdmins } from './guards.ts';
import type { Survey } from './survey.ts';

export interface BulkFlags {
  readonly dryRun?: true;
  readonly force?: true;
  readonly flush?: true;
  readonly yes?: true;
}

export interface BulkJob extends BulkOptions {
  readonly plan: readonly PlannedRow[];
  readonly survey: Survey;
  readonly deployment: Deployment;
  readonly flags: BulkFlags;
  /** Asked on a terminal; undefined where nothing would be written. */
  readonly question: string;
  readonly withoutTerminal: 'refuse' | 'go on';
  /** Why nothing may be written; a dry run reports it with its plan. */
  readonly obstacle: CliError | undefined;
}

export interface BulkResult {
  readonly tally: Tally;
  /** After the write, or with a dry run as expected. */
  readonly activeAdmins: number;
  readonly postWrite: PostWrite;
  /** Why it ended early; `tally` holds what was written before. */
  readonly stopped: CliError | undefined;
}

/** @throws CliError when nothing was written */
export async function runBulk(job: BulkJob): Promise<BulkResult> {
  const { plan, survey, deployment, flags, question, withoutTerminal, obstacle } = job;
  if (obstacle !== undefined && flags.dryRun !== true) throw obstacle;
  const activeAdmins = activeAdminsAfter(plan, survey);
  if (flags.force !== true) guardActiveAdmins(survey, activeAdmins, deployment);
  const postWrite = await preparePostWrite(flags, deployment, {});
  const writesNothing = plan.every(({ write }) => write === undefined);
  if (flags.dryRun === true || writesNothing) {
    const nothing = { tally: tallyOf(plan), activeAdmins, stopped: obstacle };
    return { ...nothing, postWrite: await postWrite() };
  }
  await confirm({ question, yes: flags.yes === true, withoutTerminal });
  const { tally, stopped } = await writeRows(plan, job);
  return { tally, activeAdmins, stopped, postWrite: await postWrite() };
}

/** `3 active admins remain.` */
export function adminsLine(count: number, { dryRun }: BulkFlags): string {
  const remain = dryRun === true ? 'would remain' : count === 1 ? 'remains' : 'remain';
  return `${counted(count, 'active admin')} ${remain}.`;
}
