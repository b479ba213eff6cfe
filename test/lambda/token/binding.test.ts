/** Tokens that are bound to a key of their sender (`cnf`). */
import { canBeAccepted, matchesCertificate } from '../../../lambda/token/binding.ts';
import {
  ALICE_CERTIFICATE,
  MALLORY_CERTIFICATE,
  thumbprintOf,
} from '../../support/certificates.ts';

const ALICE = thumbprintOf(ALICE_CERTIFICATE);
const BOUND = { cnf: { 'x5t#S256': ALICE } };

it('knows the thumbprint of a certificate that was made elsewhere', () => {
  // openssl x509 -outform DER | openssl dgst -sha256 -binary | basenc --base64url
  expect(ALICE).toBe('hnAvbNxLp_0erN0s-XZDzGQhUXt3H0-lZkepzLd-bwk');
});

describe('a token that is bound to a certificate', () => {
  it('can be accepted where the client has presented one', () => {
    expect(canBeAccepted(BOUND, ALICE_CERTIFICATE, false)).toBe(true);
  });

  it('cannot be accepted where it has presented none', () => {
    expect(canBeAccepted(BOUND, undefined, false)).toBe(false);
  });

  it.each([
    ['another key as well', { ...BOUND.cnf, jkt: 'a' }],
    ['a thumbprint that is no string', { 'x5t#S256': [ALICE] }],
    ['a thumbprint of SHA-1', { x5t: ALICE }],
    ['a prototype', Object.create(BOUND.cnf) as object],
  ])('cannot be accepted with %s, which nobody verifies', (_, cnf) => {
    expect(canBeAccepted({ cnf }, ALICE_CERTIFICATE, false)).toBe(false);
  });

  it('matches that certificate and no other', () => {
    expect(matchesCertificate(BOUND, ALICE_CERTIFICATE)).toBe(true);
    expect(matchesCertificate(BOUND, MALLORY_CERTIFICATE)).toBe(false);
  });

  it('is not compared where there is no certificate, if it is accepted at all', () => {
    expect(matchesCertificate(BOUND, undefined)).toBe(true);
  });

  it.each([
    ['padded', `${ALICE}=`],
    ['empty', ''],
    ['in hexadecimal', Buffer.from(ALICE, 'base64url').toString('hex')],
  ])('matches none when its thumbprint is %s', (_, thumbprint) => {
    expect(matchesCertificate({ cnf: { 'x5t#S256': thumbprint } }, ALICE_CERTIFICATE)).toBe(false);
  });

  it.each(['', 'alice', ALICE_CERTIFICATE.replace('MII', ''), ALICE_CERTIFICATE.slice(0, 200)])(
    'does not match what is no certificate',
    (pem) => {
      expect(matchesCertificate(BOUND, pem)).toBe(false);
    },
  );
});

describe('a token that is bound to another key', () => {
  it.each([{ jkt: 'a' }, { jwk: {} }, {}, null, 'cnf', []])('cannot be accepted: %j', (cnf) => {
    expect(canBeAccepted({ cnf }, ALICE_CERTIFICATE, false)).toBe(false);
  });

  it('can be accepted where that is allowed, whatever the certificate', () => {
    const payload = { cnf: { jkt: 'a' } };
    expect(canBeAccepted(payload, undefined, true)).toBe(true);
    expect(matchesCertificate(payload, ALICE_CERTIFICATE)).toBe(true);
  });
});

describe('a token that is bound to nothing', () => {
  it('can be accepted with and without a certificate', () => {
    expect([undefined, ALICE_CERTIFICATE].map((pem) => canBeAccepted({}, pem, false))).toEqual([
      true,
      true,
    ]);
    expect(matchesCertificate({}, ALICE_CERTIFICATE)).toBe(true);
  });
});
