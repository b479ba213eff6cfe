/** Checks whether the settings allow strict mode. */
import { parseConfig, type Config } from '../../lambda/settings/config.ts';
import { check, type Check } from '../check.ts';
import type { Deployment } from '../deployment.ts';

/** A longer delay until a disabled user is denied gets a warning. */
const NOTABLE_DELAY_SECONDS = 300;

/** The function's settings as they are, and as they would be in strict mode. */
export function checkSettings(deployment: Deployment): {
  readonly checks: readonly Check[];
  readonly config: Config | undefined;
} {
  const { settings, kind } = deployment;
  const result = parseConfig(settings);
  const source = kind === 'tables' ? 'the shell and .env' : 'the function';
  if (!result.ok) {
    return {
      checks: result.problems.map((problem) =>
        check('settings', 'fail', `${source}: ${problem}`, 'Fix it and deploy again'),
      ),
      config: undefined,
    };
  }
  const { config } = result;
  return {
    checks: [
      kind === 'tables'
        ? check(
            'settings',
            'warn',
            'the settings come from the shell and .env, and may differ from the deployed ones',
            'Name the stack with --stack, or the function with --function',
          )
        : check('settings', 'pass', `the environment of ${deployment.name} is valid`),
      checkStrict(config, settings),
      checkDelay(deployment, config),
    ],
    config,
  };
}

function checkStrict(config: Config, settings: Deployment['settings']): Check {
  if (config.requireUserInDb) return check('strict', 'pass', 'strict mode is already on');
  const strict = parseConfig({ ...settings, REQUIRE_USER_IN_DB: 'true' });
  return strict.ok
    ? check('strict', 'pass', 'the settings allow strict mode')
    : check(
        'strict',
        'fail',
        `in strict mode every request would fail: ${strict.problems.join('; ')}`,
        'Change it together with REQUIRE_USER_IN_DB',
      );
}

function checkDelay({ outputs }: Deployment, config: Config): Check {
  const text = outputs['MaxRevocationDelaySeconds'];
  const gatewaySeconds = text === undefined ? undefined : Number(text);
  if (gatewaySeconds === undefined || Number.isNaN(gatewaySeconds)) {
    return check(
      'revocation_delay',
      'warn',
      `the cache TTL of the gateway is not known; the function caches rows for ${config.userCacheTtlSeconds} s`,
      'Name the stack with --stack; its output MaxRevocationDelaySeconds has the delay',
    );
  }
  const message = `a disabled user may keep access for up to ${gatewaySeconds} s`;
  if (gatewaySeconds <= NOTABLE_DELAY_SECONDS) return check('revocation_delay', 'pass', message);
  return outputs['WebSocketApiId'] === undefined
    ? check('revocation_delay', 'warn', message, 'Lower the cache TTL, or use --flush')
    : check(
        'revocation_delay',
        'warn',
        `${message}, on an open WebSocket connection`,
        'Close the connections of disabled users',
      );
}
