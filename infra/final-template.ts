/**
 * A resource as in the deployed template, after Aspects, escape hatches (`addOverride`) and removal
 * policies. Constructs are recognised by what the CDK marks them
 * with, never by class: an app can hold two copies of aws-cdk-lib.
 */
import { CfnResource, Reference, Stack, Stage, Tokenization } from 'aws-cdk-lib';
import type { IConstruct } from 'constructs';

/** A resource as CloudFormation reads it. */
export interface FinalResource {
  readonly type: string;
  readonly deletionPolicy: unknown;
  readonly properties: Readonly<Record<string, unknown>>;
}

/** A resource that holds what nobody else renders: overrides are merged in as the last step. */
interface Fragment {
  readonly Resources?: Readonly<
    Record<string, { readonly DeletionPolicy?: unknown; readonly Properties?: object }>
  >;
}

/**
 * The resource as it will be in the template. Ask after Aspects have run: at validation, or in a
 * lazy value. The CDK has no other reader of overrides; its own `Deployment` uses this one.
 */
export function finalResource(resource: CfnResource): FinalResource {
  const fragment = Stack.of(resource).resolve(resource._toCloudFormation()) as Fragment;
  const [rendered] = Object.values(fragment.Resources ?? {});
  return {
    type: resource.cfnResourceType,
    deletionPolicy: rendered?.DeletionPolicy,
    properties: { ...rendered?.Properties },
  };
}

/** The resource behind a construct; undefined for one that was imported. */
export function resourceOf(construct: IConstruct): CfnResource | undefined {
  if (CfnResource.isCfnResource(construct)) return construct;
  const child = construct.node.defaultChild;
  return child !== undefined && CfnResource.isCfnResource(child) ? child : undefined;
}

/** Every construct that is synthesized together with `scope`. */
export function constructsBeside(scope: IConstruct): readonly IConstruct[] {
  return (Stage.of(scope) ?? scope.node.root).node.findAll();
}

/** Every resource of a type, as constructs, that is synthesized together with `scope`. */
export function resourcesBeside(scope: IConstruct, type: string): readonly CfnResource[] {
  return constructsBeside(scope)
    .filter((construct) => CfnResource.isCfnResource(construct))
    .filter(({ cfnResourceType }) => cfnResourceType === type);
}

/** The construct that a value refers to (`Ref`, `Fn::GetAtt`), if it is one reference. */
export function referenced(value: unknown): IConstruct | undefined {
  if (typeof value !== 'string') return undefined;
  const { firstToken, length } = Tokenization.reverseString(value);
  return length === 1 && Reference.isReference(firstToken) ? firstToken.target : undefined;
}
