/** An issuer on loopback: fresh keys at every run, a key set over real HTTP, real signatures. */
import { generateKeyPairSync, randomUUID, sign, type KeyObject } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Algorithm } from '../../lambda/settings/grammar.ts';

export const AUDIENCE = 'https://api.example.com';

/** A private key with the JWK that publishes its other half. */
export interface TestKey {
  readonly kid: string;
  readonly alg: Algorithm;
  readonly privateKey: KeyObject;
  readonly publicKey: KeyObject;
  readonly jwk: Readonly<Record<string, unknown>>;
}

export type Claims = Readonly<Record<string, unknown>>;

const HASHES: Readonly<Record<Algorithm, string | null>> = {
  RS256: 'sha256',
  RS384: 'sha384',
  RS512: 'sha512',
  ES256: 'sha256',
  ES384: 'sha384',
  ES512: 'sha512',
  EdDSA: null,
  Ed25519: null,
};

function keyPair(alg: Algorithm): {
  readonly privateKey: KeyObject;
  readonly publicKey: KeyObject;
} {
  switch (alg) {
    case 'RS256':
    case 'RS384':
    case 'RS512':
      return generateKeyPairSync('rsa', { modulusLength: 2048 });
    case 'ES256':
      return generateKeyPairSync('ec', { namedCurve: 'P-256' });
    case 'ES384':
      return generateKeyPairSync('ec', { namedCurve: 'P-384' });
    case 'ES512':
      return generateKeyPairSync('ec', { namedCurve: 'P-521' });
    case 'EdDSA':
    case 'Ed25519':
      return generateKeyPairSync('ed25519');
  }
}

/** A fresh key. ES256 unless told otherwise, because it is made fastest. */
export function createKey(alg: Algorithm = 'ES256', kid: string = randomUUID()): TestKey {
  const { privateKey, publicKey } = keyPair(alg);
  const jwk = { ...publicKey.export({ format: 'jwk' }), kid, alg, use: 'sig' };
  return { kid, alg, privateKey, publicKey, jwk };
}

/** Any JSON, or any text, as a part of a token. */
export function encodePart(value: unknown): string {
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  return Buffer.from(text).toString('base64url');
}

/** The signature over two encoded parts, in the form that JWS uses. */
export function signParts(signingInput: string, key: Pick<TestKey, 'alg' | 'privateKey'>): string {
  const options = { key: key.privateKey, dsaEncoding: 'ieee-p1363' } as const;
  return sign(HASHES[key.alg], Buffer.from(signingInput), options).toString('base64url');
}

/** A signed token; `header` is merged over `alg`, `kid` and `typ`, a member set to undefined goes. */
export function signToken(claims: Claims, key: TestKey, header: Claims = {}): string {
  const fullHeader = { alg: key.alg, kid: key.kid, typ: 'JWT', ...header };
  const signingInput = `${encodePart(fullHeader)}.${encodePart(claims)}`;
  return `${signingInput}.${signParts(signingInput, key)}`;
}

export class TestIssuer {
  /** What the key set says; change it to rotate. */
  keys: TestKey[];
  /** How often the key set has been asked for. */
  fetches = 0;
  /** Answers instead of the key set, to play an issuer in trouble. */
  respond: RequestListener | undefined;
  readonly #server: Server;

  private constructor(keys: TestKey[], server: Server) {
    this.keys = keys;
    this.#server = server;
  }

  static async start(...keys: TestKey[]): Promise<TestIssuer> {
    const server = createServer();
    const issuer = new TestIssuer(keys.length > 0 ? keys : [createKey()], server);
    server.on('request', (request, response) => {
      issuer.fetches += 1;
      if (issuer.respond !== undefined) return issuer.respond(request, response);
      response.setHeader('content-type', 'application/json');
      response.end(JSON.stringify({ keys: issuer.keys.map(({ jwk }) => jwk) }));
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return issuer;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  get jwksUri(): string {
    return `${this.url}/.well-known/jwks.json`;
  }

  /** The settings of the function that make it trust this issuer. */
  get settings(): Readonly<Record<string, string>> {
    return { JWT_ISSUER: this.url, JWKS_URI: this.jwksUri, JWT_AUDIENCE: AUDIENCE };
  }

  /** Claims that pass every check: valid from a minute ago, for ten minutes. */
  claims(overrides: Claims = {}): Claims {
    const now = Math.floor(Date.now() / 1000);
    return {
      iss: this.url,
      aud: AUDIENCE,
      sub: 'alice',
      iat: now - 60,
      exp: now + 600,
      jti: randomUUID(),
      ...overrides,
    };
  }

  /** A token that passes every check, but for `overrides`; a claim set to undefined goes. */
  token(overrides: Claims = {}, key = this.keys[0], header: Claims = {}): string {
    if (key === undefined) throw new Error('The issuer has no key');
    return signToken(this.claims(overrides), key, header);
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    this.#server.close();
    await once(this.#server, 'close');
  }
}
