/** Starts the authorization server of the tests. */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';

export interface Control {
  /** Who is signed in. */
  readonly subject?: string;
  /** What is granted, separated by spaces. */
  readonly scopes?: string;
  /** Whether access tokens have expired when they are issued. */
  readonly expired?: boolean;
  /** Whether there are refresh tokens. */
  readonly refresh?: boolean;
}

export interface AuthorizationServer {
  readonly url: string;
  readonly jwksUri: string;
  readonly control: (control: Control) => Promise<void>;
  readonly close: () => void;
}

export async function startAuthorizationServer(): Promise<AuthorizationServer> {
  const child = fork(path.join(import.meta.dirname, 'authorization-server.mjs'), {
    silent: true,
    execArgv: [],
  });
  const [{ url }] = (await once(child, 'message')) as [{ readonly url: string }];
  return {
    url,
    jwksUri: `${url}/jwks`,
    control: async (control) => {
      await fetch(`${url}/control`, { method: 'POST', body: JSON.stringify(control) });
    },
    close: () => child.kill(),
  };
}
