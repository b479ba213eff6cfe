import type { Template } from 'aws-cdk-lib/assertions';
import type { AuthorizerStackProps } from '../../../infra/authorizer-stack.ts';
import { templateOf } from '../support/synth.ts';

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
    ['Time waited for the table (ms)', 'DirectoryLatency'],
    ['Time waited for signing keys (ms)', 'KeysLatency'],
  ])('shows %s, the median and the slowest hundredth, of this deployment', (title, metric) => {
    expect(JSON.parse(titled(title))).toEqual([
      ['Rollcall', metric, 'function_name', '{}', { label: 'p50', stat: 'p50' }],
      ['Rollcall', metric, 'function_name', '{}', { label: 'p99', stat: 'p99' }],
    ]);
  });

  it.each([
    ['Cold starts and stale keys', ['ColdStart', 'JwksStale']],
    ['Refused requests', ['Rejections']],
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

  it('has the name of the stack', () => {
    templateOf().hasResourceProperties('AWS::CloudWatch::Dashboard', { DashboardName: 'Rollcall' });
  });

  it('says where the runbook is', () => {
    expect(of()).toContain('docs/operations.md');
    expect(of({ runbookUrl: 'https://wiki.example/x' })).toContain('https://wiki.example/x');
  });
});
