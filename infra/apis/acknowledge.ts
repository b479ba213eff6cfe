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
