/**
 * Compares what an issuer publishes with the settings. The key set is checked with the function's own
 * code. The discovery document describes id tokens and may differ for access tokens, so advice comes
 * from it only where that cannot lock users out.
 */
import type { IssuerConfig } from '../../lambda/settings/config.ts';
import { ALGORITHMS } from '../../lambda/settings/grammar.ts';
import { printable } from '../../lambda/telemetry/printable.ts';
import { check, type Check } from '../check.ts';
import { counted } from '../output.ts';
import { causeOf, readDiscovery, readKeySet, type KeySetResult } from './issuer-documents.ts';

const MAX_KIDS_SHOWN = 10;

/** The key set, and the discovery document if there is one. */
export async function checkIssuer(issuer: IssuerConfig): Promise<readonly Check[]> {
  const keySet = await readKeySet(issuer);
  return [checkKeySet(issuer, keySet), ...(await checkDiscovery(issuer, keySet))];
}

function checkKeySet({ jwksUri }: IssuerConfig, keySet: KeySetResult): Check {
  if (!keySet.ok) {
    return check(
      'keys',
      'fail',
      `the key set ${jwksUri} cannot be read (${causeOf(keySet)})`,
      'Check JWKS_URI, and that the issuer is up and answers requests from here',
    );
  }
  return keySet.usable.length > 0
    ? check(
        'keys',
        'pass',
        `${jwksUri} has ${counted(keySet.usable.length, 'usable key')}: ${listed(keySet.usable)}`,
      )
    : check(
        'keys',
        'fail',
        `${jwksUri} has no key that the allowed algorithms can use`,
        'Check JWT_ALGORITHMS against the keys of the issuer',
      );
}

/** Compares the discovery document with the settings. */
async function checkDiscovery(
  issuer: IssuerConfig,
  keySet: KeySetResult,
): Promise<readonly Check[]> {
  const discovery = await readDiscovery(issuer.issuer);
  if (!discovery.ok) {
    return [
      check(
        'discovery',
        'warn',
        `no OpenID discovery document of ${issuer.issuer}: ${discovery.problem}`,
        'Check the issuer if it should have one; the function does not need it',
      ),
    ];
  }
  const { document } = discovery;
  const algorithms = texts(document['id_token_signing_alg_values_supported']);
  return [
    checkName(issuer, document['issuer']),
    checkAddress(issuer, document['jwks_uri'], keySet),
    ...(algorithms === undefined ? [] : [checkAlgorithms(issuer, algorithms)]),
  ];
}

function checkName({ issuer }: IssuerConfig, published: unknown): Check {
  const id = 'discovery.issuer';
  return published === issuer
    ? check(id, 'pass', 'the issuer in the discovery document equals JWT_ISSUER')
    : check(
        id,
        'fail',
        `the issuer in the discovery document is ${shown(published)}, and JWT_ISSUER is ${issuer}`,
        `Compare both with the iss of a token, which JWT_ISSUER must equal (rollcall explain shows it). If it is ${shown(published)}, set it to that`,
      );
}

/** A query (`?appid=` of Entra ID) chooses among the keys of one address. */
function checkAddress({ jwksUri }: IssuerConfig, published: unknown, keySet: KeySetResult): Check {
  const id = 'discovery.jwks_uri';
  if (published === jwksUri || published === jwksUri.replace(/\?.*$/su, '')) {
    return check(id, 'pass', 'the issuer publishes its keys where JWKS_URI says');
  }
  const what = `the document names another key set than JWKS_URI: ${shown(published)}`;
  return keySet.ok && keySet.usable.length > 0
    ? check(
        id,
        'warn',
        what,
        'Keep JWKS_URI if its keys are meant (a proxy, signing keys of your own); rollcall explain tells whether a token is signed with them',
      )
    : check(id, 'warn', what, `Set JWKS_URI to it: there are no usable keys at ${jwksUri}`);
}

function checkAlgorithms(issuer: IssuerConfig, published: readonly string[]): Check {
  const id = 'discovery.algorithms';
  if (published.some((name) => issuer.algorithms.some((allowed) => allowed === name))) {
    return check(id, 'pass', 'the issuer signs id tokens with an allowed algorithm');
  }
  const possible = published.filter((name) => ALGORITHMS.some((known) => known === name));
  const what = `the issuer signs id tokens with ${listed(published)}, and none of these is allowed`;
  return possible.length > 0
    ? check(
        id,
        'warn',
        what,
        `If it signs access tokens alike, add to JWT_ALGORITHMS: ${listed(possible)}`,
      )
    : check(
        id,
        'warn',
        what,
        `Have it sign the tokens for this API with one of ${ALGORITHMS.join(', ')}: no other can be allowed`,
      );
}

function texts(value: unknown): readonly string[] | undefined {
  return Array.isArray(value) ? value.filter((item) => typeof item === 'string') : undefined;
}

function listed(values: readonly string[]): string {
  const names = values.slice(0, MAX_KIDS_SHOWN).map((value) => printable(value));
  return [...names, ...(values.length > names.length ? ['…'] : [])].join(', ');
}

function shown(value: unknown): string {
  return typeof value === 'string' ? printable(value) : '(nothing)';
}
