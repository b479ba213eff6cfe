/**
 * Findings of cdk-nag that do not apply here, each recorded beside its resource with the reason.
 */
import { Validations } from 'aws-cdk-lib';
import type { IConstruct } from 'constructs';

/**
 * Where cdk-nag looks. `undefined` in the oldest aws-cdk-lib that is supported, which has none; the
 * type, which is of a later release, cannot say so.
 */
const METADATA_KEY = (Validations as typeof Validations | undefined)
  ?.ACKNOWLEDGED_RULES_METADATA_KEY;

/**
 * Records that the rule `id` does not apply to `construct`. As `Validations.acknowledge`, which
 * rejects an id with `::` in its brackets in some of the releases that are supported.
 */
export function acknowledge(construct: IConstruct, id: `AwsSolutions-${string}`, reason: string) {
  if (METADATA_KEY === undefined) return;
  construct.node.addMetadata(METADATA_KEY, { [`AwsSolutions::${id}`]: reason });
}

/** The rules of the packs for regulated accounts that do not apply here, and the packs that have them. */
const REGULATED = {
  APIGWAssociatedWithWAF: ['NIST.800.53.R5', 'PCI.DSS.321'],
  APIGWCacheEnabledAndEncrypted: ['HIPAA.Security', 'NIST.800.53.R5', 'PCI.DSS.321'],
  APIGWSSLEnabled: ['HIPAA.Security', 'NIST.800.53.R5', 'PCI.DSS.321'],
  IAMNoInlinePolicy: ['HIPAA.Security', 'NIST.800.53.R5', 'PCI.DSS.321'],
  LambdaConcurrency: ['HIPAA.Security', 'NIST.800.53.R5'],
  LambdaDLQ: ['HIPAA.Security', 'NIST.800.53.R5', 'Serverless'],
  LambdaInsideVPC: ['HIPAA.Security', 'NIST.800.53.R5', 'PCI.DSS.321'],
} as const;

/** As `acknowledge`, for a rule of the packs for regulated accounts. */
export function acknowledgeRegulated(
  construct: IConstruct,
  rule: keyof typeof REGULATED,
  reason: string,
): void {
  if (METADATA_KEY === undefined) return;
  for (const pack of REGULATED[rule]) {
    construct.node.addMetadata(METADATA_KEY, { [`${pack}::${pack}-${rule}`]: reason });
  }
}

/** What holds of every function that API Gateway calls, with a policy of its own on its role. */
export function acknowledgeFunction(construct: IConstruct): void {
  acknowledgeRegulated(
    construct,
    'LambdaDLQ',
    'API Gateway waits for every answer; a dead-letter queue is for asynchronous invocations.',
  );
  acknowledgeRegulated(
    construct,
    'IAMNoInlinePolicy',
    'The policy names the resources of this one function, and is made and deleted with its role.',
  );
}
