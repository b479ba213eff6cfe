import { Duration, Stack } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import { Topic } from 'aws-cdk-lib/aws-sns';
import type { AlarmThresholds } from '../../../infra/operations/alarms.ts';
import type { RollcallAuthorizerProps } from '../../../infra/rollcall-authorizer-props.ts';
import { Table } from 'aws-cdk-lib/aws-dynamodb';
import { construct, testApp } from '../support/synth.ts';

type Alarm = Readonly<Record<string, unknown>>;

/** By metric. */
function alarms(props: Partial<RollcallAuthorizerProps> = {}): Readonly<Record<string, Alarm>> {
  const stack = new Stack(testApp(), 'Theirs');
  construct({ usersTable: Table.fromTableName(stack, 'Users', 'users'), ...props }, stack);
  const found = Object.values(
    Template.fromStack(stack).findResources('AWS::CloudWatch::Alarm'),
  ) as { readonly Properties: Alarm }[];
  return Object.fromEntries(
    found.map(({ Properties }) => [String(Properties['MetricName']), Properties]),
  );
}

const CASES: readonly [string, number, AlarmThresholds, string][] = [
  ['Misconfigured', 1, { misconfigured: 3 }, 'authorizer-misconfigured'],
  ['DirectoryUnavailable', 5, { directoryUnavailable: 3 }, 'directory-unavailable'],
  ['KeysUnavailable', 5, { keysUnavailable: 3 }, 'keys-unavailable'],
  ['InternalErrors', 1, { internalErrors: 3 }, 'internal-error'],
  ['JwksStale', 1, { staleKeys: 3 }, 'stale-keys'],
  ['BootstrapEntries', 1, { bootstrapEntries: 3 }, 'bootstrap-used'],
  ['Rejections', 100, { rejections: 3 }, 'rejection-spike'],
  ['Duration', 1000, { latencyP99: Duration.millis(3) }, 'authorizer-latency'],
  ['Throttles', 1, { throttles: 3 }, 'authorizer-throttled'],
];

const usual = alarms();

describe('RollcallAlarms', () => {
  it('watches these metrics, and not the errors of the function', () => {
    expect(Object.keys(usual).sort()).toEqual(CASES.map(([metric]) => metric).sort());
  });

  it.each(CASES)('speaks of %s from %d on', (metric, Threshold) => {
    expect(usual[metric]).toMatchObject({
      Threshold,
      ComparisonOperator: 'GreaterThanOrEqualToThreshold',
      Period: 300,
    });
  });

  it.each(CASES)('speaks of %s from another number on when told', (metric, _, thresholds) => {
    expect(alarms({ alarmThresholds: thresholds })[metric]).toMatchObject({ Threshold: 3 });
  });

  it.each(CASES)('is silent about %s while nothing is published', (metric) => {
    expect(usual[metric]).toMatchObject({ TreatMissingData: 'notBreaching' });
  });

  it.each(CASES)('says of %s what happened and where its runbook is', (metric, _, __, anchor) => {
    expect(usual[metric]?.['AlarmDescription']).toMatch(
      new RegExp(`^[A-Z].{30,}\\. Runbook: docs/operations\\.md#${anchor}$`, 'u'),
    );
  });

  it.each(CASES)('watches %s of its own function alone', (metric) => {
    expect(usual[metric]).toMatchObject({
      Dimensions: [
        {
          Name: usual[metric]?.['Namespace'] === 'Rollcall' ? 'function_name' : 'FunctionName',
          Value: { Ref: expect.stringMatching('Function') },
        },
      ],
    });
  });

  it('looks at the slowest hundredth, three times in a row', () => {
    expect(usual['Duration']).toMatchObject({
      ExtendedStatistic: 'p99',
      EvaluationPeriods: 3,
    });
  });

  it('tells nobody', () => {
    expect(usual['Misconfigured']).not.toHaveProperty('AlarmActions');
  });

  it('tells a topic, of the end too, when there is one', () => {
    const stack = new Stack(testApp(), 'Theirs');
    const topic = Topic.fromTopicArn(stack, 'Topic', 'arn:aws:sns:eu-west-1:111122223333:alarms');
    construct({ alarmTopic: topic }, stack);
    Template.fromStack(stack).allResourcesProperties('AWS::CloudWatch::Alarm', {
      AlarmActions: [topic.topicArn],
      OKActions: [topic.topicArn],
      InsufficientDataActions: Match.absent(),
    });
  });
});
