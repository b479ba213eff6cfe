/** Typed reading of a resource's properties. A property of another type is refused by its name. */

import { isJsonObject, isStringList, type JsonObject } from '../../lambda/json.ts';

/** The template asks for something that the local stack does not model. */
export class UnsupportedTemplateError extends Error {
  override name = 'UnsupportedTemplateError';
  readonly code = 'UNSUPPORTED_TEMPLATE';
}

/** Told of what is not served, and why. */
export type OnUnsupported = (problem: string) => void;

/** What `read` makes of each item; an item that is not supported is told of and left out. */
export function supported<T, R>(
  items: readonly T[],
  read: (item: T) => R,
  onUnsupported: OnUnsupported | undefined,
): R[] {
  return items.flatMap((item) => {
    try {
      return [read(item)];
    } catch (error) {
      if (!(error instanceof UnsupportedTemplateError) || onUnsupported === undefined) throw error;
      onUnsupported(error.message);
      return [];
    }
  });
}

/** A property as text; a number or a boolean, which CloudFormation takes too, is written out. */
export function text(properties: JsonObject, name: string): string {
  const value = optionalText(properties, name);
  if (value === undefined) throw new UnsupportedTemplateError(`${name} is missing`);
  return value;
}

export function optionalText(properties: JsonObject, name: string): string | undefined {
  const value = properties[name];
  if (value === undefined || typeof value === 'string') return value;
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  throw new UnsupportedTemplateError(`${name} is not a text`);
}

/** A property as a number, which CloudFormation also takes as text. */
export function optionalNumber(properties: JsonObject, name: string): number | undefined {
  const value = optionalText(properties, name);
  if (value === undefined) return undefined;
  const number = value.trim() === '' ? Number.NaN : Number(value);
  if (Number.isFinite(number)) return number;
  throw new UnsupportedTemplateError(`${name} is not a number`);
}

/** A property that is a map; empty when it is missing. */
export function map(properties: JsonObject, name: string): JsonObject {
  const value = properties[name] ?? {};
  if (isJsonObject(value)) return value;
  throw new UnsupportedTemplateError(`${name} is not a map`);
}

/** A property that is a map of texts; empty when it is missing. */
export function textMap(properties: JsonObject, name: string): Record<string, string> {
  const members = map(properties, name);
  return Object.fromEntries(Object.keys(members).map((member) => [member, text(members, member)]));
}

/** A property that is a list of texts; empty when it is missing. */
export function textList(properties: JsonObject, name: string): readonly string[] {
  const value = properties[name] ?? [];
  if (isStringList(value)) return value;
  throw new UnsupportedTemplateError(`${name} is not a list of texts`);
}

/** A plain value as the text that it is printed as; anything else as JSON. */
export function printed(value: unknown): string {
  return typeof value === 'string' ? value : (JSON.stringify(value) ?? '');
}
