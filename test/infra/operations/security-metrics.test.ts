import { Stack } from 'aws-cdk-lib';
import { Function as LambdaFunction } from 'aws-cdk-lib/aws-lambda';
import { SecurityMetrics } from '../../../infra/operations/security-metrics.ts';
import { testApp } from '../support/synth.ts';

const stack = new Stack(testApp(), 'Theirs');
const lambda = LambdaFunction.fromFunctionName(stack, 'Function', 'authorizer');
const metrics = new SecurityMetrics(lambda);

describe('SecurityMetrics', () => {
  it('sums over five minutes what one function counts', () => {
    expect(metrics.sum('Rejections')).toMatchObject({
      namespace: 'Rollcall',
      metricName: 'Rejections',
      dimensions: { function_name: lambda.functionName },
      statistic: 'Sum',
      period: expect.objectContaining({ amount: 5 }),
    });
  });

  it('shows by percentile what one function waited for', () => {
    expect(metrics.percentile('KeysLatency', 99)).toMatchObject({
      namespace: 'Rollcall',
      metricName: 'KeysLatency',
      dimensions: { function_name: lambda.functionName },
      statistic: 'p99',
      label: 'p99',
    });
  });

  it('sums decisions of one kind, of all functions', () => {
    expect(metrics.decisions({ outcome: 'forbidden', reason: 'user_not_in_db' })).toMatchObject({
      namespace: 'Rollcall',
      metricName: 'Decisions',
      dimensions: { outcome: 'forbidden', reason: 'user_not_in_db' },
      statistic: 'Sum',
    });
  });
});
