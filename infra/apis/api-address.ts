/**
 * Addresses of a REST API that can be named inside the API itself. A stage depends on its
 * deployment, and the deployment on everything that it deploys, so a reference to the stage from a
 * gateway response or a method is a cycle. The stage's name, which is known, is not.
 */
import { Reference, Stack, Tokenization, type IResolvable } from 'aws-cdk-lib';
import type { CfnStage, IRestApi, RestApiBase } from 'aws-cdk-lib/aws-apigateway';

/** One that an app makes, or imports. */
export type AnyRestApi = RestApiBase | IRestApi;

/** How the CDK writes a value that it does not know yet into a string. */
const TOKEN = /\$\{Token\[[^\]]*\]\}/gu;

/** `text` with a word in place of each value that only the deployment knows. */
export function withoutTokens(text: string): string {
  return text.replaceAll(TOKEN, 'unresolved');
}

/**
 * The API's own address without a trailing slash, with the stage's name in it and no reference to
 * the stage; undefined for an API that has no stage of its own.
 */
export function executeApiUrl(api: AnyRestApi): string | undefined {
  const stage = cfnStage(api);
  if (stage === undefined) return undefined;
  const { region, urlSuffix } = Stack.of(api);
  const { restApiId } = api;
  return `https://${restApiId}.execute-api.${region}.${urlSuffix}/${stage.stageName ?? ''}`;
}

/** `text` with the name of the API's own stage in place of references to it (`api.urlForPath()`). */
export function withLiteralStage(api: AnyRestApi, text: string): string {
  const stage = cfnStage(api);
  if (stage?.stageName === undefined) return text;
  const { stageName } = stage;
  const mapToken = (token: IResolvable) =>
    Reference.isReference(token) && token.target === stage ? stageName : token;
  const fragments = Tokenization.reverseString(text).mapTokens({ mapToken });
  return String(fragments.join({ join: (left, right) => `${String(left)}${String(right)}` }));
}

/** Whatever copy of the library made it. */
function cfnStage(api: AnyRestApi): CfnStage | undefined {
  // Typed as always there; it is not with `deploy: false`.
  const stage = api.deploymentStage as RestApiBase['deploymentStage'] | undefined;
  return stage?.node.defaultChild as CfnStage | undefined;
}
