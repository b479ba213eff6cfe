/**
 * The credentials of the function's role, as Lambda hands them out: in the environment, or from
 * an endpoint of the container (with SnapStart, and on other container services). The SDK's
 * default chain knows eight more places, none of which Lambda has, at a third of the bundle.
 */
import { fromEnv } from '@aws-sdk/credential-provider-env';
import { fromHttp } from '@aws-sdk/credential-provider-http';

/**
 * Asked for at the first request, and by the SDK again before they expire. The environment comes
 * first, as in the default chain.
 *
 * @throws CredentialsProviderError when neither is there
 */
export const lambdaCredentials: ReturnType<typeof fromEnv> = async () => {
  const { AWS_ACCESS_KEY_ID: keyId, AWS_SECRET_ACCESS_KEY: secret } = process.env;
  return keyId && secret ? fromEnv()() : fromHttp()();
};
