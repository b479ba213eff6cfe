/**
 * A table that is short of capacity: stands before the real one, and refuses some writes as DynamoDB
 * does. It can also lose an answer after the write has been made.
 */
import { once } from 'node:events';
import {
  createServer,
  request as httpRequest,
  type IncomingMessage,
  type Server,
  type ServerResponse,
} from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';

/** What becomes of the n-th write. */
export type Fate = 'take' | 'refuse' | 'lose the answer';
export type Capacity = (write: number) => Fate;

interface Write {
  readonly Key?: { readonly user_id: { readonly S: string } };
  readonly Item?: { readonly user_id: { readonly S: string } };
}

const WRITES = /\.(?:PutItem|UpdateItem|DeleteItem)$/u;

export class ThrottledTable {
  /** How many writes came. */
  writes = 0;
  /** Their operations, in order. */
  readonly operations: string[] = [];
  /** Keys of the items that were let through, in order and with repetitions. */
  readonly written: string[] = [];
  capacity: Capacity;
  /** Runs before a write is let through. */
  beforeWrite: (key: string) => Promise<void> = () => Promise.resolve();
  readonly #server: Server;
  readonly #target: URL;

  private constructor(target: string, capacity: Capacity, server: Server) {
    this.#target = new URL(target);
    this.capacity = capacity;
    this.#server = server;
  }

  static async start(target: string, capacity: Capacity): Promise<ThrottledTable> {
    const server = createServer();
    const table = new ThrottledTable(target, capacity, server);
    server.on('request', (request, response) => {
      void buffer(request).then((body) =>
        table.#answer(String(request.headers['x-amz-target']), request.headers, body, response),
      );
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return table;
  }

  get endpoint(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  async #answer(
    target: string,
    headers: Readonly<Record<string, unknown>>,
    body: Buffer,
    response: ServerResponse,
  ): Promise<void> {
    if (!WRITES.test(target)) return this.#forward(headers, body, response);
    const { Key, Item } = JSON.parse(body.toString()) as Write;
    const key = (Key ?? Item)?.user_id.S ?? '';
    const fate = this.capacity(this.writes);
    this.writes += 1;
    this.operations.push(target.split('.').at(-1) ?? '');
    if (fate === 'refuse') return refuse(response);
    await this.beforeWrite(key);
    this.written.push(key);
    this.#forward(headers, body, response, fate === 'lose the answer');
  }

  #forward(
    headers: Readonly<Record<string, unknown>>,
    body: Buffer,
    response: ServerResponse,
    losesAnswer = false,
  ): void {
    const { host: _host, 'content-length': _length, ...kept } = headers;
    const forwarded = httpRequest(
      this.#target,
      {
        method: 'POST',
        headers: { ...(kept as Record<string, string>), 'content-length': body.length },
      },
      (answer) => void relay(answer, response, losesAnswer),
    );
    forwarded.on('error', () => response.destroy());
    forwarded.end(body);
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    this.#server.close();
    await once(this.#server, 'close');
  }
}

function refuse(response: ServerResponse): void {
  response.writeHead(400, { 'content-type': 'application/x-amz-json-1.0' });
  response.end(
    JSON.stringify({
      __type: 'com.amazonaws.dynamodb.v20120810#ProvisionedThroughputExceededException',
      message: 'The level of configured provisioned throughput for the table was exceeded.',
    }),
  );
}

async function relay(
  answer: IncomingMessage,
  response: ServerResponse,
  losesAnswer: boolean,
): Promise<void> {
  const content = await buffer(answer);
  if (losesAnswer) {
    response.destroy();
    return;
  }
  response.writeHead(answer.statusCode ?? 500, {
    'content-type': 'application/x-amz-json-1.0',
    'content-length': content.length,
  });
  response.end(content);
}
