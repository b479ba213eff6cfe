/**
 * `execute-api` ARNs: `arn:{partition}:execute-api:{region}:{account}:{apiId}/{stage}/{…}`. What
 * follows the stage is the caller's own path, decoded, with any `:`, `/`, `*` or `?` in it, so it
 * is never looked at.
 *
 * @see https://docs.aws.amazon.com/apigateway/latest/developerguide/arn-format-reference.html
 */

/** No part may hold what IAM would read as a wildcard. */
const STAGE_OF_ARN =
  /^(arn:[a-z0-9-]+:execute-api:[a-z0-9-]+:[A-Za-z0-9-]+:([A-Za-z0-9_-]+)\/[A-Za-z0-9_$.~-]+\/)./su;

export interface StageArn {
  readonly apiId: string;
  /** The whole stage, `…:{apiId}/{stage}/*`: right on every route, and on no other stage. */
  readonly resource: string;
}

/** The stage that a `methodArn` or `routeArn` belongs to; undefined if it is neither. */
export function parseStageArn(arn: unknown): StageArn | undefined {
  const [, stagePrefix, apiId] = (typeof arn === 'string' && STAGE_OF_ARN.exec(arn)) || [];
  return stagePrefix === undefined || apiId === undefined
    ? undefined
    : { apiId, resource: `${stagePrefix}*` };
}
