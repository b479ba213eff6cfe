/** Peer (a), the floor: aws-jwt-verify alone. It knows no users: a genuine token is let in. */
import { JwtVerifier } from 'aws-jwt-verify';
import { SimpleJwksCache } from 'aws-jwt-verify/jwk';
import { loopbackFetcher } from './loopback-fetcher.mjs';
import { allow } from './policy.mjs';

const verifier = JwtVerifier.create(
  {
    issuer: process.env.JWT_ISSUER,
    audience: process.env.JWT_AUDIENCE,
    jwksUri: process.env.JWKS_URI,
  },
  { jwksCache: new SimpleJwksCache({ fetcher: loopbackFetcher }) },
);

export async function handler(event) {
  try {
    const claims = await verifier.verify(event.authorizationToken.replace('Bearer ', ''));
    return allow(claims.sub, event.methodArn);
  } catch {
    throw new Error('Unauthorized');
  }
}
