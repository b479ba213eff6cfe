/**
 * The credentials of the function's role, as Lambda hands them out: in the environment, or from
 * an endpoint of the container (on other container services). In the bundle this module stands
 * for the package `@aws-sdk/credential-provider-node`, the SDK's default chain (`tools/build.ts`):
 * that chain knows eight more places, none of which Lambda has, at a third of the bundle.
 */
import { fromEnv } from '@aws-sdk/credential-provider-env';
import { fromHttp } from '@aws-sdk/credential-provider-http';
import { within } from '../deadline.ts';
import { CredentialsTimeoutError } from './directory-errors.ts';

/** The endpoint is on the same host. */
const CONTAINER_TIMEOUT_MS = 1000;

type CredentialProvider = ReturnType<typeof fromEnv>;

/**
 * The provider that takes the place of the default chain. The client asks it at the first request,
 * and again before the credentials expire. The environment comes first, as in the chain itself.
 *
 * The provider rejects with `CredentialsProviderError` when neither place has credentials, and
 * with `CredentialsTimeoutError` when the endpoint does not answer within 1 s. The SDK keeps no
 * failure: the next request asks again.
 */
export const defaultProvider = (): CredentialProvider => async () => {
  const { AWS_ACCESS_KEY_ID: keyId, AWS_SECRET_ACCESS_KEY: secret } = process.env;
  if (keyId && secret) return fromEnv()();
  // The provider's own time-out only warns: one answer that never comes would block every request.
  const asked = fromHttp({ timeout: CONTAINER_TIMEOUT_MS, maxRetries: 0 })();
  const credentials = await within(asked, CONTAINER_TIMEOUT_MS);
  if (credentials === undefined) throw new CredentialsTimeoutError('No answer within 1 s');
  return credentials;
};
