/**
 * The forger's tools: signs whatever it is told to with keys of its own, or pretends to sign. For
 * trying out what the authorizer makes of it; nothing here is a way to make a real token.
 */
import {
  createHmac,
  createPublicKey,
  generateKeyPairSync,
  sign,
  type JsonWebKey,
  type KeyObject,
} from 'node:crypto';

export type JsonObject = Readonly<Record<string, unknown>>;

/** A token taken apart, unverified. */
export interface TokenParts {
  readonly header: JsonObject;
  readonly payload: JsonObject;
  readonly signature: string;
}

/** Takes apart a token that this process made. */
export function takeApart(token: string): TokenParts {
  const [header = '', payload = '', signature = ''] = token.split('.');
  return { header: decodePart(header), payload: decodePart(payload), signature };
}

/** Puts parts together as they are, whether or not the signature fits. */
export function putTogether({ header, payload, signature }: TokenParts): string {
  return `${signingInput(header, payload)}.${signature}`;
}

/** A private key that no trusted issuer publishes. RSA, so that its tokens look like RS256. */
export function foreignKey(): KeyObject {
  return generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey;
}

/** Signs with RS256, whatever the header says. */
export function signRs256(header: JsonObject, payload: JsonObject, key: KeyObject): string {
  const input = signingInput(header, payload);
  return `${input}.${sign('sha256', Buffer.from(input), key).toString('base64url')}`;
}

/**
 * Signs with HS256 and a public key as the secret: the trick on verifiers that let the token's
 * header choose the algorithm.
 *
 * @see https://www.rfc-editor.org/rfc/rfc8725#section-2.1
 */
export function signWithPublicKey(
  header: JsonObject,
  payload: JsonObject,
  jwk: JsonWebKey,
): string {
  const input = signingInput({ ...header, alg: 'HS256' }, payload);
  const secret = createPublicKey({ key: jwk, format: 'jwk' }).export({
    type: 'spki',
    format: 'pem',
  });
  return `${input}.${createHmac('sha256', secret).update(input).digest('base64url')}`;
}

function signingInput(header: JsonObject, payload: JsonObject): string {
  return `${encodePart(header)}.${encodePart(payload)}`;
}

function encodePart(value: JsonObject): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url');
}

function decodePart(part: string): JsonObject {
  return JSON.parse(Buffer.from(part, 'base64url').toString()) as JsonObject;
}
