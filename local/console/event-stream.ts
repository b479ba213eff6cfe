/**
 * The live feed as Server-Sent Events: what is kept, then what comes. A browser that lost the
 * connection says where it was (`Last-Event-ID`) and gets the rest.
 *
 * @see https://html.spec.whatwg.org/multipage/server-sent-events.html
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { LogRecord, Recorder } from './recorder.ts';

/** Keeps the connection known to be alive. */
const HEARTBEAT_MS = 20_000;

/** Answers a request for the feed, and goes on until the client leaves. */
export function streamEvents(
  recorder: Recorder,
  incoming: IncomingMessage,
  response: ServerResponse,
): void {
  response.writeHead(200, { 'Content-Type': 'text/event-stream; charset=utf-8' });
  response.write('retry: 1000\n\n');
  const seen = Number(incoming.headers['last-event-id'] ?? 0) || 0;
  const write = (record: LogRecord) => {
    response.write(`id: ${record.id}\ndata: ${JSON.stringify(record)}\n\n`);
  };
  for (const record of recorder.records) if (record.id > seen) write(record);
  recorder.emitter.on('record', write);
  const heartbeat = setInterval(() => response.write(': still here\n\n'), HEARTBEAT_MS);
  heartbeat.unref();
  response.on('close', () => {
    clearInterval(heartbeat);
    recorder.emitter.off('record', write);
  });
}
