/**
 * What is left running when the handler returns. Lambda freezes it, and what thaws it an hour
 * later finds its time long over. The bundle runs in a process of its own, which tells.
 */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { BUNDLE } from '../support/bundle.ts';
import { eventOf } from '../support/events.ts';
import { FaultProxy, type FaultName } from '../support/fault-proxy.ts';
import { TestIssuer } from '../support/issuer.ts';
import { REVOKED_TOKENS_TABLE, TestTables } from '../support/tables.ts';
import { runPooled } from './pool.ts';

const SCRIPT = `
  const { handler } = await import(process.env.BUNDLE);
  const event = JSON.parse(process.env.EVENT);
  const left = [];
  for (let turn = 0; turn < 3; turn += 1) {
    const outcome = await handler(event, { getRemainingTimeInMillis: () => Number(process.env.REMAINING_MS) })
      .then(() => 'allow', () => 'failure');
    left.push(outcome, ...process.getActiveResourcesInfo().filter((kind) => kind === 'Timeout'));
  }
  process.stdout.write('\\nLEFT ' + JSON.stringify(left), () => process.exit(0));
`;

const ALLOWED = ['allow', 'allow', 'allow'];
const FAILED = ['failure', 'failure', 'failure'];

type Case = readonly [
  when: string,
  keysFault: FaultName | undefined,
  tableFault: FaultName | undefined,
  remainingMs: number,
  expected: readonly string[],
];

const CASES: readonly Case[] = [
  ['in good order', undefined, undefined, 5000, ALLOWED],
  ['when the table hangs', undefined, 'hang', 1000, FAILED],
  ['when the table drips', undefined, 'drip', 1000, FAILED],
  ['when the table is throttled', undefined, 'throttle', 5000, FAILED],
  ['when the time ends between tries', undefined, 'throttle', 290, FAILED],
  ['when the time ends at once', undefined, undefined, 250, FAILED],
  ['when the keys hang', 'hang', undefined, 1000, FAILED],
  ['when the keys hang for longer than a fetch may take', 'hang', undefined, 5000, FAILED],
  ['when the keys are refused', '500', undefined, 5000, FAILED],
];

let issuer: TestIssuer;
let tables: TestTables;
let leftRunning: Map<Case, unknown>;

beforeAll(async () => {
  [issuer, tables] = await Promise.all([TestIssuer.start(), TestTables.start()]);
  await tables.putUser('alice');
  leftRunning = await runPooled(CASES, 4, leftAfterThreeTurns);
}, 60_000);

afterAll(() => Promise.all([issuer.close(), tables.close()]));

async function leftAfterThreeTurns([, keysFault, tableFault, remainingMs]: Case): Promise<unknown> {
  const [keys, table] = await Promise.all([
    FaultProxy.start(issuer.url),
    FaultProxy.start(tables.endpoint),
  ]);
  keys.fault = keysFault;
  table.fault = tableFault;
  const { stdout } = await promisify(execFile)(
    process.execPath,
    ['--input-type=module', '--no-warnings', '--eval', SCRIPT],
    {
      env: {
        ...issuer.settings,
        ...tables.settings,
        REVOKED_TOKENS_TABLE_NAME: REVOKED_TOKENS_TABLE,
        JWKS_URI: `${keys.url}/jwks.json`,
        AWS_ENDPOINT_URL_DYNAMODB: table.url,
        BUNDLE,
        EVENT: JSON.stringify(eventOf('rest-token', `Bearer ${issuer.token()}`)),
        REMAINING_MS: String(remainingMs),
      },
    },
  );
  await Promise.all([keys.close(), table.close()]);
  return JSON.parse(stdout.slice(stdout.lastIndexOf('LEFT ') + 5));
}

describe.each(CASES.map((testCase) => ({ when: testCase[0], testCase })))(
  '$when',
  ({ testCase }) => {
    it('no timer is left running', () => {
      expect(leftRunning.get(testCase)).toEqual(testCase[4]);
    });
  },
);
