/** Signatures that are no signatures: the edges of each algorithm's numbers and encodings. */
import { createHash, generateKeyPairSync, privateEncrypt, sign, constants } from 'node:crypto';
import { createKey, signParts, signToken, type TestKey } from '../support/issuer.ts';
import { Arenas, type Attack } from './arena.ts';
import {
  bigEndian,
  COORDINATE_BYTES,
  cubeRootCeiling,
  genuineSignature,
  littleEndian,
  ORDERS,
  toBigInt,
  tokenUnder,
  tokenWithSignature,
} from './forge.ts';
import { itAllows, itRefuses } from './matrix.ts';

const rsaWithExponent3: TestKey = (() => {
  const pair = generateKeyPairSync('rsa', { modulusLength: 2048, publicExponent: 3 });
  const jwk = { ...pair.publicKey.export({ format: 'jwk' }), kid: 'rsa-e3', use: 'sig' };
  return { kid: 'rsa-e3', alg: 'RS256', ...pair, jwk };
})();

const arenas = new Arenas();
beforeAll(() => arenas.start({ extraKeys: [rsaWithExponent3] }));
afterAll(() => arenas.close());

type Forged = (signingInput: string, key: TestKey) => Uint8Array;

/** An attack on a key by a forged signature. */
function forged(
  alg: 'ES256' | 'ES384' | 'ES512' | 'RS256' | 'EdDSA',
  name: string,
  forge: Forged,
): Attack {
  return {
    name: `${alg}: ${name}`,
    reason: 'signature_invalid',
    token: ({ keys, claims }) =>
      tokenUnder(keys[alg], claims(), (signingInput) => forge(signingInput, keys[alg])),
  };
}

const anyAlgorithm = (['ES256', 'ES384', 'ES512', 'RS256', 'EdDSA'] as const).flatMap((alg) => [
  forged(alg, 'made with another key of that kind', (signingInput) =>
    genuineSignature(signingInput, STRANGERS[alg]),
  ),
  forged(alg, 'of another text', (_, key) => genuineSignature('e30.e30', key)),
  forged(alg, 'of the payload alone', (signingInput, key) =>
    genuineSignature(signingInput.split('.')[1] ?? '', key),
  ),
  forged(alg, 'with its first bit flipped', (signingInput, key) => flip(signingInput, key, 0)),
  forged(alg, 'with its last bit flipped', (signingInput, key) => flip(signingInput, key, -1)),
  forged(alg, 'less its last byte', (signingInput, key) =>
    genuineSignature(signingInput, key).subarray(0, -1),
  ),
  forged(alg, 'less its first byte', (signingInput, key) =>
    genuineSignature(signingInput, key).subarray(1),
  ),
  forged(alg, 'and a byte more', (signingInput, key) =>
    Buffer.concat([genuineSignature(signingInput, key), Buffer.alloc(1)]),
  ),
  forged(alg, 'after a zero byte', (signingInput, key) =>
    Buffer.concat([Buffer.alloc(1), genuineSignature(signingInput, key)]),
  ),
  forged(alg, 'twice', (signingInput, key) => {
    const signature = genuineSignature(signingInput, key);
    return Buffer.concat([signature, signature]);
  }),
  forged(alg, 'of one byte', () => Buffer.alloc(1)),
  forged(alg, 'of 2,000 bytes', () => Buffer.alloc(2000, 0xff)),
  {
    name: `${alg}: kept while the payload names somebody else`,
    reason: 'signature_invalid',
    token: ({ keys, claims }) => {
      const [header, , signature] = signToken(claims({ sub: 'mallory' }), keys[alg]).split('.');
      const [, payload] = signToken(claims(), keys[alg]).split('.');
      return `${header}.${payload}.${signature}`;
    },
  } satisfies Attack,
]);

const STRANGERS = {
  ES256: createKey('ES256'),
  ES384: createKey('ES384'),
  ES512: createKey('ES512'),
  RS256: createKey('RS256'),
  EdDSA: createKey('EdDSA'),
};

function flip(signingInput: string, key: TestKey, at: number): Buffer {
  const signature = genuineSignature(signingInput, key);
  const index = at < 0 ? signature.length + at : at;
  signature.writeUInt8(signature.readUInt8(index) ^ 1, index);
  return signature;
}

const ecdsa = (['ES256', 'ES384', 'ES512'] as const).flatMap((alg) => {
  const order = ORDERS[alg];
  const bytes = COORDINATE_BYTES[alg];
  const pair = (r: bigint, s: bigint): Forged => {
    return () => Buffer.concat([bigEndian(r, bytes), bigEndian(s, bytes)]);
  };
  const largest = 256n ** BigInt(bytes) - 1n;
  const halves = (signingInput: string, key: TestKey): readonly [Buffer, Buffer] => {
    const signature = genuineSignature(signingInput, key);
    return [signature.subarray(0, bytes), signature.subarray(bytes)];
  };
  return [
    forged(alg, 'r = s = 0 (as CVE-2022-21449)', pair(0n, 0n)),
    forged(alg, 'r = 0, s = 1', pair(0n, 1n)),
    forged(alg, 'r = 1, s = 0', pair(1n, 0n)),
    forged(alg, 'r = s = 1', pair(1n, 1n)),
    forged(alg, 'r = s = n − 1', pair(order - 1n, order - 1n)),
    forged(alg, 'r = s = n', pair(order, order)),
    forged(alg, 'r = n, s = 0', pair(order, 0n)),
    forged(alg, 'r = 0, s = n', pair(0n, order)),
    forged(alg, 'r = s = n + 1', pair(order + 1n, order + 1n)),
    forged(alg, 'r and s as large as they fit', pair(largest, largest)),
    forged(alg, 'a genuine r with s = 0', (signingInput, key) =>
      Buffer.concat([halves(signingInput, key)[0], Buffer.alloc(bytes)]),
    ),
    forged(alg, 's = 0 and r of zero length', () => Buffer.alloc(bytes)),
    forged(alg, 'r and s swapped', (signingInput, key) =>
      Buffer.concat(halves(signingInput, key).toReversed()),
    ),
    forged(alg, 'r and s in little-endian order', (signingInput, key) =>
      Buffer.concat(halves(signingInput, key).map((half) => half.toReversed())),
    ),
    forged(alg, 'r and s each after a zero byte', (signingInput, key) =>
      Buffer.concat(halves(signingInput, key).flatMap((half) => [Buffer.alloc(1), half])),
    ),
    forged(alg, 'a genuine one in DER', (signingInput, key) =>
      sign(HASHES[alg], Buffer.from(signingInput), { key: key.privateKey, dsaEncoding: 'der' }),
    ),
    forged(alg, 'r = s = 0 in DER', () => Buffer.from('3006020100020100', 'hex')),
    forged(alg, 'an empty sequence in DER', () => Buffer.from('3000', 'hex')),
    forged(alg, 'DER of an indefinite length', () => Buffer.from('30800201010201010000', 'hex')),
    forged(alg, 'a genuine one over another hash', (signingInput, key) =>
      sign(alg === 'ES256' ? 'sha512' : 'sha256', Buffer.from(signingInput), {
        key: key.privateKey,
        dsaEncoding: 'ieee-p1363',
      }),
    ),
  ];
});

const HASHES = { ES256: 'sha256', ES384: 'sha384', ES512: 'sha512' } as const;

/** Encodings of points of small order, and of none (RFC 8032 §5.1.3 decodes the first three). */
const ODD_POINTS = {
  'the neutral element': `01${'00'.repeat(31)}`,
  'order two': `ec${'ff'.repeat(30)}7f`,
  'order four': '00'.repeat(32),
  'order eight': 'c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a',
  'the neutral element with a sign': `01${'00'.repeat(30)}80`,
  'y = p': `ed${'ff'.repeat(30)}7f`,
  'y = p + 1': `ee${'ff'.repeat(30)}7f`,
  'y as large as it fits': 'ff'.repeat(32),
  'no point at all': `02${'00'.repeat(31)}`,
} as const;

const ed25519 = [
  ...Object.entries(ODD_POINTS).flatMap(([name, hex]) => {
    const r = Buffer.from(hex, 'hex');
    return [
      forged('EdDSA', `R is ${name}, S = 0`, () => Buffer.concat([r, Buffer.alloc(32)])),
      forged('EdDSA', `R is ${name}, S = 1`, () => Buffer.concat([r, littleEndian(1n, 32)])),
      forged('EdDSA', `R is ${name}, S = L`, () =>
        Buffer.concat([r, littleEndian(ORDERS.EdDSA, 32)]),
      ),
      forged('EdDSA', `R is ${name}, S is genuine`, (signingInput, key) =>
        Buffer.concat([r, genuineSignature(signingInput, key).subarray(32)]),
      ),
    ];
  }),
  ...[1n, 2n, 8n].map((times) =>
    forged('EdDSA', `a genuine one with ${times} L added to S`, (signingInput, key) => {
      const signature = genuineSignature(signingInput, key);
      const s = toBigInt(signature.subarray(32).toReversed());
      return Buffer.concat([signature.subarray(0, 32), littleEndian(s + times * ORDERS.EdDSA, 32)]);
    }),
  ),
  forged('EdDSA', 'S as large as it fits', (signingInput, key) =>
    Buffer.concat([genuineSignature(signingInput, key).subarray(0, 32), Buffer.alloc(32, 0xff)]),
  ),
  forged('EdDSA', 'R and S swapped', (signingInput, key) => {
    const signature = genuineSignature(signingInput, key);
    return Buffer.concat([signature.subarray(32), signature.subarray(0, 32)]);
  }),
  forged('EdDSA', 'over the hash of the text (Ed25519ph without its context)', (text, key) =>
    sign(null, createHash('sha512').update(text).digest(), key.privateKey),
  ),
];

/** DigestInfo of RFC 8017 §9.2, less the hash itself. */
const DIGEST_INFO = {
  sha1: '3021300906052b0e03021a05000414',
  sha256: '3031300d060960864801650304020105000420',
  'sha256 without its NULL': '302f300b06096086480165030402010420',
} as const;

function hashOf(text: string, hash = 'sha256'): Buffer {
  return createHash(hash).update(text).digest();
}

/** Signs what stands for a DigestInfo, in PKCS #1's padding of type 1. */
function paddedSignature(key: TestKey, content: Uint8Array): Buffer {
  return privateEncrypt(
    { key: key.privateKey, padding: constants.RSA_PKCS1_PADDING },
    Buffer.from(content),
  );
}

/** The RSA private operation on a whole block. */
function rawSignature(key: TestKey, block: Uint8Array): Buffer {
  return privateEncrypt(
    { key: key.privateKey, padding: constants.RSA_NO_PADDING },
    Buffer.from(block),
  );
}

/** A block of `type` with `padding`, that ends in the DigestInfo of `text`. */
function block(text: string, start: string, paddingByte: number, trailing = 0): Buffer {
  const end = Buffer.concat([Buffer.from(DIGEST_INFO.sha256, 'hex'), hashOf(text)]);
  const head = Buffer.from(start, 'hex');
  const padding = Buffer.alloc(256 - head.length - 1 - end.length - trailing, paddingByte);
  return Buffer.concat([head, padding, Buffer.alloc(1), end, Buffer.alloc(trailing, 0x55)]);
}

function modulusOf(key: TestKey): bigint {
  return toBigInt(Buffer.from(String(key.jwk['n']), 'base64url'));
}

const rsa = [
  forged('RS256', 'the number 0', () => Buffer.alloc(256)),
  forged('RS256', 'the number 1', () => bigEndian(1n, 256)),
  forged('RS256', 'n − 1', (_, key) => bigEndian(modulusOf(key) - 1n, 256)),
  forged('RS256', 'n', (_, key) => bigEndian(modulusOf(key), 256)),
  forged('RS256', 'a genuine one plus n', (signingInput, key) =>
    bigEndian(toBigInt(genuineSignature(signingInput, key)) + modulusOf(key), 257),
  ),
  forged('RS256', 'n less a genuine one', (signingInput, key) =>
    bigEndian(modulusOf(key) - toBigInt(genuineSignature(signingInput, key)), 256),
  ),
  forged('RS256', 'in PSS, as PS256 has it', (signingInput, key) =>
    sign('sha256', Buffer.from(signingInput), {
      key: key.privateKey,
      padding: constants.RSA_PKCS1_PSS_PADDING,
      saltLength: 32,
    }),
  ),
  forged('RS256', 'over SHA-1', (text, key) =>
    sign('sha1', Buffer.from(text), { key: key.privateKey }),
  ),
  forged('RS256', 'over SHA-384', (text, key) =>
    sign('sha384', Buffer.from(text), { key: key.privateKey }),
  ),
  forged('RS256', 'over SHA-512', (text, key) =>
    sign('sha512', Buffer.from(text), { key: key.privateKey }),
  ),
  forged('RS256', 'of the bare hash, no DigestInfo', (text, key) =>
    paddedSignature(key, hashOf(text)),
  ),
  forged('RS256', 'with the object identifier of SHA-1', (text, key) =>
    paddedSignature(key, Buffer.concat([Buffer.from(DIGEST_INFO.sha1, 'hex'), hashOf(text)])),
  ),
  forged('RS256', 'without the NULL of the parameters', (text, key) =>
    paddedSignature(
      key,
      Buffer.concat([Buffer.from(DIGEST_INFO['sha256 without its NULL'], 'hex'), hashOf(text)]),
    ),
  ),
  forged('RS256', 'with bytes after the hash', (text, key) =>
    paddedSignature(
      key,
      Buffer.concat([Buffer.from(DIGEST_INFO.sha256, 'hex'), hashOf(text), Buffer.alloc(8)]),
    ),
  ),
  forged('RS256', 'in padding of type 2', (text, key) =>
    rawSignature(key, block(text, '0002', 0xff)),
  ),
  forged('RS256', 'in padding of type 0', (text, key) => rawSignature(key, block(text, '0000', 0))),
  forged('RS256', 'in padding of other bytes', (text, key) =>
    rawSignature(key, block(text, '0001', 0xfe)),
  ),
  forged('RS256', 'in short padding with bytes after it', (text, key) =>
    rawSignature(key, block(text, '0001', 0xff, 100)),
  ),
];

/** The control of the raw operations above: the very block of PKCS #1 is a genuine signature. */
const rawControl = {
  name: 'RS256: a block of padding made by hand',
  token: ({ keys, claims }: Parameters<Attack['token']>[0]) =>
    tokenUnder(keys.RS256, claims(), (text) => rawSignature(keys.RS256, block(text, '0001', 0xff))),
};

/** A cube, made without any private key, whose upper bytes are what a lazy verifier looks at. */
function cubeForgery(text: string, paddingBytes: number): Buffer {
  const prefix = Buffer.concat([
    Buffer.from('0001', 'hex'),
    Buffer.alloc(paddingBytes, 0xff),
    Buffer.alloc(1),
    Buffer.from(DIGEST_INFO.sha256, 'hex'),
    hashOf(text),
  ]);
  const target = Buffer.concat([prefix, Buffer.alloc(256 - prefix.length)]);
  return bigEndian(cubeRootCeiling(toBigInt(target)), 256);
}

const bleichenbacher: readonly Attack[] = [0, 1, 8].map((paddingBytes) => ({
  name: `RSA with e = 3: a cube root after ${paddingBytes} bytes of padding`,
  reason: 'signature_invalid',
  token: ({ claims }) =>
    tokenUnder(rsaWithExponent3, claims(), (text) => cubeForgery(text, paddingBytes)),
}));

const empty: readonly Attack[] = (['ES256', 'RS256', 'EdDSA'] as const).map((alg) => ({
  name: `${alg}: none at all`,
  reason: 'token_malformed',
  token: ({ keys, claims }) =>
    tokenWithSignature({ alg, kid: keys[alg].kid }, claims(), Buffer.alloc(0)),
}));

itRefuses(arenas, [...anyAlgorithm, ...ecdsa, ...ed25519, ...rsa, ...bleichenbacher, ...empty]);

itAllows(arenas, [
  rawControl,
  {
    name: 'RSA with e = 3: a genuine signature',
    token: ({ claims }) => signToken(claims(), rsaWithExponent3),
  },
  ...(['ES256', 'ES384', 'ES512', 'RS256', 'EdDSA'] as const).map((alg) => ({
    name: `${alg}: a genuine signature`,
    token: ({ keys, claims }: Parameters<Attack['token']>[0]) =>
      tokenUnder(keys[alg], claims(), (text) =>
        Buffer.from(signParts(text, keys[alg]), 'base64url'),
      ),
  })),
]);

it('makes cubes that a verifier without a look at the end would take', () => {
  const cube = bigEndian(toBigInt(cubeForgery('text', 8)) ** 3n, 256).toString('hex');
  expect(cube.startsWith(`0001${'ff'.repeat(8)}00${DIGEST_INFO.sha256}`)).toBe(true);
  expect(cube).toContain(hashOf('text').toString('hex'));
});
