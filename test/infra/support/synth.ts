/** Stacks for the tests, synthesized with the feature flags of `cdk.json`. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { App, Stack } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import { AuthorizerStack, type AuthorizerStackProps } from '../../../infra/authorizer-stack.ts';
import { RollcallAuthorizer } from '../../../infra/rollcall-authorizer.ts';
import type { RollcallAuthorizerProps } from '../../../infra/rollcall-authorizer-props.ts';

// The library's own validation takes two seconds a synthesis; `validation.test.ts` runs it once.
process.env['CDK_VALIDATION'] = 'false';

export const ROOT = path.resolve(import.meta.dirname, '../../..');

/** As an operator's `cdk synth` would see it. */
export function contextOfCdkJson(): Record<string, unknown> {
  const { context } = JSON.parse(readFileSync(path.join(ROOT, 'cdk.json'), 'utf8')) as {
    readonly context: Record<string, unknown>;
  };
  return context;
}

/** Warnings and errors stay with their constructs here, instead of being printed and thrown. */
export function testApp(): App {
  const context = {
    ...contextOfCdkJson(),
    '@aws-cdk/core:annotationsInValidationReport': false,
  };
  return new App({ context, analyticsReporting: false });
}

/** The least that works. */
export const ISSUER = 'https://idp.example.com/';
export const MINIMAL = {
  issuers: [{ issuer: ISSUER, audience: ['https://api.example.com'] }],
} as const satisfies Pick<RollcallAuthorizerProps, 'issuers'>;

/** The stack that `cdk deploy` deploys, with `props` over the least that works. */
export function authorizerStack(props: Partial<AuthorizerStackProps> = {}): AuthorizerStack {
  return new AuthorizerStack(testApp(), 'Rollcall', { ...MINIMAL, ...props });
}

export function templateOf(props: Partial<AuthorizerStackProps> = {}): Template {
  return Template.fromStack(authorizerStack(props));
}

/** A construct in a stack of somebody else's. */
export function construct(
  props: Partial<RollcallAuthorizerProps> = {},
  stack: Stack = new Stack(testApp(), 'Theirs'),
): RollcallAuthorizer {
  return new RollcallAuthorizer(stack, 'Rollcall', { ...MINIMAL, ...props });
}

/** The one authorizer function of a template. */
export function authorizerFunction(template: Template): FunctionProperties {
  const [found, ...others] = Object.values(
    template.findResources('AWS::Lambda::Function', {
      Properties: { Description: Match.stringLikeRegexp('^Rollcall: ') },
    }),
  ) as { readonly Properties: FunctionProperties }[];
  if (found === undefined || others.length > 0) throw new Error('Expected one authorizer function');
  return found.Properties;
}

export interface FunctionProperties extends Record<string, unknown> {
  readonly Environment: { readonly Variables: Readonly<Record<string, unknown>> };
}

export function variables(template: Template): Readonly<Record<string, unknown>> {
  return authorizerFunction(template).Environment.Variables;
}

/** What a synthesis shows its operator. */
export interface Messages {
  /** Ids, sorted. */
  readonly warnings: readonly string[];
  readonly errors: readonly string[];
  /** The texts of both. */
  readonly texts: readonly string[];
}

/** Synthesizes the app of `stack` and collects what was said of it. */
export function messagesOf(stack: Stack): Messages {
  (stack.node.root as App).synth();
  const entries = stack.node.findAll().flatMap(({ node }) => node.metadata);
  const textsOf = (type: string): string[] =>
    entries.filter((entry) => entry.type === type).map(({ data }) => String(data));
  const warnings = textsOf('aws:cdk:warning');
  const errors = textsOf('aws:cdk:error');
  return {
    warnings: warnings.map((text) => idIn(text, /\[ack: (\S+)\]$/u)).sort(),
    errors: errors.map((text) => idIn(text, /\((\S+)\)$/u)).sort(),
    texts: [...warnings, ...errors],
  };
}

function idIn(text: string, form: RegExp): string {
  return form.exec(text)?.[1]?.replace(/^Annotation::/u, '') ?? text;
}
