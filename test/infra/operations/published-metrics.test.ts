/** What alarms and the dashboard watch is what the function publishes, by the same dimensions. */
import type { AuthorizerStackProps } from '../../../infra/authorizer-stack.ts';
import { REASONS, type Decision } from '../../../lambda/decision.ts';
import { METRICS } from '../../../lambda/telemetry/metrics.ts';
import { createTelemetry } from '../../../lambda/telemetry/telemetry.ts';
import { metricsOf, type LogLine } from '../../support/emf.ts';
import { verifiedToken } from '../../support/evidence.ts';
import { templateOf } from '../support/synth.ts';

/** Such as `Rejections by function_name`. */
const identity = (name: string, dimensions: readonly string[]): string =>
  `${name} by ${[...dimensions].sort().join()}`;

/** Of a function that decides everything that can be decided, and notices everything. */
function published(): readonly string[] {
  const lines: LogLine[] = [];
  const spy = jest.spyOn(process.stdout, 'write').mockImplementation((line) => {
    lines.push(JSON.parse(String(line)) as LogLine);
    return true;
  });
  const telemetry = createTelemetry({ logUserIds: 'plain' }, { functionName: 'authorizer' });
  telemetry.misconfigured(['JWT_ISSUER is required']);
  for (const [reason, { outcome }] of Object.entries(REASONS)) {
    const decision = { outcome, reason, token: verifiedToken() } as unknown as Decision;
    telemetry.staleKeys('https://id.example.com');
    telemetry.decided(
      { decision, request: undefined, invocationId: undefined, durationMs: 1 },
      { directoryMs: 1, keysMs: 1 },
    );
  }
  spy.mockRestore();
  const found = lines.flatMap(metricsOf);
  return [...new Set(found.map(({ name, dimensions }) => identity(name, Object.keys(dimensions))))];
}

/** Of a stack: by its alarms, and by the text of its dashboard. */
function watched(props: Partial<AuthorizerStackProps> = {}): readonly string[] {
  const template = templateOf(props);
  const alarms = Object.values(template.findResources('AWS::CloudWatch::Alarm')) as {
    Properties: { Namespace: string; MetricName: string; Dimensions: { Name: string }[] };
  }[];
  const [dashboard] = Object.values(template.findResources('AWS::CloudWatch::Dashboard'));
  const text = JSON.stringify(dashboard).replaceAll(String.raw`\"`, '"');
  return [
    ...alarms
      .filter(({ Properties }) => Properties.Namespace === 'Rollcall')
      .map(({ Properties: { MetricName, Dimensions } }) =>
        identity(
          MetricName,
          Dimensions.map(({ Name }) => Name),
        ),
      ),
    ...[...text.matchAll(/\["Rollcall","(\w+)","function_name"/gu)].map(([, name = '']) =>
      identity(name, ['function_name']),
    ),
    ...[...text.matchAll(/\["Rollcall","(\w+)","outcome","\w+","reason"/gu)].map(([, name = '']) =>
      identity(name, ['outcome', 'reason']),
    ),
    ...[...text.matchAll(/\{Rollcall,([\w,]+)\} MetricName=\\*"(\w+)/gu)].map(
      ([, dimensions = '', name = '']) => identity(name, dimensions.split(',')),
    ),
  ];
}

it('publishes every metric there is, by its dimensions', () => {
  expect([...published()].sort()).toEqual(
    Object.entries(METRICS)
      .map(([name, { dimensions }]) => identity(name, dimensions))
      .sort(),
  );
});

it('watches nothing that is not published', () => {
  const known = published();
  expect(watched().filter((metric) => !known.includes(metric))).toEqual([]);
});

it('publishes nothing that nobody watches, since it is paid for', () => {
  const all = watched();
  expect(published().filter((metric) => !all.includes(metric))).toEqual([]);
});
