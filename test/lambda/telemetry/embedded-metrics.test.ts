import { withMetrics } from '../../../lambda/telemetry/embedded-metrics.ts';
import { metricsOf } from '../../support/emf.ts';

const MEMBERS = { outcome: 'allow', reason: 'user_found', function_name: 'authorizer' };

it('counts a decision by its outcome and reason', () => {
  expect(metricsOf(withMetrics(MEMBERS, { Decisions: 1 }, 1000))).toEqual([
    {
      namespace: 'Rollcall',
      name: 'Decisions',
      dimensions: { outcome: 'allow', reason: 'user_found' },
      values: [1],
    },
  ]);
});

it('measures a function by its name', () => {
  expect(metricsOf(withMetrics(MEMBERS, { DirectoryLatency: [4, 5.5] }, 1000))).toEqual([
    {
      namespace: 'Rollcall',
      name: 'DirectoryLatency',
      unit: 'Milliseconds',
      dimensions: { function_name: 'authorizer' },
      values: [4, 5.5],
    },
  ]);
});

it('puts metrics of one kind into one directive', () => {
  const line = withMetrics(MEMBERS, { Decisions: 1, Rejections: 1, KeysLatency: 7 }, 1000);
  expect(line['_aws']).toEqual({
    Timestamp: 1000,
    CloudWatchMetrics: [
      {
        Namespace: 'Rollcall',
        Dimensions: [['outcome', 'reason']],
        Metrics: [{ Name: 'Decisions' }],
      },
      {
        Namespace: 'Rollcall',
        Dimensions: [['function_name']],
        Metrics: [{ Name: 'KeysLatency', Unit: 'Milliseconds' }, { Name: 'Rejections' }],
      },
    ],
  });
});

it('has a time in whole milliseconds', () => {
  expect(withMetrics(MEMBERS, { Decisions: 1 }, 1000.6)['_aws']).toMatchObject({ Timestamp: 1001 });
});

it('makes no metric of what has no dimension, which CloudWatch would reject', () => {
  const { function_name: _, ...anonymous } = MEMBERS;
  expect(withMetrics(anonymous, { Rejections: 1 }, 1000)).toEqual({ ...anonymous, Rejections: 1 });
});

it('makes none of what lacks one dimension of two', () => {
  expect(withMetrics({ outcome: 'allow' }, { Decisions: 1 }, 1000)).toEqual({
    outcome: 'allow',
    Decisions: 1,
  });
});
