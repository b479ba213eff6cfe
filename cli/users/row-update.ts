/**
 * The changes to a row, and their update expression. All other attributes stay unchanged, unknown
 * ones included.
 */
import { isDeepStrictEqual } from 'node:util';

/** An item of the users table. */
export type Item = Readonly<Record<string, unknown>>;

export interface RowChanges {
  readonly set: Item;
  /** Names of attributes to remove. */
  readonly remove: readonly string[];
}

/** The part of an `UpdateCommand` that says what changes. */
export interface UpdateParts {
  readonly UpdateExpression: string;
  readonly ExpressionAttributeNames: Record<string, string>;
  readonly ExpressionAttributeValues?: Record<string, unknown>;
  /** Empty without `seen`. */
  readonly unchanged: readonly string[];
}

/**
 * @param changes at least one
 * @param seen the row that they were decided on: `unchanged` are then the conditions under which the
 *   attributes that change are still as they were
 * @param stamp attributes that are set in any case
 */
export function updateParts(
  { set, remove }: RowChanges,
  seen?: Item,
  stamp: Item = {},
): UpdateParts {
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
  const unchanged: string[] = [];
  const noteSeen = (name: string, attribute: string) => {
    if (seen !== undefined) unchanged.push(...sameAs(name, seen[attribute], valueOf));
  };
  const assignments = Object.entries(set).map(([attribute, value]) => {
    const name = nameOf(attribute);
    noteSeen(name, attribute);
    return `${name} = ${valueOf(value)}`;
  });
  const removals = remove.map((attribute) => {
    const name = nameOf(attribute);
    noteSeen(name, attribute);
    return name;
  });
  for (const [attribute, value] of Object.entries(stamp)) {
    assignments.push(`${nameOf(attribute)} = ${valueOf(value)}`);
  }
  return {
    UpdateExpression: [
      ...(assignments.length > 0 ? [`SET ${assignments.join(', ')}`] : []),
      ...(removals.length > 0 ? [`REMOVE ${removals.join(', ')}`] : []),
    ].join(' '),
    ExpressionAttributeNames: names,
    // DynamoDB rejects an empty map of values.
    ...(Object.keys(values).length > 0 && { ExpressionAttributeValues: values }),
    unchanged,
  };
}

/** More roles than anybody has, and fewer operators than DynamoDB takes in one expression. */
const MAX_COMPARED_ELEMENTS = 100;

/** The conditions under which the attribute `name` still is `value`. */
function sameAs(
  name: string,
  value: unknown,
  valueOf: (value: unknown) => string,
): readonly string[] {
  if (value === undefined) return [`attribute_not_exists(${name})`];
  if (!Array.isArray(value)) return [`${name} = ${valueOf(value)}`];
  // Element by element: the embedded table of the local stack does not compare lists.
  return [
    `size(${name}) = ${valueOf(value.length)}`,
    ...value
      .slice(0, MAX_COMPARED_ELEMENTS)
      .map((element, index) => `${name}[${index}] = ${valueOf(element)}`),
  ];
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
