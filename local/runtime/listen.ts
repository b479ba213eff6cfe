/** HTTP servers that listen only on loopback. */
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

export const LOOPBACK = '127.0.0.1';
/** Number of ports to try after the requested one. */
const MAX_PORTS_TRIED = 50;
export const LAST_PORT = 65_535;

/** The port is taken, and no other one would do. */
export class PortTakenError extends Error {
  override name = 'PortTakenError';
  readonly code = 'PORT_TAKEN';
  readonly port: number;

  constructor(port: number) {
    super(
      `Port ${port} is in use. Choose another port with --port, or --port 0 for any free port.`,
    );
    this.port = port;
  }
}

export interface PortChoice {
  /** 0 for any free one. */
  readonly port: number;
  /** Whether the next free port will do when this one is taken. Default: false. */
  readonly orNextFree?: boolean;
}

export interface Listening {
  readonly server: Server;
  readonly port: number;
  /** Such as `http://127.0.0.1:3000`. */
  readonly url: string;
  /** Also closes open connections. */
  readonly close: () => Promise<void>;
}

/**
 * Starts a server.
 *
 * @throws PortTakenError when the port is taken and no other one will do
 */
export async function listen(
  listener: RequestListener,
  { port, orNextFree = false }: PortChoice,
): Promise<Listening> {
  const last = orNextFree && port !== 0 ? Math.min(port + MAX_PORTS_TRIED, LAST_PORT) : port;
  for (let candidate = port; candidate <= last; candidate++) {
    const server = createServer(listener);
    if (await bound(server, candidate)) {
      const { port: chosen } = server.address() as AddressInfo;
      return {
        server,
        port: chosen,
        url: `http://${LOOPBACK}:${chosen}`,
        close: () => closed(server),
      };
    }
  }
  throw new PortTakenError(port);
}

/** The port after `port`, or any free one when that was the last. */
export function portAfter(port: number): PortChoice {
  return { port: port < LAST_PORT ? port + 1 : 0, orNextFree: true };
}

/** Whether `server` could be bound to `port`; false when it is taken. */
async function bound(server: Server, port: number): Promise<boolean> {
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'EADDRINUSE') resolve(false);
      else reject(error);
    });
    server.listen(port, LOOPBACK, () => {
      server.removeAllListeners('error');
      resolve(true);
    });
  });
}

async function closed(server: Server): Promise<void> {
  return new Promise((resolve, reject) => {
    server.close((error) => {
      if (error) reject(error);
      else resolve();
    });
    server.closeAllConnections();
  });
}
