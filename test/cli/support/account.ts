/** What is deployed in the account that a test asks about. */
import type { TestIssuer } from '../../support/issuer.ts';
import { REVOKED_TOKENS_TABLE, USERS_TABLE } from '../../support/tables.ts';
import type { Account } from './aws.ts';

/** A stack that strict mode may be switched on for, with `issuer` and the platform admin `root`. */
export function readyAccount(issuer: TestIssuer): Account {
  return {
    stackName: 'Rollcall',
    outputs: {
      ApiId: 'abc123',
      ApiUrl: 'https://abc123.execute-api.eu-central-1.amazonaws.com/prod/',
      UsersTableName: USERS_TABLE,
      AuthorizerFunctionName: 'authorizer',
      MaxRevocationDelaySeconds: '0',
    },
    deletionPolicy: 'Retain',
    functionName: 'authorizer',
    environment: {
      ...issuer.settings,
      USERS_TABLE_NAME: USERS_TABLE,
      REVOKED_TOKENS_TABLE_NAME: REVOKED_TOKENS_TABLE,
      REQUIRE_JTI: 'true',
      USER_ID_CASE: 'lower',
      PLATFORM_ADMIN_EMAIL: 'root',
      BOOTSTRAP_EXPIRES_AT: '2100-01-01T00:00:00Z',
    },
    logGroup: '/aws/lambda/authorizer',
    logMessages: [],
    denied: [],
    pointInTimeRecovery: true,
    deletionProtection: true,
    timeToLive: 'expires_at',
  };
}
