/** The two tables: users, and revoked tokens. */
import { RemovalPolicy } from 'aws-cdk-lib';
import { AttributeType, TableEncryptionV2, TableV2, type ITableV2 } from 'aws-cdk-lib/aws-dynamodb';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import { Construct } from 'constructs';
import { EXPIRES_AT, TOKEN_ID } from '../lambda/users/revocation-item.ts';

/** What the two tables have in common. */
export interface DurableTableProps {
  /**
   * Deletes the table, and the users in it, with the stack. The table has no point-in-time recovery
   * and no deletion protection. For trials only.
   * @default false
   */
  readonly ephemeral?: boolean;
  /**
   * Customer managed key of the table. The stack must then have an explicit Region. It cannot be
   * combined with `replicaRegions`, because each replica needs its own key: create such a table with
   * `TableV2` and pass it to the authorizer.
   * @default - a key that DynamoDB owns
   */
  readonly encryptionKey?: IKey;
  /**
   * Regions that hold a replica. The stack must then have an explicit Region. A strongly consistent
   * read sees the writes of its own Region. A write in another Region arrives within about a second
   * (DynamoDB global tables, MREC) and takes effect then.
   * @default - none
   */
  readonly replicaRegions?: readonly string[];
}

export interface UsersTableProps extends DurableTableProps {
  /**
   * Partition key attribute, a string.
   * @default 'user_id'
   */
  readonly partitionKey?: string;
}

/**
 * The users table, billed on demand. Unless `ephemeral`, it is retained and has point-in-time
 * recovery and deletion protection.
 */
export class UsersTable extends Construct {
  readonly table: ITableV2;

  constructor(scope: Construct, id: string, props: UsersTableProps = {}) {
    super(scope, id);
    this.table = durableTable(this, props.partitionKey ?? 'user_id', props);
  }
}

/** The revoked tokens, by `<iss>#<jti>`. DynamoDB deletes them some time after `expires_at`. */
export class RevokedTokensTable extends Construct {
  readonly table: ITableV2;

  constructor(scope: Construct, id: string, props: DurableTableProps = {}) {
    super(scope, id);
    this.table = durableTable(this, TOKEN_ID, props, EXPIRES_AT);
  }
}

function durableTable(
  scope: Construct,
  partitionKey: string,
  { ephemeral = false, encryptionKey, replicaRegions = [] }: DurableTableProps,
  timeToLiveAttribute?: string,
): ITableV2 {
  const durability = {
    deletionProtection: !ephemeral,
    pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: !ephemeral },
  };
  const table = new TableV2(scope, 'Table', {
    partitionKey: { name: partitionKey, type: AttributeType.STRING },
    removalPolicy: ephemeral ? RemovalPolicy.DESTROY : RemovalPolicy.RETAIN,
    ...durability,
    encryption:
      encryptionKey === undefined
        ? TableEncryptionV2.dynamoOwnedKey()
        : TableEncryptionV2.customerManagedKey(encryptionKey),
    ...(timeToLiveAttribute !== undefined && { timeToLiveAttribute }),
    ...(replicaRegions.length > 0 && {
      replicas: replicaRegions.map((region) => ({ region, ...durability })),
    }),
  });
  // The class writes an optional member as `| undefined`, which is not quite its own interface.
  return table as ITableV2;
}
