/** Puts a gateway behind an HTTP server: reads each request, writes the gateway's response. */
import type { RequestListener, ServerResponse } from 'node:http';
import type { Clock } from '../common/authorizer-cache.ts';
import { hasTooLargeHeaders, readRequest, type IncomingRequest } from '../common/incoming.ts';
import type { WireResponse } from '../common/proxy-response.ts';

/** Answers a request; `undefined` stands for one whose body is too large. */
export type Handle = (request: IncomingRequest | undefined) => Promise<WireResponse>;

/**
 * A listener that answers by `handle`, and headers that are too large with 431.
 *
 * @param onError Called with errors of the gateway itself; clients see a plain 500.
 * @param countsRequestLine Whether the request line counts towards the limit of the headers.
 */
export function httpFront(
  handle: Handle,
  clock: Clock,
  onError: (error: unknown) => void,
  countsRequestLine = false,
): RequestListener {
  return (message, response) => {
    if (hasTooLargeHeaders(message, countsRequestLine)) {
      message.resume();
      write(response, TOO_LARGE_HEADERS, message.method === 'HEAD');
      return;
    }
    void (async () => {
      try {
        const request = await readRequest(message, clock);
        write(response, await handle(request), message.method === 'HEAD');
      } catch (error) {
        onError(error);
        if (response.headersSent) response.destroy();
        else write(response, FAULT, false);
      }
    })();
  };
}

/** The local gateway could not do its work; the terminal says why. */
export const FAULT: WireResponse = {
  status: 500,
  headers: [['Content-Type', 'application/json']],
  body: JSON.stringify({ message: 'The local gateway failed; see its terminal' }),
};

const TOO_LARGE_HEADERS: WireResponse = {
  status: 431,
  headers: [
    ['Content-Type', 'application/json'],
    ['Connection', 'close'],
  ],
  body: JSON.stringify({ message: 'Request Header Fields Too Large' }),
};

function write(response: ServerResponse, answer: WireResponse, bodiless: boolean): void {
  response.statusCode = answer.status;
  for (const [name, value] of answer.headers) response.appendHeader(name, value);
  response.end(bodiless ? undefined : answer.body);
}
