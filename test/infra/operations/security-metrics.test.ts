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
      dimensions: { FunctionName: lambda.functionName },
      statistic: 'Sum',
      period: expect.objectContaining({ amount: 5 }),
    });
  });

  it('shows by percentile what one function waited for', () => {
    expect(metrics.percentile('KeysLatency', 99)).toMatchObject({
      namespace: 'Rollcall',
      metricName: 'KeysLatency',
      dimensions: { FunctionName: lambda.functionName },
      statistic: 'p99',
      label: 'p99',
    });
  });
});
