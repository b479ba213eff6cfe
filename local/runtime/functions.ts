/**
 * The Lambda functions of a template, ready to be invoked by ARN. Each runs in its own environment
 * with the variables that the template gives it and those that Lambda adds. A caller needs a
 * permission in the template, as in AWS: a missing one is a 500 here too.
 */
import { existsSync } from 'node:fs';
import path from 'node:path';
import { FunctionRuntime, type FunctionCode, type InvocationResult } from './function-runtime.ts';
import { matchesPattern } from '../template/policy.ts';
import type { JsonObject } from '../../lambda/json.ts';
import {
  map,
  optionalText,
  text,
  textMap,
  UnsupportedTemplateError,
} from '../template/properties.ts';
import type { ResolvedTemplate, Resource } from '../template/template.ts';

export interface FunctionsOptions {
  /** Directory of the asset that was published under an S3 key; undefined if there is none. */
  readonly assetPath: (objectKey: string) => string | undefined;
  /** Variables added to every function's environment. */
  readonly environment?: Readonly<Record<string, string>>;
  /** Called with each line that a function prints. */
  readonly onLog?: (line: string, functionName: string) => void;
}

/** `notInvoked`: the function is unknown, or the caller has no permission. */
export type CallResult =
  | (InvocationResult & { readonly notInvoked?: false })
  | { readonly ok: false; readonly notInvoked: true; readonly errorMessage: string };

interface Call {
  /** The `execute-api` ARN on whose behalf API Gateway calls. */
  readonly sourceArn: string;
  readonly event: unknown;
  readonly requestId?: string;
  /** API Gateway calls with a role of its own, so no permission is asked for. */
  readonly assumesRole?: boolean;
}

interface Permission {
  readonly functionArn: string;
  readonly sourceArn: string | undefined;
}

export class Functions {
  readonly #template: ResolvedTemplate;
  readonly #options: FunctionsOptions;
  readonly #definitions = new Map<string, Resource>();
  readonly #runtimes = new Map<string, Promise<FunctionRuntime>>();
  readonly #overrides = new Map<string, Readonly<Record<string, string>>>();
  readonly #permissions: readonly Permission[];

  constructor(template: ResolvedTemplate, options: FunctionsOptions) {
    this.#template = template;
    this.#options = options;
    for (const resource of template.resourcesOfType('AWS::Lambda::Function')) {
      this.#definitions.set(resource.physicalId, resource);
    }
    this.#permissions = template
      .resourcesOfType('AWS::Lambda::Permission')
      .filter(
        ({ properties }) =>
          text(properties, 'Principal') === 'apigateway.amazonaws.com' &&
          ['lambda:InvokeFunction', 'lambda:*'].includes(text(properties, 'Action')),
      )
      .map(({ properties }) => ({
        functionArn: this.#arn(text(properties, 'FunctionName')),
        sourceArn: optionalText(properties, 'SourceArn'),
      }));
  }

  /** Names of all functions of the template. */
  get names(): readonly string[] {
    return [...this.#definitions.keys()];
  }

  /** Calls a function as API Gateway does. */
  async call(functionArn: string, call: Call): Promise<CallResult> {
    const name = functionName(functionArn);
    if (!this.#definitions.has(name)) {
      return { ok: false, notInvoked: true, errorMessage: `There is no function ${name}` };
    }
    if (call.assumesRole !== true && !this.#permits(functionArn, call.sourceArn)) {
      const errorMessage = `No AWS::Lambda::Permission lets ${call.sourceArn} invoke ${name}`;
      return { ok: false, notInvoked: true, errorMessage };
    }
    const runtime = await this.runtime(name);
    return runtime.invoke(call.event, {
      context: call.requestId === undefined ? {} : { awsRequestId: call.requestId },
    });
  }

  /** The runtime of one function, started if it is not running yet. */
  async runtime(name: string): Promise<FunctionRuntime> {
    let runtime = this.#runtimes.get(name);
    if (runtime === undefined) {
      runtime = this.#start(name);
      this.#runtimes.set(name, runtime);
    }
    return runtime;
  }

  /** The environment of one function, with what Lambda adds. */
  environment(name: string): Record<string, string> {
    const { properties } = this.#definition(name);
    const logging = map(properties, 'LoggingConfig');
    const level = optionalText(logging, 'ApplicationLogLevel');
    const { region } = this.#template.deployment;
    return {
      AWS_LAMBDA_FUNCTION_NAME: name,
      AWS_LAMBDA_FUNCTION_VERSION: '$LATEST',
      AWS_LAMBDA_FUNCTION_MEMORY_SIZE: optionalText(properties, 'MemorySize') ?? '128',
      AWS_LAMBDA_INITIALIZATION_TYPE: 'on-demand',
      AWS_LAMBDA_LOG_GROUP_NAME: optionalText(logging, 'LogGroup') ?? `/aws/lambda/${name}`,
      AWS_LAMBDA_LOG_FORMAT: optionalText(logging, 'LogFormat') ?? 'Text',
      ...(level !== undefined && { AWS_LAMBDA_LOG_LEVEL: level }),
      AWS_EXECUTION_ENV: `AWS_Lambda_${text(properties, 'Runtime')}`,
      // Lambda runs a newer Node; of the local one, the AWS SDK would print a warning.
      AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true',
      AWS_REGION: region,
      AWS_DEFAULT_REGION: region,
      _HANDLER: text(properties, 'Handler'),
      ...textMap(map(properties, 'Environment'), 'Variables'),
      ...this.#options.environment,
      ...this.#overrides.get(name),
    };
  }

  /** Changes variables of one function; its next invocation starts cold with them. */
  async configure(name: string, variables: Readonly<Record<string, string>>): Promise<void> {
    this.#overrides.set(name, { ...this.#overrides.get(name), ...variables });
    const running = await this.#runtimes.get(name);
    running?.updateEnvironment(this.environment(name));
  }

  async close(): Promise<void> {
    // One that never started has nothing to end.
    const started = await Promise.allSettled(this.#runtimes.values());
    const running = started.filter((result) => result.status === 'fulfilled');
    await Promise.all(running.map(({ value }) => value.close()));
  }

  async #start(name: string): Promise<FunctionRuntime> {
    const { properties } = this.#definition(name);
    const [module = 'index', handlerName = 'handler'] = text(properties, 'Handler').split('.');
    const { onLog } = this.#options;
    return FunctionRuntime.start({
      ...this.#code(name, map(properties, 'Code'), module),
      handlerName,
      functionName: name,
      env: this.environment(name),
      timeoutMs: Number(optionalText(properties, 'Timeout') ?? 3) * 1000,
      ...(onLog && { onLog: (line: string) => onLog(line, name) }),
    });
  }

  #code(name: string, code: JsonObject, module: string): FunctionCode {
    const source = optionalText(code, 'ZipFile');
    if (source !== undefined) return { source };
    const directory = this.#options.assetPath(text(code, 'S3Key'));
    const file = ['.mjs', '.js', '.cjs']
      .map((extension) => path.join(directory ?? '', module + extension))
      .find((candidate) => existsSync(candidate));
    if (directory !== undefined && file !== undefined) return { file };
    throw new UnsupportedTemplateError(`The code of function ${name} is not available`);
  }

  #definition(name: string): Resource {
    const definition = this.#definitions.get(name);
    if (definition === undefined) throw new UnsupportedTemplateError(`No function ${name}`);
    return definition;
  }

  #permits(functionArn: string, sourceArn: string): boolean {
    return this.#permissions.some(
      (permission) =>
        permission.functionArn === functionArn &&
        (permission.sourceArn === undefined || matchesPattern(permission.sourceArn, sourceArn)),
    );
  }

  #arn(nameOrArn: string): string {
    const { region, accountId } = this.#template.deployment;
    return nameOrArn.startsWith('arn:')
      ? nameOrArn
      : `arn:aws:lambda:${region}:${accountId}:function:${nameOrArn}`;
  }
}

/**
 * The function that an integration or authorizer URI calls:
 * `arn:aws:apigateway:{region}:lambda:path/2015-03-31/functions/{function ARN}/invocations`, or
 * the function's ARN itself.
 */
export function functionArnOfUri(uri: string): string {
  const [, arn = uri] = /\/functions\/(.+)\/invocations$/u.exec(uri) ?? [];
  if (arn.startsWith('arn:aws:lambda:')) return arn;
  throw new UnsupportedTemplateError(`${uri} does not call a Lambda function`);
}

/** The name in a function's ARN, without a version or an alias. */
function functionName(functionArn: string): string {
  return functionArn.split(':')[6] ?? '';
}
