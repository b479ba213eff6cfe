import { Stack, Stage, type Environment } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import type { Construct } from 'constructs';
import { AuthorizerStack, type AuthorizerStackProps } from '../../../infra/authorizer-stack.ts';
import { RollcallDashboard } from '../../../infra/operations/monitoring.ts';
import { RollcallAuthorizer } from '../../../infra/rollcall-authorizer.ts';
import { MINIMAL, templateOf, testApp } from '../support/synth.ts';

/** The text of the dashboard, with `{}` for what is known only at deployment. */
function dashboard(template: Template): string {
  const [found] = Object.values(template.findResources('AWS::CloudWatch::Dashboard')) as {
    readonly Properties: { readonly DashboardBody: { 'Fn::Join': [string, readonly unknown[]] } };
  }[];
  const [, parts] = found?.Properties.DashboardBody['Fn::Join'] ?? ['', []];
  return parts.map((part) => (typeof part === 'string' ? part : '{}')).join('');
}

const of = (props: Partial<AuthorizerStackProps> = {}): string => dashboard(templateOf(props));

interface Widget {
  readonly properties: { readonly title?: string; readonly metrics?: readonly unknown[] };
}
const widgets = (JSON.parse(of()) as { readonly widgets: readonly Widget[] }).widgets;
const titled = (title: string): string =>
  JSON.stringify(widgets.find(({ properties }) => properties.title === title)?.properties.metrics);

describe('RollcallDashboard', () => {
  it('shows the decisions of each outcome, whatever the reason', () => {
    expect(JSON.parse(titled('Decisions by outcome'))).toEqual(
      ['allow', 'forbidden', 'unauthenticated', 'unavailable'].map((outcome) => [
        expect.objectContaining({
          label: outcome,
          expression: `SUM(SEARCH('{Rollcall,outcome,reason} MetricName="Decisions" outcome="${outcome}"', 'Sum', 300))`,
        }),
      ]),
    );
  });

  it('shows the decisions of each reason', () => {
    expect(JSON.parse(titled('Decisions by outcome and reason'))).toEqual([
      [
        expect.objectContaining({
          expression: `SEARCH('{Rollcall,outcome,reason} MetricName="Decisions"', 'Sum', 300)`,
        }),
      ],
    ]);
  });

  it.each([
    ['Latency of the table (ms)', 'DirectoryLatency'],
    ['Latency of the signing keys (ms)', 'KeysLatency'],
  ])('shows %s, the median and the slowest hundredth, of this deployment', (title, metric) => {
    expect(JSON.parse(titled(title))).toEqual([
      ['Rollcall', metric, 'function_name', '{}', { label: 'p50', stat: 'p50' }],
      ['Rollcall', metric, 'function_name', '{}', { label: 'p99', stat: 'p99' }],
    ]);
  });

  it.each([
    ['Cold starts and stale keys', ['ColdStart', 'JwksStale']],
    ['Denied requests', ['Rejections']],
  ])('shows %s of this deployment', (title, names) => {
    expect(JSON.parse(titled(title))).toEqual(
      names.map((name) => ['Rollcall', name, 'function_name', '{}', { stat: 'Sum' }]),
    );
  });

  it('shows bootstrap entries beside strict rejections', () => {
    expect(JSON.parse(titled('Bootstrap entries and strict rejections'))).toEqual([
      ['Rollcall', 'BootstrapEntries', 'function_name', '{}', { stat: 'Sum' }],
      [
        'Rollcall',
        'Decisions',
        'outcome',
        'forbidden',
        'reason',
        'user_not_in_db',
        { label: 'user_not_in_db', stat: 'Sum' },
      ],
    ]);
  });

  it('refers to no alarm', () => {
    expect(of()).not.toMatch(/alarm/iu);
  });

  describe('its name, which is global in an account', () => {
    const nameIn = (id: string, env: Environment = {}, scope: Construct = testApp()): unknown => {
      const stack = new AuthorizerStack(scope, id, { ...MINIMAL, env });
      const [found] = Object.values(
        Template.fromStack(stack).findResources('AWS::CloudWatch::Dashboard'),
      );
      return (found as { Properties: { DashboardName: unknown } }).Properties.DashboardName;
    };

    it('has the names of the stack and of the Region', () => {
      expect(nameIn('Rollcall', { region: 'eu-west-1' })).toBe('Rollcall-Monitoring-eu-west-1');
      expect(nameIn('Rollcall', { region: 'us-east-1' })).toBe('Rollcall-Monitoring-us-east-1');
    });

    it('has the Region that only the deployment knows', () => {
      expect(nameIn('Rollcall')).toEqual({
        'Fn::Join': ['', ['Rollcall-Monitoring-', { Ref: 'AWS::Region' }]],
      });
    });

    it('differs between the Stages of an app', () => {
      const app = testApp();
      const [one, two] = ['Test', 'Production'].map((id) =>
        nameIn('Rollcall', {}, new Stage(app, id)),
      );
      expect(one).not.toEqual(two);
    });

    it('differs between two dashboards of one stack', () => {
      const stack = new Stack(testApp(), 'Theirs');
      for (const id of ['One', 'Two']) {
        const { function: lambda, metrics } = new RollcallAuthorizer(stack, id, MINIMAL);
        new RollcallDashboard(stack, `Monitoring${id}`, { function: lambda, metrics });
      }
      const names = Object.values(
        Template.fromStack(stack).findResources('AWS::CloudWatch::Dashboard'),
      ).map(({ Properties }: { Properties?: { DashboardName?: unknown } }) =>
        JSON.stringify(Properties?.DashboardName),
      );
      expect(new Set(names).size).toBe(2);
    });
  });

  it('says where the runbook is', () => {
    expect(of()).toContain('docs/operations.md');
    expect(of({ runbookUrl: 'https://wiki.example/x' })).toContain('https://wiki.example/x');
  });
});
