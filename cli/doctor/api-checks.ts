/**
 * Compares the deployed authorizers of an API with the function's settings: the form of its answers,
 * and where it reads the token. It finds the mistakes of manual deployments, which deny every caller
 * with 500 or 401 or give one caller the answer of another.
 */
import {
  includesTokenSource,
  TOKEN_SOURCE,
  TOKEN_VALIDATION_EXPRESSION,
  webSocketTokenSource,
} from '../../infra/apis/token-sources.ts';
import type { Config } from '../../lambda/settings/config.ts';
import { check, type Check } from '../check.ts';
import type { DeployedAuthorizer } from './api-authorizers.ts';

/** The settings that the authorizers must match. */
export type AnswerSettings = Pick<Config, 'httpResponseFormat' | 'webSocketTokenSource'>;

/** API Gateway's own, on a REST API that does not say otherwise. */
const DEFAULT_TTL_SECONDS = 300;
/** Valid forms of the header; an expression that rejects one of them denies callers. */
const WELL_FORMED = ['Bearer aA0-_.bB1-_.cC2-_', 'bearer eyJh.eyJz.sig'];

/** The checks of the authorizers of `apiId` that call `functionName`. */
export function checkAuthorizers(
  apiId: string,
  authorizers: readonly DeployedAuthorizer[],
  functionName: string,
  settings: AnswerSettings,
): readonly Check[] {
  const ours = authorizers.filter((authorizer) => authorizer.functionName === functionName);
  if (ours.length === 0) {
    const others = authorizers.map(({ name }) => name).join(', ');
    return [
      check(
        'api.authorizer',
        'fail',
        `no authorizer of API ${apiId} calls ${functionName}${others === '' ? '' : ` (it has ${others})`}`,
        'Add an authorizer whose URI names the function, or give the API that has one',
      ),
    ];
  }
  return ours.flatMap((authorizer) => checkAuthorizer(authorizer, settings));
}

function checkAuthorizer(
  authorizer: DeployedAuthorizer,
  settings: AnswerSettings,
): readonly Check[] {
  const { name, id, api, type } = authorizer;
  const kind = api === 'rest' ? `REST ${type}` : api === 'http' ? 'HTTP' : 'WebSocket';
  return [
    check('api.authorizer', 'pass', `${name} (${id}), ${kind}, calls the function`),
    ...(api === 'http' ? [checkFormat(authorizer, settings)] : []),
    ...(api === 'websocket' ? [] : [checkTtl(authorizer)]),
    checkSources(authorizer, settings),
    ...(type === 'TOKEN' ? [checkExpression(authorizer)] : []),
  ];
}

/** An answer of the other form fails every request with 500. */
function checkFormat(
  { payloadFormatVersion, simpleResponses }: DeployedAuthorizer,
  { httpResponseFormat }: AnswerSettings,
): Check {
  const id = 'api.response_format';
  if (payloadFormatVersion !== '2.0') {
    return check(
      id,
      'pass',
      `payload format ${payloadFormatVersion ?? '1.0'}, which is answered with a policy`,
    );
  }
  const wants = simpleResponses ? 'simple' : 'policy';
  if (wants === httpResponseFormat) {
    return check(
      id,
      'pass',
      `the API expects ${wants} answers, and HTTP_RESPONSE_FORMAT gives them`,
    );
  }
  return check(
    id,
    'fail',
    `the API expects ${wants} answers and the function gives ${httpResponseFormat} ones: every request fails with 500`,
    `Switch simple responses ${simpleResponses ? 'off' : 'on'} in the authorizer, or set HTTP_RESPONSE_FORMAT=${wants}`,
  );
}

function checkTtl({ api, ttlSeconds }: DeployedAuthorizer): Check {
  const id = 'api.ttl';
  if (ttlSeconds === 0) return check(id, 'pass', 'no answer is cached');
  const remedy = 'Set the TTL of the authorizer to 0, or accept the delay';
  if (ttlSeconds === undefined && api === 'http') {
    return check(id, 'warn', 'the TTL is not set, and the default is not documented', remedy);
  }
  return check(
    id,
    'warn',
    `answers are cached for ${ttlSeconds ?? DEFAULT_TTL_SECONDS} s: a user who is disabled or signed out keeps access meanwhile`,
    remedy,
  );
}

/** The cache key must include the token, and the function must find the token there. */
function checkSources(
  { api, identitySources, ttlSeconds }: DeployedAuthorizer,
  settings: AnswerSettings,
): Check {
  const id = 'api.identity_sources';
  const source =
    api === 'websocket'
      ? webSocketTokenSource(settings.webSocketTokenSource)
      : TOKEN_SOURCE[api === 'rest' ? 'rest' : 'http'];
  const given = identitySources.join(', ');
  if (includesTokenSource(identitySources, source)) {
    return check(id, 'pass', `the token is an identity source (${given})`);
  }
  const remedy = `Make ${source} an identity source`;
  const caches = api !== 'websocket' && ttlSeconds !== 0;
  if (identitySources.length === 0 && !caches) {
    return check(
      id,
      'warn',
      'there is no identity source, so requests without a token call the function too',
      remedy,
    );
  }
  if (caches) {
    return check(
      id,
      'fail',
      `answers are cached by ${given || 'nothing'}, without the token: one caller gets the answer of another`,
      remedy,
    );
  }
  return api === 'http'
    ? check(
        id,
        'fail',
        `${given} lacks the token, and the function rejects such a request (token_malformed)`,
        remedy,
      )
    : check(id, 'warn', `${given} is required of every request, and the token is not`, remedy);
}

function checkExpression({ validationExpression }: DeployedAuthorizer): Check {
  const id = 'api.validation_expression';
  const remedy = `Set it to ${TOKEN_VALIDATION_EXPRESSION}`;
  if (validationExpression === TOKEN_VALIDATION_EXPRESSION) {
    return check(id, 'pass', 'malformed tokens are rejected without calling the function');
  }
  if (validationExpression === undefined || validationExpression === '') {
    return check(
      id,
      'warn',
      'there is no validation expression, so malformed tokens call the function',
      remedy,
    );
  }
  const refused = WELL_FORMED.find((header) => !accepts(validationExpression, header));
  return refused === undefined
    ? check(id, 'pass', 'the validation expression is your own, and accepts bearer tokens')
    : check(
        id,
        'fail',
        'the validation expression rejects well-formed bearer tokens before the function is called',
        remedy,
      );
}

/** API Gateway matches by Java's rules, which are close enough for what tokens need. */
function accepts(expression: string, header: string): boolean {
  try {
    return new RegExp(expression, 'u').test(header);
  } catch {
    // Not readable here, which says nothing about there.
    return true;
  }
}
