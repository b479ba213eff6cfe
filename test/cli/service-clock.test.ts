import { DynamoDBClient, ListTablesCommand } from '@aws-sdk/client-dynamodb';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { ServiceClock } from '../../cli/service-clock.ts';

const NOON = Date.parse('2030-01-01T12:00:00Z');

describe('ServiceClock', () => {
  let server: Server;
  let client: DynamoDBClient;
  let date: string;
  let status: number;

  beforeEach(async () => {
    date = new Date(NOON).toUTCString();
    status = 200;
    server = createServer((_, response) => {
      response.sendDate = false;
      if (date !== '') response.setHeader('date', date);
      response.writeHead(status, { 'content-type': 'application/x-amz-json-1.0' }).end('{}');
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    client = new DynamoDBClient({
      endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
      region: 'eu-central-1',
      credentials: { accessKeyId: 'a', secretAccessKey: 'b' },
      maxAttempts: 1,
    });
  });

  afterEach(async () => {
    client.destroy();
    server.close();
    await once(server, 'close');
  });

  /** A clock on a computer where it is `wall`, after one answer of the service. */
  async function observed(wall: number, clocks = { monotonicMs: 0 }): Promise<ServiceClock> {
    const clock = new ServiceClock({ wall: () => wall, monotonic: () => clocks.monotonicMs });
    clock.observe(client);
    await client.send(new ListTablesCommand({})).catch(() => undefined);
    return clock;
  }

  it.each([-3600, 0, 3600])(
    'tells the time of the service, local clock off by %d s',
    async (off) => {
      const clock = await observed(NOON + off * 1000);
      expect(clock.now()).toBe(NOON / 1000);
    },
  );

  it('goes on by a clock that nobody sets', async () => {
    const clocks = { monotonicMs: 0 };
    const clock = await observed(NOON, clocks);
    clocks.monotonicMs = 90_500;
    expect(clock.now()).toBe(NOON / 1000 + 90.5);
  });

  it('takes the time from an error, too', async () => {
    status = 400;
    expect((await observed(0)).now()).toBe(NOON / 1000);
  });

  it('is the local clock while nothing else is known', async () => {
    date = '';
    expect((await observed(NOON)).now()).toBe(NOON / 1000);
  });

  it.each([
    [5, undefined],
    [-5, undefined],
    [6, 'The clock of this computer is 6 s fast. The time of AWS was used instead.'],
    [-3600, 'The clock of this computer is 3600 s slow. The time of AWS was used instead.'],
  ])('warns of a local clock that is off by %d s: %s', async (off, warning) => {
    const clock = await observed(NOON + off * 1000);
    clock.now();
    expect(clock.warning).toBe(warning);
  });

  it('warns of nothing where no time was asked for', async () => {
    expect((await observed(0)).warning).toBeUndefined();
  });
});
