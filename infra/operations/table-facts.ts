/**
 * Facts about a table at synthesis: its durability, its key, and its Region. Call these functions
 * after Aspects have run.
 */
import { Stack, Token, TokenComparison } from 'aws-cdk-lib';
import type { ITable } from 'aws-cdk-lib/aws-dynamodb';
import type { IConstruct } from 'constructs';
import { finalResource, resourceOf } from '../final-template.ts';

/** A table that the function reads. */
export interface ReadTable {
  /** As in "the users table". */
  readonly name: string;
  readonly table: ITable;
  /** The attribute that is looked up. */
  readonly key: string;
}

interface Properties {
  readonly KeySchema?: unknown;
  readonly AttributeDefinitions?: unknown;
  readonly Replicas?: unknown;
  readonly PointInTimeRecoverySpecification?: { readonly PointInTimeRecoveryEnabled?: unknown };
  readonly DeletionProtectionEnabled?: unknown;
}

const KEPT: ReadonlySet<unknown> = new Set(['Retain', 'RetainExceptOnCreate']);

/**
 * Why a table of this app may be lost; empty if it is durable. `undefined` for an imported table,
 * whose durability is not known.
 */
export function durabilityFlaws(table: ITable): readonly string[] | undefined {
  const resource = resourceOf(table);
  if (resource === undefined) return undefined;
  const { deletionPolicy, properties } = finalResource(resource);
  const { Replicas } = properties as Properties;
  const replicas = (Array.isArray(Replicas) ? Replicas : [properties]) as readonly Properties[];
  return [
    ...(KEPT.has(deletionPolicy) ? [] : ['it is deleted with the stack']),
    ...lacking(
      'point-in-time recovery',
      replicas.map((one) => one.PointInTimeRecoverySpecification?.PointInTimeRecoveryEnabled),
    ),
    ...lacking(
      'deletion protection',
      replicas.map((one) => one.DeletionProtectionEnabled),
    ),
  ];
}

/** A value that only the deployment knows is not a yes. */
function lacking(what: string, enabled: readonly unknown[]): readonly string[] {
  if (enabled.every((value) => value === true || value === 'true')) return [];
  const isUnknown = enabled.every((value) => value !== undefined && value !== false);
  return isUnknown ? [`its ${what} is known only at deployment`] : [`it has no ${what}`];
}

/** How the key of a table of this app differs from one string attribute `key`; empty if it does not. */
export function keyFlaws({ table, key }: Pick<ReadTable, 'table' | 'key'>): readonly string[] {
  const resource = resourceOf(table);
  if (resource === undefined) return [];
  const { KeySchema, AttributeDefinitions } = finalResource(resource).properties as Properties;
  if (!Array.isArray(KeySchema) || !Array.isArray(AttributeDefinitions)) return [];
  const named = (type: string): string | undefined =>
    (KeySchema as readonly { AttributeName?: string; KeyType?: string }[]).find(
      ({ KeyType }) => KeyType === type,
    )?.AttributeName;
  const partition = named('HASH');
  const sort = named('RANGE');
  const type = (
    AttributeDefinitions as readonly { AttributeName?: string; AttributeType?: string }[]
  ).find(({ AttributeName }) => AttributeName === partition)?.AttributeType;
  return [
    ...(partition === key ? [] : [`its partition key is ${partition}`]),
    ...(type === 'S' ? [] : [`its partition key is of type ${type}`]),
    ...(sort === undefined ? [] : [`it has the sort key ${sort}`]),
  ];
}

/** The Region of a table, where it is known to be another one than the Region of `scope`. */
export function otherRegion(scope: IConstruct, table: ITable): string | undefined {
  const { region } = placeOf(scope, table);
  if (region === undefined) return undefined;
  const comparison = Token.compareStrings(region, Stack.of(scope).region);
  return comparison === TokenComparison.DIFFERENT ? region : undefined;
}

/**
 * The name of a table in the account and Region of `scope`, otherwise its ARN. DynamoDB looks for a
 * name in the caller's account, so a table that may be elsewhere is named by its ARN.
 */
export function nameOrArn(scope: IConstruct, table: ITable): string {
  const here = Stack.of(scope);
  const { account, region } = placeOf(scope, table);
  const isHere = (value: string | undefined, ours: string): boolean =>
    value !== undefined &&
    [TokenComparison.SAME, TokenComparison.BOTH_UNRESOLVED].includes(
      Token.compareStrings(value, ours),
    );
  return isHere(account, here.account) && isHere(region, here.region)
    ? table.tableName
    : table.tableArn;
}

interface Place {
  readonly account: string | undefined;
  readonly region: string | undefined;
}

/** Where a table is, as far as can be seen; undefined for what only the deployment knows. */
function placeOf(scope: IConstruct, table: ITable): Place {
  const here = Stack.of(scope);
  const parts = arnParts(here.resolve(table.tableArn));
  if (parts !== undefined) {
    return { region: known(parts[3], here.region), account: known(parts[4], here.account) };
  }
  // The ARN as a whole is a token: an attribute of a table of this app, or a value of an import.
  return resourceOf(table) === undefined ? { account: undefined, region: undefined } : table.env;
}

/** A part of an ARN: text, or the pseudo parameter that stands for the stack's own. */
type Part = string | { readonly Ref?: string };

function known(part: Part | undefined, ours: string): string | undefined {
  if (typeof part === 'string') return part;
  return part?.Ref === 'AWS::Region' || part?.Ref === 'AWS::AccountId' ? ours : undefined;
}

/** The parts of a resolved ARN between its colons, if it has that form. */
function arnParts(arn: unknown): readonly Part[] | undefined {
  if (typeof arn === 'string') return arn.split(':');
  const [delimiter, pieces] =
    (arn as { readonly 'Fn::Join'?: readonly [string, readonly Part[]] })['Fn::Join'] ?? [];
  if (delimiter !== '' || !Array.isArray(pieces)) return undefined;
  const parts: Part[] = [''];
  for (const piece of pieces as readonly Part[]) {
    if (typeof piece !== 'string') {
      parts[parts.length - 1] = piece;
      continue;
    }
    const [first = '', ...others] = piece.split(':');
    if (first !== '') parts[parts.length - 1] = first;
    parts.push(...others);
  }
  return parts;
}
