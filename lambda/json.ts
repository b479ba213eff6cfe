/** JSON objects whose members nobody has checked: claims, headers, keys, rows, events. */

export type JsonObject = Readonly<Record<string, unknown>>;

/** Whether `value` is an object in the sense of JSON: no array and not null (RFC 8259 §4). */
export function isJsonObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Whether `value` is an array of strings, which may be empty. */
export function isStringList(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((item) => typeof item === 'string');
}

/** The member `name` of the object itself, so that no name can reach a prototype. */
export function ownMember(object: JsonObject, name: string): unknown {
  return Object.hasOwn(object, name) ? object[name] : undefined;
}
