/**
 * What is to change in a row, and the update expression that changes just that: every attribute
 * that is not named stays as it is, one that is not ours included.
 */
import { isDeepStrictEqual } from 'node:util';

/** An item of the users table. */
export type Item = Readonly<Record<string, unknown>>;

export interface RowChanges {
  readonly set: Item;
  /** Names of attributes to take away. */
  readonly remove: readonly string[];
}

/** What is to be written under one key. */
export interface RowWrite {
  readonly key: string;
  /** The row, where there is none yet. */
  readonly item: Item;
  /** What changes in a row that exists. */
  readonly changes: RowChanges;
}

/** The part of an `UpdateCommand` that says what changes. */
export interface UpdateParts {
  readonly UpdateExpression: string;
  readonly ExpressionAttributeNames: Record<string, string>;
  readonly ExpressionAttributeValues?: Record<string, unknown>;
}

/**
 * Attributes of `defaults` are set where the row has none, and only if `changes` do not name them.
 * `changes` and `defaults` may not both be empty.
 */
export function updateParts({ set, remove }: RowChanges, defaults: Item = {}): UpdateParts {
  const names: Record<string, string> = {};
  const values: Record<string, unknown> = {};
  const nameOf = (attribute: string) => {
    const placeholder = `#a${Object.keys(names).length}`;
    names[placeholder] = attribute;
    return placeholder;
  };
  const valueOf = (value: unknown) => {
    const placeholder = `:v${Object.keys(values).length}`;
    values[placeholder] = value;
    return placeholder;
  };
  const assignments = Object.entries(set).map(
    ([attribute, value]) => `${nameOf(attribute)} = ${valueOf(value)}`,
  );
  for (const [attribute, value] of Object.entries(defaults)) {
    if (attribute in set || remove.includes(attribute)) continue;
    const name = nameOf(attribute);
    assignments.push(`${name} = if_not_exists(${name}, ${valueOf(value)})`);
  }
  const removals = remove.map((attribute) => nameOf(attribute));
  return {
    UpdateExpression: [
      ...(assignments.length > 0 ? [`SET ${assignments.join(', ')}`] : []),
      ...(removals.length > 0 ? [`REMOVE ${removals.join(', ')}`] : []),
    ].join(' '),
    ExpressionAttributeNames: names,
    // DynamoDB refuses an empty map of values.
    ...(assignments.length > 0 && { ExpressionAttributeValues: values }),
  };
}

/** The item that `changes` make of `item`. */
export function changedItem(item: Item, { set, remove }: RowChanges): Item {
  const kept = Object.entries(item).filter(([attribute]) => !remove.includes(attribute));
  return { ...Object.fromEntries(kept), ...set };
}

/** Whether `changes` make a difference to `item`. A set of roles and a list of them are alike. */
export function makesDifference(item: Item, { set, remove }: RowChanges): boolean {
  return (
    remove.some((attribute) => attribute in item) ||
    Object.entries(set).some(
      ([attribute, value]) => !isDeepStrictEqual(list(item[attribute]), value),
    )
  );
}

function list(value: unknown): unknown {
  return value instanceof Set ? [...value] : value;
}
