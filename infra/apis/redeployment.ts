/**
 * A REST API serves what was last deployed to its stage, and CloudFormation makes a new deployment
 * only when the deployment's logical id changes. So whatever this package adds to an API becomes
 * part of that id.
 */
import { CfnResource, Lazy, Stack } from 'aws-cdk-lib';
import type { Deployment } from 'aws-cdk-lib/aws-apigateway';
import type { IConstruct } from 'constructs';
import {
  constructsBeside,
  finalResource,
  referenced,
  resourceOf,
  resourcesBeside,
} from '../final-template.ts';

type Deployable = Deployment & IConstruct;

/** What has been made part of a deployment's id, by its path: a second synthesis adds nothing. */
const KNOWN = new WeakMap<IConstruct, Set<string>>();

/**
 * Makes a resource part of every deployment of an API, as it finally is in the template. To be
 * called before dependencies are resolved: from an Aspect, or earlier.
 *
 * @param restApiId as the resource names its API
 * @returns whether there is such a deployment
 */
export function redeployWith(resource: CfnResource, restApiId: string): boolean {
  const api = identity(resource, restApiId);
  const deployments = constructsBeside(resource).filter(
    (one): one is Deployable => isDeployment(one) && identity(one, one.api.restApiId) === api,
  );
  for (const deployment of deployments) makePartOf(deployment, resource);
  return deployments.length > 0;
}

/**
 * Makes a REST authorizer part of the deployments of the APIs that it protects.
 *
 * @returns whether each of those APIs has a deployment that could be reached
 * @throws Error when the authorizer and its API would refer to each other across stacks
 */
export function redeployAuthorizer(authorizer: CfnResource): boolean {
  const methods = (
    resourcesBeside(authorizer, 'AWS::ApiGateway::Method') as readonly MethodLike[]
  ).filter(({ authorizerId }) => referenced(authorizerId) === authorizer);
  for (const method of methods) refuseCycle(authorizer, method);
  const apis = [...new Set(methods.map(({ restApiId }) => restApiId))];
  return apis.map((api) => redeployWith(authorizer, api)).every((isReached) => isReached);
}

/** The CDK would say "cyclic reference", and for a nested stack nothing before the deployment. */
function refuseCycle(authorizer: CfnResource, method: MethodLike): void {
  const ours = Stack.of(authorizer);
  const theirs = Stack.of(method);
  const api = referenced(method.restApiId);
  if (ours === theirs || api === undefined || Stack.of(api) !== theirs) return;
  throw new Error(
    `The authorizer ${authorizer.node.path} protects an API of another stack (${theirs.node.path}), and the two stacks would depend on each other. Create it in the stack of the API: pass restToken or restRequest the option scope, a construct of that stack.`,
  );
}

interface MethodLike extends CfnResource {
  readonly restApiId: string;
  readonly authorizerId?: string;
}

function makePartOf(deployment: Deployable, resource: CfnResource): void {
  const known = KNOWN.get(deployment) ?? new Set();
  if (known.has(resource.node.path)) return;
  KNOWN.set(deployment, known.add(resource.node.path));
  deployment.addToLogicalId(Lazy.any({ produce: () => finalResource(resource).properties }));
  if (Stack.of(deployment) === Stack.of(resource)) deployment.node.addDependency(resource);
}

function isDeployment(construct: IConstruct): construct is Deployable {
  return (
    !CfnResource.isCfnResource(construct) &&
    resourceOf(construct)?.cfnResourceType === 'AWS::ApiGateway::Deployment' &&
    typeof (construct as Partial<Deployable>).addToLogicalId === 'function'
  );
}

/** Equal for values that name the same API, whichever stacks name it. */
function identity(scope: IConstruct, restApiId: string): string {
  return referenced(restApiId)?.node.path ?? JSON.stringify(Stack.of(scope).resolve(restApiId));
}
