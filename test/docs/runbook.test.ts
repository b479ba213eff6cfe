/** The runbook has a section for whatever sends somebody to it, and the map has every module. */
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { decisionEvent } from '../../lambda/telemetry/security-event.ts';
import { readPages, ROOT } from '../../tools/docs/pages.ts';

const runbook = readPages().find(({ file }) => file === 'docs/operations.md');
const anchors = runbook?.anchors;

function inSource(file: string, pattern: RegExp): readonly string[] {
  const source = readFileSync(path.join(ROOT, file), 'utf8');
  return [...new Set([...source.matchAll(pattern)].map(([, name = '']) => name))];
}

const alarmAnchors = inSource('infra/operations/alarms.ts', /anchor: '([^']+)'/gu);
const events = [
  ...inSource('lambda/telemetry/security-event.ts', /name: '([a-z_]+)'/gu),
  ...inSource('lambda/telemetry/notices.ts', /security_event: '([a-z_]+)'/gu),
];

it.each(readdirSync(path.join(ROOT, 'lambda')))('has %s in the module map', (file) => {
  const map = readPages().find((page) => page.file === 'docs/architecture.md');
  expect(map?.codeSpans).toContain(file);
});

it('finds the alarms and the events in the sources', () => {
  expect(alarmAnchors).toHaveLength(9);
  expect(events).toHaveLength(10);
});

it.each(alarmAnchors)('has the section %s that an alarm refers to', (anchor) => {
  expect(anchors).toContain(anchor);
});

it.each(events)('has a section on the security event %s', (event) => {
  expect(anchors).toContain(event);
});

/** Every member is there, if undefined. */
const members = Object.keys(
  decisionEvent(
    {
      decision: { outcome: 'unavailable', reason: 'internal_error' },
      request: undefined,
      invocationId: undefined,
      durationMs: 0,
    },
    (userId) => userId,
  ),
);

it.each(members)('describes the member %s of the security events', (member) => {
  expect(runbook?.codeSpans).toContain(member);
});
