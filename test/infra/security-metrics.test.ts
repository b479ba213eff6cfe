import { Stack } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import { LogGroup } from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import { SecurityMetrics } from '../../infra/security-metrics.ts';
import { testApp } from './support/synth.ts';

function made(stack = new Stack(testApp(), 'Theirs'), id = 'One'): SecurityMetrics {
  const scope = new Construct(stack, id);
  return new SecurityMetrics(scope, 'Metrics', new LogGroup(scope, 'Logs'));
}

describe('SecurityMetrics', () => {
  it.each([
    ['Misconfigured', '{ $.security_event = "authorizer_misconfigured" }'],
    ['DirectoryUnavailable', '{ $.reason = "directory_unavailable" }'],
    ['KeysUnavailable', '{ $.reason = "keys_unavailable" }'],
    ['InternalErrors', '{ $.reason = "internal_error" }'],
    ['StaleKeys', '{ $.security_event = "jwks_stale" }'],
    ['BootstrapEntries', '{ $.security_event = "platform_admin_bootstrap" }'],
    ['StrictRejections', '{ $.security_event = "user_not_in_db_rejected" }'],
    ['Rejections', '{ ($.outcome = "unauthenticated") || ($.outcome = "forbidden") }'],
  ])('counts %s as the lines with %s', (MetricName, FilterPattern) => {
    const stack = new Stack(testApp(), 'Theirs');
    const { namespace } = made(stack);
    Template.fromStack(stack).hasResourceProperties('AWS::Logs::MetricFilter', {
      FilterPattern,
      LogGroupName: { Ref: Match.stringLikeRegexp('^OneLogs') },
      MetricTransformations: [{ MetricName, MetricNamespace: namespace, MetricValue: '1' }],
    });
  });

  it('sums over five minutes', () => {
    expect(made().sum('Rejections')).toMatchObject({
      metricName: 'Rejections',
      statistic: 'Sum',
      period: expect.objectContaining({ amount: 5 }),
    });
  });

  it('has a namespace of its own below Rollcall, in every stack and in one', () => {
    const stack = new Stack(testApp(), 'Theirs');
    const namespaces = [
      made(stack, 'One'),
      made(stack, 'Two'),
      made(new Stack(testApp(), 'Staging')),
    ].map(({ namespace }) => namespace);
    expect(new Set(namespaces).size).toBe(3);
    expect(namespaces.every((namespace) => /^Rollcall\/[A-Za-z0-9-]+$/u.test(namespace))).toBe(
      true,
    );
  });
});
