/**
 * Sender-constrained tokens: `cnf` (RFC 7800 §3.1) names a key that the sender has to prove to hold.
 * A client certificate (`x5t#S256`, RFC 8705 §3.1) can be verified where the gateway has done mutual
 * TLS, since the event has the certificate. Anything else cannot: a proof of possession (DPoP, RFC
 * 9449) is in a header of its own and good for one request.
 */
import { createHash, X509Certificate } from 'node:crypto';
import { isJsonObject, ownMember, type JsonObject } from '../json.ts';

const THUMBPRINT = 'x5t#S256';

/**
 * Whether a token may be used as a bearer token at all.
 *
 * @param certificate the client's, as PEM
 * @param allowBoundTokens also accept bindings that cannot be verified
 */
export function canBeAccepted(
  payload: JsonObject,
  certificate: string | undefined,
  allowBoundTokens: boolean,
): boolean {
  if (allowBoundTokens || !Object.hasOwn(payload, 'cnf')) return true;
  // A second confirmation beside the thumbprint would go unverified.
  return certificate !== undefined && thumbprintIn(payload) !== undefined && isAlone(payload);
}

/** Whether the client's certificate is the one that the token is bound to, if both are there. */
export function matchesCertificate(payload: JsonObject, certificate: string | undefined): boolean {
  const expected = thumbprintIn(payload);
  if (expected === undefined || certificate === undefined) return true;
  return thumbprintOf(certificate) === expected;
}

function thumbprintIn(payload: JsonObject): string | undefined {
  const confirmation = ownMember(payload, 'cnf');
  const thumbprint = isJsonObject(confirmation) && ownMember(confirmation, THUMBPRINT);
  return typeof thumbprint === 'string' ? thumbprint : undefined;
}

function isAlone(payload: JsonObject): boolean {
  return Object.keys(ownMember(payload, 'cnf') as JsonObject).length === 1;
}

/** Of the DER encoding, as base64url; undefined if `pem` is no certificate. */
function thumbprintOf(pem: string): string | undefined {
  try {
    return createHash('sha256').update(new X509Certificate(pem).raw).digest('base64url');
  } catch {
    return undefined;
  }
}
