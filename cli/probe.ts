/** Sends requests to an API to measure how long it still accepts a token. */
import { setTimeout as sleep } from 'node:timers/promises';
import { isPrivateConnection } from '../lambda/settings/grammar.ts';
import { EXIT, failure, usageError, type ExitCode } from './errors.ts';
import { claimOfAnother, type TokenSubject } from './probe-subject.ts';
import { readToken } from './stdin.ts';

export interface ProbeOptions {
  readonly probe?: string;
  /** In seconds. */
  readonly probeTimeout?: string;
}

export interface ProbeResult {
  readonly data: {
    readonly refused: boolean;
    readonly status: number | undefined;
    readonly seconds: number;
    readonly let_in_before: boolean;
  };
  readonly text: string;
  readonly exitCode: ExitCode;
}

const INTERVAL_MS = 250;
const REQUEST_TIMEOUT_MS = 10_000;

/**
 * Reads the token and sends one request before anything is written: another user's token, or one
 * that is already denied, would measure nothing. Returns the probe to run after the write, or
 * undefined without `--probe`.
 *
 * @param subject the user that the command changes; undefined for a command about one token
 * @param givenToken the token, if standard input has already been read
 * @throws CliError
 */
export async function prepareProbe(
  { probe, probeTimeout = '60' }: ProbeOptions,
  subject?: TokenSubject,
  givenToken?: string,
): Promise<(() => Promise<ProbeResult>) | undefined> {
  if (probe === undefined) return undefined;
  const url = readUrl(probe);
  const timeoutMs = readSeconds(probeTimeout) * 1000;
  const token = givenToken ?? (await readToken());
  const claim = subject && claimOfAnother(token, subject);
  if (claim !== undefined) {
    throw usageError(
      'probe_subject',
      `The ${claim} of the token on standard input does not name ${subject?.key}, so nothing was written`,
      'Pipe in a token of that user, or omit --probe',
    );
  }
  const before = await ask(url, token);
  if (before === undefined) {
    throw failure(
      'probe_unreachable',
      `${url.origin} does not answer --probe, so nothing was written`,
      'Check the URL and the network, or omit --probe',
    );
  }
  if (before.isNoRoute) {
    throw usageError(
      'probe_route_missing',
      `There is no such route: ${url.origin}${url.pathname} answers ${before.status}, so nothing was written`,
      'Name a route behind the authorizer, with its stage (.../prod/whoami)',
    );
  }
  return () => untilRefused(url, token, timeoutMs, isLetIn(before.status));
}

async function untilRefused(
  url: URL,
  token: string,
  timeoutMs: number,
  letInBefore: boolean,
): Promise<ProbeResult> {
  const startedAt = performance.now();
  for (;;) {
    const status = (await ask(url, token))?.status;
    const elapsedMs = performance.now() - startedAt;
    const refused = status === 401 || status === 403;
    if (refused || elapsedMs + INTERVAL_MS > timeoutMs) {
      const seconds = Math.round(elapsedMs / 10) / 100;
      return {
        data: { refused, status, seconds, let_in_before: letInBefore },
        text: describe(refused, status, seconds, letInBefore),
        exitCode: refused ? EXIT.ok : EXIT.no,
      };
    }
    await sleep(INTERVAL_MS);
  }
}

function describe(
  refused: boolean,
  status: number | undefined,
  seconds: number,
  letInBefore: boolean,
): string {
  if (!refused) {
    return `The token is still accepted after ${seconds} s (last response: ${status ?? 'none'}).`;
  }
  return letInBefore
    ? `The token is denied with ${status} after ${seconds} s.`
    : `The token is denied with ${status}, but it was already denied before the write, so nothing was measured.`;
}

interface Answer {
  readonly status: number;
  /** No route matched, so that no authorizer was asked. */
  readonly isNoRoute: boolean;
}

/** Undefined when there was no answer. */
async function ask(url: URL, token: string): Promise<Answer | undefined> {
  try {
    const { status, headers, body } = await fetch(url, {
      headers: { authorization: `Bearer ${token}` },
      // A redirect would send the token to another server.
      redirect: 'manual',
      signal: AbortSignal.timeout(REQUEST_TIMEOUT_MS),
    });
    await body?.cancel();
    // A REST API answers 403 to a path that it does not have, and says why in this header:
    // https://docs.aws.amazon.com/apigateway/latest/developerguide/supported-gateway-response-types.html
    const isUnknownPath = headers.get('x-amzn-errortype')?.startsWith('MissingAuthenticationToken');
    return { status, isNoRoute: status === 404 || isUnknownPath === true };
  } catch {
    return undefined;
  }
}

function isLetIn(status: number): boolean {
  return status < 500 && status !== 401 && status !== 403;
}

function readUrl(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url !== undefined && isPrivateConnection(url)) return url;
  throw usageError(
    'probe_url',
    '--probe sends a token, so it needs an https:// URL (http:// only for a loopback address)',
    'Name a route behind the authorizer',
  );
}

function readSeconds(text: string): number {
  const seconds = /^[1-9]\d{0,3}$/u.test(text) ? Number(text) : Number.NaN;
  if (seconds <= 3600) return seconds;
  throw usageError(
    'probe_timeout',
    '--probe-timeout must be 1 to 3600 seconds',
    'Write a whole number',
  );
}
