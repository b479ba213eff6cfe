import { Stack } from 'aws-cdk-lib';
import { PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Alias, CfnKey, Key, type IKey } from 'aws-cdk-lib/aws-kms';
import { Topic, type CfnTopic } from 'aws-cdk-lib/aws-sns';
import { KEY_POLICY_STATEMENT, topicKeyFlaw } from '../../../infra/operations/topic-key.ts';
import { construct, messagesOf, testApp } from '../support/synth.ts';

const ID = 'rollcall:alarms.topicKey';
const theirs = (): Stack => new Stack(testApp(), 'Theirs');
const topicWith = (stack: Stack, masterKey?: IKey): Topic =>
  new Topic(stack, 'Alarms', masterKey === undefined ? {} : { masterKey });

it('has nothing to say of a topic without a key', () => {
  expect(topicKeyFlaw(topicWith(theirs()))).toBeUndefined();
});

it('cannot judge a topic of another app', () => {
  const topic = Topic.fromTopicArn(theirs(), 'T', 'arn:aws:sns:eu-west-1:111122223333:alarms');
  expect(topicKeyFlaw(topic)).toBeUndefined();
});

it('finds a key that CloudWatch may not use', () => {
  const stack = theirs();
  expect(topicKeyFlaw(topicWith(stack, new Key(stack, 'Key')))).toMatch(/customer managed key/u);
});

it('is content with the statement that it asks for', () => {
  const stack = theirs();
  const key = new Key(stack, 'Key');
  key.addToResourcePolicy(PolicyStatement.fromJson(JSON.parse(KEY_POLICY_STATEMENT)));
  expect(topicKeyFlaw(topicWith(stack, key))).toBeUndefined();
});

it('is content with a grant, through an alias too', () => {
  const stack = theirs();
  const key = new Key(stack, 'Key');
  key.grantEncryptDecrypt(new ServicePrincipal('cloudwatch.amazonaws.com'));
  expect(topicKeyFlaw(topicWith(stack, key))).toBeUndefined();
});

it.each([
  ['Decrypt alone', ['kms:Decrypt'], false],
  ['data keys alone', ['kms:GenerateDataKey*'], false],
  ['every action', ['kms:*'], true],
])('of a policy that allows %s says the same as KMS', (_, actions, isEnough) => {
  const stack = theirs();
  const key = new Key(stack, 'Key');
  const principals = [new ServicePrincipal('cloudwatch.amazonaws.com')];
  key.addToResourcePolicy(new PolicyStatement({ actions, principals, resources: ['*'] }));
  expect(topicKeyFlaw(topicWith(stack, key)) === undefined).toBe(isEnough);
});

it('does not take another service for CloudWatch', () => {
  const stack = theirs();
  const key = new Key(stack, 'Key');
  key.grantEncryptDecrypt(new ServicePrincipal('events.amazonaws.com'));
  expect(topicKeyFlaw(topicWith(stack, key))).toBeDefined();
});

it('sees a key that an escape hatch set, and its policy', () => {
  const stack = theirs();
  const topic = topicWith(stack);
  const key = new CfnKey(stack, 'Key', { keyPolicy: { Statement: [] } });
  (topic.node.defaultChild as CfnTopic).kmsMasterKeyId = key.ref;
  expect(topicKeyFlaw(topic)).toMatch(/does not let CloudWatch/u);
  key.keyPolicy = { Statement: [JSON.parse(KEY_POLICY_STATEMENT) as object] };
  expect(topicKeyFlaw(topic)).toBeUndefined();
});

it("knows that AWS's own key for topics cannot be opened", () => {
  const stack = theirs();
  const key = Alias.fromAliasName(stack, 'Key', 'alias/aws/sns');
  expect(topicKeyFlaw(topicWith(stack, key))).toMatch(/alias\/aws\/sns/u);
});

it('says so of a key whose policy it cannot see', () => {
  const stack = theirs();
  const key = Key.fromKeyArn(stack, 'Key', 'arn:aws:kms:eu-west-1:111122223333:key/k-1');
  expect(topicKeyFlaw(topicWith(stack, key))).toMatch(/not defined in this app/u);
});

it.each([
  [true, [ID]],
  [false, []],
])('warns at synth when a key is there and shut (%s)', (isShut, ids) => {
  const stack = theirs();
  const key = new Key(stack, 'Key');
  construct({ alarmTopic: topicWith(stack, key) }, stack);
  // After the construct: what counts is the policy that deploys.
  if (!isShut) key.grantEncryptDecrypt(new ServicePrincipal('cloudwatch.amazonaws.com'));
  expect(messagesOf(stack).warnings.filter((id) => id === ID)).toEqual(ids);
});
