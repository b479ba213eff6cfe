/**
 * The state file of the running local stack, by which `rollcall --local` finds it. It holds addresses
 * and settings, and no token.
 */
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { LocalStack } from './stack.ts';
import { isRunning, LOCAL_DIRECTORY } from './template/synthesize.ts';

export const STATE_FILE = path.join(LOCAL_DIRECTORY, 'state.json');

export interface LocalState {
  /** The process that serves it. */
  readonly pid: number;
  readonly url: string;
  readonly httpUrl?: string;
  readonly webSocketUrl?: string;
  readonly issuer: string;
  readonly jwksUri: string;
  readonly tokenEndpoint: string;
  /** For `AWS_ENDPOINT_URL_DYNAMODB`; any credentials do. */
  readonly tableEndpoint: string;
  readonly region: string;
  readonly usersTableName: string;
  readonly usersTableKey: string;
  readonly revokedTokensTableName?: string;
  /** The settings in the authorizer's environment. */
  readonly settings: Readonly<Record<string, string>>;
  readonly outputs: Readonly<Record<string, string>>;
}

export function writeState(stack: LocalStack, file = STATE_FILE): void {
  const state: LocalState = {
    pid: process.pid,
    url: stack.url,
    ...(stack.httpUrl !== undefined && { httpUrl: stack.httpUrl }),
    ...(stack.webSocketUrl !== undefined && { webSocketUrl: stack.webSocketUrl }),
    issuer: stack.identityProvider.issuer,
    jwksUri: stack.identityProvider.jwksUri,
    tokenEndpoint: stack.identityProvider.tokenEndpoint,
    tableEndpoint: stack.tableEndpoint,
    region: stack.region,
    usersTableName: stack.usersTable.name,
    usersTableKey: stack.usersTable.key,
    ...(stack.revokedTokensTableName !== undefined && {
      revokedTokensTableName: stack.revokedTokensTableName,
    }),
    settings: stack.settings(),
    outputs: stack.outputs,
  };
  write(state, file);
}

/** The running stack; undefined if none runs, even if a killed process left a state file. */
export function readState(file = STATE_FILE): LocalState | undefined {
  try {
    const state = JSON.parse(readFileSync(file, 'utf8')) as LocalState;
    return isRunning(state.pid) ? state : undefined;
  } catch {
    return undefined;
  }
}

/** Removes this process's state file. If the stack `before` still runs, its state is written again. */
export function giveBackState(before: LocalState | undefined, file = STATE_FILE): void {
  if (readState(file)?.pid !== process.pid) return;
  rmSync(file, { force: true });
  if (before !== undefined && isRunning(before.pid)) write(before, file);
}

function write(state: LocalState, file: string): void {
  mkdirSync(path.dirname(file), { recursive: true });
  writeFileSync(file, `${JSON.stringify(state, undefined, 2)}\n`);
}
