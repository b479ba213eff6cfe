/** The two tables: who is on the list, and which tokens have been revoked. */
import { RemovalPolicy } from 'aws-cdk-lib';
import { AttributeType, TableEncryptionV2, TableV2, type ITableV2 } from 'aws-cdk-lib/aws-dynamodb';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import { Construct } from 'constructs';
import { EXPIRES_AT, TOKEN_ID } from '../lambda/users/revocation-item.ts';

/** What the two tables have in common. */
export interface DurableTableProps {
  /**
   * A throwaway table: deleted with its stack, without point-in-time recovery and deletion
   * protection. For trials; whoever is on the list is lost with it.
   * @default false
   */
  readonly ephemeral?: boolean;
  /**
   * Key of the customer's that encrypts the table; the stack must name its own Region then. Not
   * together with `replicaRegions`, each of which needs a key of its own: make such a table with
   * `TableV2` and pass it to the authorizer.
   * @default - a key that DynamoDB owns
   */
  readonly encryptionKey?: IKey;
  /**
   * Regions that hold a replica; the stack must name its own Region then. A strongly consistent
   * read sees what was written in its own Region: a row or a revocation that is written in
   * another one arrives within about a second (DynamoDB global tables, MREC), and decides there
   * from then on.
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

/** The list of users. On demand, kept, recoverable and protected unless `ephemeral`. */
export class UsersTable extends Construct {
  readonly table: ITableV2;

  constructor(scope: Construct, id: string, props: UsersTableProps = {}) {
    super(scope, id);
    this.table = durableTable(this, props.partitionKey ?? 'user_id', props);
  }
}

/** The revoked tokens, by `<iss>#<jti>`; DynamoDB collects them some time after `expires_at`. */
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
