/** A server in front of another that passes requests on, or fails in one of the ways servers do. */
import { once } from 'node:events';
import { createServer, request, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A megabyte at a time, until the other side has had enough. */
const HUGE_CHUNK = Buffer.alloc(1024 * 1024, ' ');
/** Shorter than a body so announced is long. */
const ANNOUNCED_BYTES = 1000;

const JSON_TYPE = { 'content-type': 'application/x-amz-json-1.0' };

const answer =
  (status: number, body: string | Buffer, headers: Record<string, string> = JSON_TYPE) =>
  (...[incoming, response]: Parameters<RequestListener>): void => {
    incoming.resume();
    response.writeHead(status, headers).end(body);
  };

const dynamoDbError = (name: string, status = 400) =>
  answer(
    status,
    JSON.stringify({ __type: `com.amazonaws.dynamodb.v20120810#${name}`, message: 'No' }),
  );

const HTML = { 'content-type': 'text/html' };

/** Ways to fail. None of them passes the request on. */
export const FAULTS = {
  /** Takes the request and never answers. */
  hang: (incoming) => void incoming.resume(),
  /** Begins to answer and then stops. */
  'hang-halfway': (incoming, response) => {
    incoming.resume();
    response.writeHead(200, { ...JSON_TYPE, 'content-length': ANNOUNCED_BYTES }).write('{"Item":');
  },
  /** Answers a byte now and then, so that no pause is long. */
  drip: (incoming, response) => {
    incoming.resume();
    response.writeHead(200, JSON_TYPE);
    const timer = setInterval(() => response.write(' '), 100);
    response.on('close', () => clearInterval(timer));
  },
  reset: (incoming) => void incoming.socket.resetAndDestroy(),
  /** Closes the connection in the middle of the answer. */
  truncated: (incoming, response) => {
    incoming.resume();
    response.writeHead(200, { ...JSON_TYPE, 'content-length': ANNOUNCED_BYTES });
    response.write('{"Item":', () => response.destroy());
  },
  /** Never stops answering. */
  huge: (incoming, response) => {
    incoming.resume();
    response.writeHead(200, JSON_TYPE);
    const pour = (): void => {
      while (!response.destroyed && response.write(HUGE_CHUNK));
    };
    response.on('drain', pour);
    pour();
  },
  '500': dynamoDbError('InternalServerError', 500),
  '503 in HTML': answer(503, '<h1>Service Unavailable</h1>', HTML),
  '200 in HTML': answer(200, '<h1>Welcome</h1>', HTML),
  'no body': answer(200, ''),
  garbage: answer(200, Buffer.from([0xff, 0x00, 0x7b, 0x22, 0xfe])),
  'JSON of another': answer(200, '{"status":"ok"}'),
  "{} without DynamoDB's headers": answer(200, '{}'),
  'another checksum': answer(200, '{"Item":{"user_id":{"S":"alice"}}}', {
    ...JSON_TYPE,
    'x-amz-crc32': '1',
  }),
  'status 204': answer(204, ''),
  'an answer to a batch': answer(200, '{"Responses":{},"UnprocessedKeys":{}}'),
  'JSON null': answer(200, 'null'),
  'number without a digit': answer(200, '{"Item":{"tokens_valid_after":{"N":""}}}'),
  throttle: dynamoDbError('ProvisionedThroughputExceededException'),
  'too many requests': answer(429, 'Slow down', HTML),
  'access denied': dynamoDbError('AccessDeniedException'),
  'missing table': dynamoDbError('ResourceNotFoundException'),
  'wrong key': dynamoDbError('ValidationException'),
  redirect: answer(302, '', { location: 'http://127.0.0.1:9/' }),
} as const satisfies Record<string, RequestListener>;

export type FaultName = keyof typeof FAULTS;

export class FaultProxy {
  /** How requests fail from now on; undefined passes them on. */
  fault: FaultName | undefined;
  /** Milliseconds before a request is passed on. */
  latencyMs = 0;
  /** How many requests have come. */
  requests = 0;
  readonly #server: Server;
  readonly #timers = new Set<NodeJS.Timeout>();

  private constructor(target: string, server: Server) {
    this.#server = server;
    server.on('request', (incoming, response) => {
      this.requests += 1;
      if (this.fault !== undefined) return FAULTS[this.fault](incoming, response);
      if (this.latencyMs === 0) return passOn(target, incoming, response);
      const timer = setTimeout(() => {
        this.#timers.delete(timer);
        passOn(target, incoming, response);
      }, this.latencyMs);
      this.#timers.add(timer);
    });
  }

  /** @param target such as `http://127.0.0.1:8000` */
  static async start(target: string): Promise<FaultProxy> {
    const server = createServer();
    const proxy = new FaultProxy(target, server);
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return proxy;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  async close(): Promise<void> {
    for (const timer of this.#timers) clearTimeout(timer);
    this.#server.closeAllConnections();
    this.#server.close();
    await once(this.#server, 'close');
  }
}

function passOn(target: string, ...[incoming, response]: Parameters<RequestListener>): void {
  const { method, headers, url } = incoming;
  const outgoing = request(`${target}${url ?? ''}`, { method, headers }, (answered) => {
    response.writeHead(answered.statusCode ?? 502, answered.headers);
    answered.pipe(response);
  });
  outgoing.on('error', () => response.destroy());
  incoming.pipe(outgoing);
}
