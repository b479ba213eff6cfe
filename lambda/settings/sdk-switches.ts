/**
 * The AWS SDK's own switches in the environment. The SDK reads them when it makes its first
 * request, and throws at each request when it cannot: here a bad one is a problem of the
 * configuration like any other, named at the start. Pure.
 *
 * @see https://docs.aws.amazon.com/sdkref/latest/guide/settings-reference.html
 */
import type { Environment } from './setting.ts';

const BOOLEANS = [
  'AWS_USE_FIPS_ENDPOINT',
  'AWS_USE_DUALSTACK_ENDPOINT',
  'AWS_IGNORE_CONFIGURED_ENDPOINT_URLS',
  'AWS_DISABLE_CLOCK_SKEW_CORRECTION',
] as const;
const ACCOUNT_ID_ENDPOINT_MODES = ['preferred', 'disabled', 'required'] as const;
const ENDPOINTS = ['AWS_ENDPOINT_URL_DYNAMODB', 'AWS_ENDPOINT_URL'] as const;

/** What is wrong with the SDK's switches in `env`, by their names and without their values. */
export function sdkSwitchProblems(env: Environment): readonly string[] {
  return [
    ...BOOLEANS.filter((name) => !['true', 'false', undefined].includes(env[name])).map(
      (name) => `${name} must be true or false`,
    ),
    ...(isAccountIdEndpointMode(env['AWS_ACCOUNT_ID_ENDPOINT_MODE'])
      ? []
      : [`AWS_ACCOUNT_ID_ENDPOINT_MODE must be one of ${ACCOUNT_ID_ENDPOINT_MODES.join(', ')}`]),
    ...ENDPOINTS.filter((name) => !isUnsetOrUrl(env[name])).map(
      (name) => `${name} must be an HTTP or HTTPS URL`,
    ),
  ];
}

function isAccountIdEndpointMode(value: string | undefined): boolean {
  return !value || ACCOUNT_ID_ENDPOINT_MODES.some((mode) => mode === value);
}

function isUnsetOrUrl(value: string | undefined): boolean {
  return !value || (/^https?:\/\//iu.test(value) && URL.canParse(value));
}
