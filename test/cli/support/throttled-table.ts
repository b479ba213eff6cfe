/**
 * A table that is short of capacity: stands before the real one, and of every batch that is written
 * leaves some unprocessed, or refuses the whole request, as DynamoDB does. An update is a batch of
 * one.
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

interface BatchWrite {
  RequestItems: Record<string, unknown[]>;
}

interface Update {
  Key: { user_id: { S: string } };
}

/** What becomes of one `BatchWriteItem` or `UpdateItem`, the n-th: how many of its items are taken. */
export type Capacity = (batch: number, items: number) => number;

export class ThrottledTable {
  /** How many `BatchWriteItem` and `UpdateItem` requests came. */
  batches = 0;
  /** Keys of the items that were let through, in order and with repetitions. */
  readonly written: string[] = [];
  capacity: Capacity;
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

  #answer(
    target: string,
    headers: Readonly<Record<string, unknown>>,
    body: Buffer,
    response: ServerResponse,
  ): void {
    if (target.endsWith('.UpdateItem')) return this.#update(headers, body, response);
    if (!target.endsWith('.BatchWriteItem')) return this.#forward(headers, body, response);
    const { RequestItems } = JSON.parse(body.toString()) as BatchWrite;
    const [[table, items] = ['', []]] = Object.entries(RequestItems);
    const taken = items.slice(0, this.capacity(this.batches, items.length));
    const left = items.slice(taken.length);
    this.batches += 1;
    if (taken.length === 0) {
      refuse(response);
      return;
    }
    for (const item of taken as { PutRequest: { Item: { user_id: { S: string } } } }[]) {
      this.written.push(item.PutRequest.Item.user_id.S);
    }
    const forwarded = Buffer.from(JSON.stringify({ RequestItems: { [table]: taken } }));
    this.#forward(headers, forwarded, response, left.length > 0 ? { [table]: left } : {});
  }

  #update(
    headers: Readonly<Record<string, unknown>>,
    body: Buffer,
    response: ServerResponse,
  ): void {
    const taken = this.capacity(this.batches, 1);
    this.batches += 1;
    if (taken === 0) return refuse(response);
    const { Key } = JSON.parse(body.toString()) as Update;
    this.written.push(Key.user_id.S);
    this.#forward(headers, body, response);
  }

  #forward(
    headers: Readonly<Record<string, unknown>>,
    body: Buffer,
    response: ServerResponse,
    unprocessed?: Readonly<Record<string, unknown>>,
  ): void {
    const { host: _host, 'content-length': _length, ...kept } = headers;
    const forwarded = httpRequest(
      this.#target,
      {
        method: 'POST',
        headers: { ...(kept as Record<string, string>), 'content-length': body.length },
      },
      (answer) => void relay(answer, response, unprocessed),
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
  unprocessed: Readonly<Record<string, unknown>> | undefined,
): Promise<void> {
  const text = await buffer(answer);
  const content =
    unprocessed === undefined
      ? text
      : Buffer.from(JSON.stringify({ UnprocessedItems: unprocessed }));
  response.writeHead(answer.statusCode ?? 500, {
    'content-type': 'application/x-amz-json-1.0',
    'content-length': content.length,
  });
  response.end(content);
}
