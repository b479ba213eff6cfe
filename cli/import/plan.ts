/**
 * Plans what each line of an import does to the table. Each line must make a row that the function
 * can use, and no two lines may name the same user.
 */
import type { Deployment } from '../deployment.ts';
import { flawOfNewId } from '../user-keys.ts';
import type { PlannedRow, RowOutcome } from '../users/bulk-write.ts';
import { ROW_DEFAULTS, toItem } from '../users/record.ts';
import { changedItem, makesDifference, type Item, type RowChanges } from '../users/row-update.ts';
import type { UserStore } from '../users/store.ts';
import type { Survey } from '../users/survey.ts';
import type { RecordLine } from './user-lines.ts';

export interface BadLine {
  readonly line: number;
  readonly problem: string;
}

/** One line that makes a row. */
export interface ImportItem {
  readonly line: number;
  readonly key: string;
  /** The row, where there is none yet. */
  readonly item: Item;
  /** What changes in a row that exists. */
  readonly changes: RowChanges;
}

export interface Judgement {
  readonly items: readonly ImportItem[];
  readonly badLines: readonly BadLine[];
}

export function judgeLines(
  lines: Iterable<RecordLine>,
  { usersTable, rules }: Pick<Deployment, 'usersTable' | 'rules'>,
): Judgement {
  const items = new Map<string, ImportItem>();
  const badLines: BadLine[] = [];
  for (const entry of lines) {
    const { line } = entry;
    if ('problem' in entry) {
      badLines.push(entry);
      continue;
    }
    const made = toItem(entry.record, usersTable, rules, { isExact: true });
    if (!made.ok) {
      badLines.push({ line, problem: made.problem });
      continue;
    }
    const { key, item, changes } = made;
    const earlier = items.get(key);
    if (earlier === undefined) items.set(key, { line, key, item, changes });
    else badLines.push({ line, problem: `repeats the user of line ${earlier.line}` });
  }
  return { items: [...items.values()], badLines };
}

/** Lines that would add a user whose id has invisible characters. */
export function badNewIds(items: readonly ImportItem[], { rows }: Survey): readonly BadLine[] {
  return items.flatMap(({ line, key }) => {
    const problem = rows.has(key) ? undefined : flawOfNewId(key);
    return problem === undefined ? [] : [{ line, problem }];
  });
}

/** Whether lines change rows that exist, and whether they add those that do not. */
export interface ImportMode {
  readonly update: boolean;
  readonly add: boolean;
}

export function planImport(
  items: readonly ImportItem[],
  { rows }: Survey,
  store: UserStore,
  { update, add }: ImportMode,
): readonly PlannedRow[] {
  return items.map(({ key, item, changes }): PlannedRow => {
    const before = rows.get(key);
    if (before === undefined) {
      return add
        ? { key, before, after: item, write: () => addRow(store, key, item, changes, update) }
        : { key, before, after: undefined };
    }
    const complete = withDefaults(changes, before);
    if (!update || !makesDifference(before, complete)) return { key, before, after: before };
    const write = () => store.changeSeen(key, complete, before);
    return { key, before, after: changedItem(before, complete), write };
  });
}

/** A row that another write adds in the meantime stays unchanged, or with `update` is changed too. */
async function addRow(
  store: UserStore,
  key: string,
  item: Item,
  changes: RowChanges,
  update: boolean,
): Promise<RowOutcome> {
  if ((await store.add(item)) !== undefined) return 'added';
  const appeared = update ? await store.get(key) : undefined;
  if (appeared === undefined) return 'left_alone';
  const complete = withDefaults(changes, appeared);
  if (!makesDifference(appeared, complete)) return 'left_alone';
  return store.changeSeen(key, complete, appeared);
}

/** `is_active` and `is_admin` are written out where a row lacks them. */
function withDefaults({ set, remove }: RowChanges, row: Item): RowChanges {
  const lacking = Object.entries(ROW_DEFAULTS).filter(([name]) => !(name in row));
  return { set: { ...Object.fromEntries(lacking), ...set }, remove };
}
