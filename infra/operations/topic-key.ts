/**
 * Checks whether CloudWatch can publish alarms to an encrypted topic. Without a statement in the key
 * policy it fails silently: no message, no error.
 */
import type { CfnResource } from 'aws-cdk-lib';
import type { ITopic } from 'aws-cdk-lib/aws-sns';
import { finalResource, referenced, resourceOf } from '../final-template.ts';

/** The statement that the policy of the topic's key needs. */
export const KEY_POLICY_STATEMENT = JSON.stringify({
  Effect: 'Allow',
  Principal: { Service: 'cloudwatch.amazonaws.com' },
  Action: ['kms:Decrypt', 'kms:GenerateDataKey*'],
  Resource: '*',
});

const NEEDED = ['kms:Decrypt', 'kms:GenerateDataKey'];

interface Statement {
  readonly Effect?: unknown;
  readonly Principal?: unknown;
  readonly Action?: unknown;
}

interface Topic {
  readonly KmsMasterKeyId?: unknown;
}

/**
 * Why alarms may not reach a topic of this app; undefined if they do. Imported topics are not
 * checked. Call it after Aspects have run.
 */
export function topicKeyFlaw(topic: ITopic): string | undefined {
  const resource = resourceOf(topic);
  if (resource === undefined) return undefined;
  const { KmsMasterKeyId: id } = finalResource(resource).properties as Topic;
  if (id === undefined) return undefined;
  if (/alias\/aws\/sns"/u.test(JSON.stringify(id))) {
    return 'is encrypted with the key alias/aws/sns, which CloudWatch cannot be allowed to use: encrypt it with a customer managed key';
  }
  const key = keyOf(topic, resource);
  if (key === undefined) return 'is encrypted with a key whose policy is not defined in this app';
  return allowsCloudWatch(key)
    ? undefined
    : 'is encrypted with a customer managed key whose policy does not let CloudWatch use it';
}

function keyOf(topic: ITopic, resource: CfnResource): CfnResource | undefined {
  const { kmsMasterKeyId } = resource as CfnResource & { readonly kmsMasterKeyId?: string };
  const key = topic.masterKey ?? referenced(kmsMasterKeyId);
  return key === undefined ? undefined : resourceOf(key);
}

function allowsCloudWatch(key: CfnResource): boolean {
  const { KeyPolicy } = finalResource(key).properties as {
    readonly KeyPolicy?: { readonly Statement?: unknown };
  };
  const actions = listOf(KeyPolicy?.Statement)
    .map((statement) => statement as Statement)
    .filter(({ Effect, Principal }) => Effect === 'Allow' && includesCloudWatch(Principal))
    .flatMap(({ Action }) => listOf(Action));
  return NEEDED.every((needed) => actions.some((action) => covers(String(action), needed)));
}

function includesCloudWatch(principal: unknown): boolean {
  if (principal === '*') return true;
  const { Service, AWS } = (principal ?? {}) as { Service?: unknown; AWS?: unknown };
  return listOf(Service).includes('cloudwatch.amazonaws.com') || listOf(AWS).includes('*');
}

/** `kms:*` and `kms:GenerateDataKey*` cover `kms:GenerateDataKey`. */
function covers(action: string, needed: string): boolean {
  return action.endsWith('*') ? needed.startsWith(action.slice(0, -1)) : action === needed;
}

function listOf(value: unknown): readonly unknown[] {
  if (value === undefined) return [];
  return Array.isArray(value) ? value : [value];
}
