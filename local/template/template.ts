/**
 * Reads a synthesized CloudFormation template as if it had been deployed: intrinsic functions are
 * resolved against made-up, stable physical ids, lazily, so that only what the gateway looks at
 * has to be understood. What it does not understand it refuses, by name, instead of guessing.
 *
 * @see https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/intrinsic-function-reference.html
 */
import { physicalId, attribute, type Deployment } from './physical-ids.ts';
import type { JsonObject } from '../../lambda/json.ts';
import { printed, UnsupportedTemplateError } from './properties.ts';

/** A template as JSON; anything deeper is read through `ResolvedTemplate`. */
export interface TemplateJson {
  readonly Parameters?: Readonly<Record<string, { readonly Default?: unknown }>>;
  readonly Mappings?: Readonly<Record<string, Readonly<Record<string, JsonObject>>>>;
  readonly Conditions?: Readonly<Record<string, unknown>>;
  readonly Resources?: Readonly<Record<string, ResourceJson>>;
  readonly Outputs?: Readonly<Record<string, OutputJson>>;
}

interface ResourceJson {
  readonly Type: string;
  readonly Condition?: string;
  readonly Properties?: JsonObject;
}

interface OutputJson {
  readonly Condition?: string;
  readonly Value: unknown;
}

/** A resource whose `properties` hold no intrinsic function any more. */
export interface Resource {
  readonly logicalId: string;
  readonly type: string;
  /** What `Ref` gives. */
  readonly physicalId: string;
  readonly properties: JsonObject;
}

const NO_VALUE = Symbol('AWS::NoValue');

export class ResolvedTemplate {
  readonly #template: TemplateJson;
  readonly deployment: Deployment;
  readonly #resolving = new Set<string>();

  constructor(template: TemplateJson, deployment: Deployment) {
    this.#template = template;
    this.deployment = deployment;
  }

  /** Every resource of one type that its condition lets exist, in the template's order. */
  resourcesOfType(type: string): Resource[] {
    return Object.entries(this.#template.Resources ?? {})
      .filter(([, resource]) => resource.Type === type && this.#holds(resource.Condition))
      .map(([logicalId]) => this.resource(logicalId));
  }

  /** @throws UnsupportedTemplateError when there is no such resource. */
  resource(logicalId: string): Resource {
    const json = this.#template.Resources?.[logicalId];
    if (json === undefined) throw new UnsupportedTemplateError(`No resource ${logicalId}`);
    return {
      logicalId,
      type: json.Type,
      physicalId: this.#reference(logicalId),
      properties: this.resolve(json.Properties ?? {}) as JsonObject,
    };
  }

  /** The stack's outputs by name. */
  outputs(): Record<string, string> {
    return Object.fromEntries(
      Object.entries(this.#template.Outputs ?? {})
        .filter(([, output]) => this.#holds(output.Condition))
        .map(([name, output]) => [name, String(this.resolve(output.Value))]),
    );
  }

  /** `value` with every intrinsic function in it replaced by its result. */
  resolve(value: unknown): unknown {
    const resolved = this.#resolve(value);
    return resolved === NO_VALUE ? undefined : resolved;
  }

  #resolve(value: unknown): unknown {
    if (Array.isArray(value)) {
      return value.map((item) => this.#resolve(item)).filter((item) => item !== NO_VALUE);
    }
    if (typeof value !== 'object' || value === null) return value;
    const [first, ...others] = Object.entries(value);
    if (first && others.length === 0 && (first[0] === 'Ref' || first[0].startsWith('Fn::'))) {
      return this.#intrinsic(first[0], first[1]);
    }
    return Object.fromEntries(
      Object.entries(value)
        .map(([name, member]) => [name, this.#resolve(member)] as const)
        .filter(([, member]) => member !== NO_VALUE),
    );
  }

  #intrinsic(name: string, argument: unknown): unknown {
    switch (name) {
      case 'Ref':
        return argument === 'AWS::NoValue' ? NO_VALUE : this.#reference(String(argument));
      case 'Fn::GetAtt': {
        const [logicalId = '', ...rest] = Array.isArray(argument)
          ? (argument as readonly unknown[]).map((part) => String(this.#resolve(part)))
          : String(argument).split('.');
        return this.#attribute(logicalId, rest.join('.'));
      }
      case 'Fn::Join': {
        const [separator, parts] = this.#arguments(name, argument, 2);
        return (this.#resolve(parts) as readonly unknown[]).join(String(separator));
      }
      case 'Fn::Split': {
        const [separator, text] = this.#arguments(name, argument, 2);
        return String(this.#resolve(text)).split(String(separator));
      }
      case 'Fn::Select': {
        const [index, list] = this.#arguments(name, argument, 2);
        return (this.#resolve(list) as readonly unknown[])[Number(this.#resolve(index))];
      }
      case 'Fn::Sub':
        return this.#substitute(argument);
      case 'Fn::Base64':
        return Buffer.from(String(this.#resolve(argument))).toString('base64');
      case 'Fn::FindInMap': {
        const [map, top, second] = this.#arguments(name, argument, 3).map((part) =>
          String(this.#resolve(part)),
        );
        return this.#template.Mappings?.[map ?? '']?.[top ?? '']?.[second ?? ''];
      }
      case 'Fn::If': {
        const [condition, whenTrue, whenFalse] = this.#arguments(name, argument, 3);
        return this.#resolve(this.#holds(String(condition)) ? whenTrue : whenFalse);
      }
      case 'Fn::Equals': {
        const [left, right] = this.#arguments(name, argument, 2);
        return this.#resolve(left) === this.#resolve(right);
      }
      case 'Fn::Not':
        return !this.#truth(this.#arguments(name, argument, 1)[0]);
      case 'Fn::And':
        return (argument as readonly unknown[]).every((part) => this.#truth(part));
      case 'Fn::Or':
        return (argument as readonly unknown[]).some((part) => this.#truth(part));
      default:
        throw new UnsupportedTemplateError(`${name} is not supported by the local stack`);
    }
  }

  #arguments(name: string, argument: unknown, count: number): readonly unknown[] {
    if (Array.isArray(argument) && argument.length === count) return argument;
    throw new UnsupportedTemplateError(`${name} takes a list of ${count}`);
  }

  #substitute(argument: unknown): string {
    const [text, variables] = (Array.isArray(argument) ? argument : [argument, {}]) as [
      unknown,
      JsonObject,
    ];
    return String(text).replaceAll(/\$\{(!?)([^}]+)\}/gu, (_whole, literal, name: string) => {
      if (literal === '!') return `\${${name}}`;
      if (Object.hasOwn(variables, name)) return String(this.#resolve(variables[name]));
      const [logicalId = '', ...rest] = name.split('.');
      return rest.length === 0 ? this.#reference(name) : this.#attribute(logicalId, rest.join('.'));
    });
  }

  #reference(name: string): string {
    if (name.startsWith('AWS::')) {
      const value = this.deployment.pseudoParameters[name];
      if (value === undefined) throw new UnsupportedTemplateError(`Ref ${name} is not supported`);
      return value;
    }
    const parameter = this.#template.Parameters?.[name];
    if (parameter) {
      if (parameter.Default !== undefined) return printed(parameter.Default);
      throw new UnsupportedTemplateError(`Parameter ${name} has no default`);
    }
    return this.#withResource(name, (type, properties) =>
      physicalId({ logicalId: name, type, properties }, this.deployment),
    );
  }

  #attribute(logicalId: string, name: string): string {
    return this.#withResource(logicalId, (type, properties) => {
      const value = attribute({ logicalId, type, properties }, name, this.deployment);
      if (value !== undefined) return value;
      throw new UnsupportedTemplateError(`Fn::GetAtt ${logicalId}.${name} (${type}) is unknown`);
    });
  }

  #withResource(
    logicalId: string,
    use: (type: string, properties: (name: string) => unknown) => string,
  ): string {
    const json = this.#template.Resources?.[logicalId];
    if (json === undefined) throw new UnsupportedTemplateError(`No resource ${logicalId}`);
    return use(json.Type, (name) => {
      const step = `${logicalId}.${name}`;
      if (this.#resolving.has(step)) throw new UnsupportedTemplateError(`${step} is circular`);
      this.#resolving.add(step);
      try {
        return this.resolve(json.Properties?.[name]);
      } finally {
        this.#resolving.delete(step);
      }
    });
  }

  #holds(condition: string | undefined): boolean {
    if (condition === undefined) return true;
    const expression = this.#template.Conditions?.[condition];
    if (expression === undefined) throw new UnsupportedTemplateError(`No condition ${condition}`);
    return this.#truth(expression);
  }

  #truth(expression: unknown): boolean {
    if (typeof expression === 'object' && expression !== null && 'Condition' in expression) {
      return this.#holds(String(expression.Condition));
    }
    return this.#resolve(expression) === true;
  }
}
