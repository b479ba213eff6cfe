import { traceIdOf } from '../../../lambda/telemetry/trace-id.ts';

const ROOT = '1-67687c5a-a1b2c3d4e5f67890abcdef01';

it.each([
  ['as Lambda writes it', `Root=${ROOT};Parent=53995c3f42cd8ad8;Sampled=1`],
  ['with a lineage', `Root=${ROOT};Parent=53995c3f42cd8ad8;Sampled=1;Lineage=25:a87bd80c:1`],
  ['in another order', `Parent=53995c3f42cd8ad8;Sampled=1;Root=${ROOT}`],
  ['alone', `Root=${ROOT}`],
])('finds the root %s', (_, header) => {
  expect(traceIdOf(header)).toBe(ROOT);
});

it.each([
  ['there is no header', undefined],
  ['the header is empty', ''],
  ['there is no root', 'Parent=53995c3f42cd8ad8;Sampled=1'],
  ['it is of another form', 'Root=2-67687c5a-a1b2c3d4e5f67890abcdef01'],
  ['it is longer', `Root=${ROOT}0`],
  ['it stands inside another member', `XRoot=${ROOT}`],
  ['X-Ray keeps nothing of it, and says so first', `Sampled=0;Root=${ROOT}`],
  ['X-Ray keeps nothing of the trace', `Root=${ROOT};Parent=53995c3f42cd8ad8;Sampled=0`],
])('finds none where %s', (_, header) => {
  expect(traceIdOf(header)).toBeUndefined();
});
