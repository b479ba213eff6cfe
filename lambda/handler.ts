/**
 * The Lambda function: reads its environment once, wires what it needs, warms up, and exports
 * `handler`. Nothing here may fail: a failed initialisation would be a 500 without a word, so what
 * is wrong is said in the log and answered at each invocation.
 */
import { createAuthorize, createRefusal, type Authorize } from './authorize.ts';
import { isBootstrapOpen } from './decision.ts';
import { parseConfig, type Config } from './settings/config.ts';
import { createDirectory } from './users/directory.ts';
import { createKeySource } from './keys/key-source.ts';
import { createTableClient } from './users/table-client.ts';
import { createTelemetry, type Telemetry } from './telemetry/telemetry.ts';
import type { TrustedIssuer } from './token/token.ts';
import { warmUp } from './warm-up.ts';

const epochSeconds = (): number => Date.now() / 1000;

/** Answers the events of REST, HTTP, WebSocket and AppSync authorizers. */
export const handler: Authorize = await createHandler(process.env);

async function createHandler(env: NodeJS.ProcessEnv): Promise<Authorize> {
  const result = parseConfig(env);
  const telemetry = createTelemetry(result.ok ? result.config : undefined, {
    functionName: env['AWS_LAMBDA_FUNCTION_NAME'],
    // Lambda sets it anew for each invocation.
    traceHeader: () => env['_X_AMZN_TRACE_ID'],
  });
  return result.ok
    ? createAuthorizer(result.config, telemetry)
    : refuseEverybody(result.problems, telemetry);
}

async function createAuthorizer(config: Config, telemetry: Telemetry): Promise<Authorize> {
  const issuers = new Map<string, TrustedIssuer>();
  for (const issuer of config.issuers) {
    const keys = createKeySource(issuer, config);
    issuers.set(issuer.issuer, { config: issuer, keys });
  }
  if (isBootstrapOpen(config, epochSeconds()) && !config.usersTable.persistent) {
    telemetry.ephemeralStorageWithBootstrap();
  }
  const directory = createDirectory(config, createTableClient());
  await warmUp({ keys: [...issuers.values()].map(({ keys }) => keys), directory });
  return createAuthorize({
    config,
    issuers,
    directory,
    telemetry,
    now: epochSeconds,
  });
}

/** Neither opens the door nor denies: with bad settings nothing can be checked. */
function refuseEverybody(problems: readonly string[], telemetry: Telemetry): Authorize {
  telemetry.misconfigured(problems);
  return createRefusal(telemetry);
}
