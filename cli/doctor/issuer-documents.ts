/** What an issuer publishes: its key set and its OpenID discovery document. */
import { isJsonObject } from '../../lambda/json.ts';
import type { IssuerConfig } from '../../lambda/settings/config.ts';
import { within } from '../../lambda/deadline.ts';
import type { UnavailableCause } from '../../lambda/decision.ts';
import { fetchJwks } from '../../lambda/keys/jwks-fetch.ts';
import { KeySet } from '../../lambda/keys/key-set.ts';

const TIMEOUT_MS = 5000;
const MAX_DOCUMENT_BYTES = 1024 * 1024;

export type KeySetResult =
  | {
      readonly ok: true;
      /** The `kid`s of keys that verify tokens here. */
      readonly usable: readonly string[];
      /** The `kid`s of keys that can verify nothing here; those for encryption do not count. */
      readonly unusable: readonly string[];
    }
  | { readonly ok: false; readonly cause: UnavailableCause; readonly httpStatus?: number };

/** Fetches an issuer's key set as the function does, and checks every key. */
export async function readKeySet(issuer: IssuerConfig): Promise<KeySetResult> {
  const fetch = fetchJwks(issuer.jwksUri);
  const result = await within(fetch.result, TIMEOUT_MS);
  if (result === undefined) fetch.abandon();
  if (result === undefined) return { ok: false, cause: 'timeout' };
  if (!result.ok) return result;
  const unusable: string[] = [];
  const usable: string[] = [];
  for (const jwk of result.keys) {
    const { kid, use } = jwk;
    if (use === 'enc') continue;
    const name = typeof kid === 'string' && kid !== '' ? kid : undefined;
    const keySet = new KeySet([jwk], 0, { ...issuer, clockToleranceSeconds: 0 });
    const isUsable =
      name !== undefined &&
      issuer.algorithms.some((algorithm) => keySet.verifierFor(name, algorithm) !== undefined);
    if (isUsable) usable.push(name);
    else unusable.push(name ?? '(without kid)');
  }
  return { ok: true, usable, unusable };
}

/** Why a key set cannot be read, with the status of the answer where that is why. */
export function causeOf({ cause, httpStatus }: KeySetResult & { readonly ok: false }): string {
  return httpStatus === undefined ? cause : `${cause} ${httpStatus}`;
}

export type DiscoveryResult =
  | { readonly ok: true; readonly document: Readonly<Record<string, unknown>> }
  | { readonly ok: false; readonly problem: string };

/** Fetches `<issuer>/.well-known/openid-configuration` (OpenID Connect Discovery 1.0 §4). */
export async function readDiscovery(issuer: string): Promise<DiscoveryResult> {
  if (!/^https?:\/\//u.test(issuer) || !URL.canParse(issuer)) {
    return { ok: false, problem: 'the issuer is not a URL' };
  }
  const url = `${issuer.replace(/\/$/u, '')}/.well-known/openid-configuration`;
  try {
    const response = await fetch(url, {
      headers: { accept: 'application/json' },
      redirect: 'error',
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
    if (response.status !== 200) {
      await response.body?.cancel();
      return { ok: false, problem: `it answered ${response.status}` };
    }
    const text = await readBounded(response);
    const document: unknown = JSON.parse(text);
    return isJsonObject(document)
      ? { ok: true, document }
      : { ok: false, problem: 'it is not a JSON object' };
  } catch (error) {
    const isJson = error instanceof SyntaxError;
    return { ok: false, problem: isJson ? 'it is not JSON' : 'it cannot be reached' };
  }
}

async function readBounded({ body }: Response): Promise<string> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of (body ?? []) as AsyncIterable<Uint8Array>) {
    bytes += chunk.length;
    if (bytes > MAX_DOCUMENT_BYTES) throw new RangeError('The document is too large');
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}
