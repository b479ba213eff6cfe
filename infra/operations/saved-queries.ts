/** Saved CloudWatch Logs Insights queries for the log of one function. */
import { Aws, CfnCondition, Fn, type CfnResource } from 'aws-cdk-lib';
import { QueryDefinition, QueryString, type ILogGroup } from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';

/** Made a line at a time: one `fields`, one `filter`, and so on. */
const QUERIES = {
  'Rejected by strict mode': {
    fields: ['@timestamp', 'user_id', 'issuer', 'source_ip', 'api_id', 'request_id'],
    filterStatements: ['security_event = "user_not_in_db_rejected"'],
    sort: '@timestamp desc',
    limit: 200,
  },
  'Bootstrap entries': {
    fields: ['@timestamp', 'user_id', 'issuer', 'jti', 'source_ip', 'api_id', 'request_id'],
    filterStatements: ['security_event = "platform_admin_bootstrap"'],
    sort: '@timestamp desc',
    limit: 200,
  },
  'Denials by reason': {
    filterStatements: ['outcome in ["unauthenticated", "forbidden"]'],
    statsStatements: ['count(*) as denials, count_distinct(user_id) as users by reason'],
    sort: 'denials desc',
  },
  'Could not be checked': {
    filterStatements: ['outcome = "unavailable"'],
    statsStatements: ['count(*) as requests by reason, cause, attribute, bin(5m)'],
  },
} as const;

/** Where CloudFormation is known to have saved queries. */
const PARTITIONS = ['aws', 'aws-cn', 'aws-us-gov'];

export class SavedQueries extends Construct {
  constructor(scope: Construct, id: string, logGroup: ILogGroup) {
    super(scope, id);
    // A type of resource that is unknown where the stack goes fails the whole deployment, and
    // these are a convenience.
    const areKnown = new CfnCondition(this, 'AreKnown', {
      expression: Fn.conditionOr(
        ...PARTITIONS.map((partition) => Fn.conditionEquals(Aws.PARTITION, partition)),
      ),
    });
    for (const [name, query] of Object.entries(QUERIES)) {
      const definition = new QueryDefinition(this, name.replaceAll(' ', ''), {
        // A slash makes a folder in the console.
        queryDefinitionName: `${scope.node.path}/${name}`,
        queryString: new QueryString(mutable(query)),
        logGroups: [logGroup],
      });
      (definition.node.defaultChild as CfnResource).cfnOptions.condition = areKnown;
    }
  }
}

/** The library's props want arrays that could be written to. */
function mutable<T>(query: T): {
  -readonly [K in keyof T]: T[K] extends readonly string[] ? string[] : T[K];
} {
  return structuredClone(query) as never;
}
