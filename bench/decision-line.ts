/**
 * What one granted decision writes to the log, by the bundle itself: logs are paid for by the byte.
 * The ids are as long as those of a Cognito user pool behind a REST API.
 */
import { randomUUID } from 'node:crypto';
import { FunctionRuntime } from '../local/runtime/function-runtime.ts';
import { eventOf } from '../test/support/events.ts';
import { TestIssuer } from '../test/support/issuer.ts';
import { TestTables } from '../test/support/tables.ts';

const ISSUER = 'https://cognito-idp.eu-central-1.amazonaws.com/eu-central-1_AbCdEfGhI';
const LAMBDA_ENVIRONMENT = {
  AWS_LAMBDA_FUNCTION_NAME: 'Rollcall-AuthorizerFunction4B1AE2C6-uTzoF8RqQ3vD',
  // As Lambda sets it when tracing is off, which is the stack's default.
  _X_AMZN_TRACE_ID: 'Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=0',
};

/**
 * Everything that a warm decision printed, line breaks included: a user with a row enters, and the
 * table was asked for it.
 *
 * @param file the bundle
 * @throws Error when the user was not let in
 */
export async function grantedDecisionOutput(file: string): Promise<string> {
  const [issuer, tables] = await Promise.all([TestIssuer.start(), TestTables.start()]);
  const sub = randomUUID();
  await tables.putUser(sub);
  const env = {
    ...LAMBDA_ENVIRONMENT,
    ...issuer.settings,
    ...tables.settings,
    JWT_ISSUER: ISSUER,
  };
  const runtime = await FunctionRuntime.start({ file, env, timeoutMs: 5000 });
  try {
    const invoke = async () =>
      runtime.invoke(eventOf('rest-request', `Bearer ${issuer.token({ iss: ISSUER, sub })}`));
    // The first decision of an environment tells of the cold start as well.
    await invoke();
    const before = runtime.logs.length;
    const result = await invoke();
    if (!JSON.stringify(result).includes('"Allow"')) {
      throw new Error(`The user was not let in: ${JSON.stringify(result)}`);
    }
    return runtime.logs
      .slice(before)
      .map((line) => `${line}\n`)
      .join('');
  } finally {
    await Promise.all([runtime.close(), issuer.close(), tables.close()]);
  }
}
