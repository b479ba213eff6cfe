/** The template of a release with values for its parameters, and the stack that it makes. */
import { parameterName } from '../../tools/release/parameters.ts';
import type { TemplateJson } from '../../local/template/template.ts';

type Parameters = NonNullable<TemplateJson['Parameters']>;

/** The template as if it were deployed with `values`, by the names of its parameters. */
export function withParameters(
  template: TemplateJson,
  values: Readonly<Record<string, unknown>>,
): TemplateJson {
  const declared: Parameters = template.Parameters ?? {};
  for (const name of Object.keys(values)) {
    if (!Object.hasOwn(declared, name)) throw new Error(`The template has no parameter ${name}`);
  }
  return {
    ...template,
    Parameters: Object.fromEntries(
      Object.entries(declared).map(([name, parameter]) => [
        name,
        Object.hasOwn(values, name) ? { ...parameter, Default: values[name] } : parameter,
      ]),
    ),
  };
}

/** Settings of the environment as parameters; those of the template's API alone are left out. */
export function parametersOf(
  template: TemplateJson,
  settings: Readonly<Record<string, string>>,
): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(settings)
      .map(([name, value]) => [parameterName(name), value] as const)
      .filter(([name]) => Object.hasOwn(template.Parameters ?? {}, name)),
  );
}

/**
 * One template of two, of which the second has outputs of the first as parameters of the same
 * names: what somebody deploys who copies them over by hand.
 */
export function joined(first: TemplateJson, second: TemplateJson): TemplateJson {
  const outputs = first.Outputs ?? {};
  const bound = new Map(
    Object.keys(second.Parameters ?? {})
      .filter((name) => Object.hasOwn(outputs, name))
      .map((name) => [name, outputs[name]?.Value]),
  );
  const bind = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(bind);
    if (typeof value !== 'object' || value === null) return value;
    const { Ref: reference } = value as { readonly Ref?: unknown };
    if (typeof reference === 'string' && bound.has(reference)) return bound.get(reference);
    return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, bind(member)]));
  };
  return {
    Parameters: first.Parameters ?? {},
    Conditions: { ...first.Conditions, ...second.Conditions },
    Resources: {
      ...first.Resources,
      ...(bind(second.Resources ?? {}) as NonNullable<TemplateJson['Resources']>),
    },
    Outputs: {
      ...first.Outputs,
      ...(bind(second.Outputs ?? {}) as NonNullable<TemplateJson['Outputs']>),
    },
  };
}
