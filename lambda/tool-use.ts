/** What a request asks of an agent's tools, and whether the roles of a row are enough for it. */
import type { StringsByName } from './settings/json-grammar.ts';

export interface ToolUse {
  /** The tools that it calls. */
  readonly tools: readonly string[];
  /** A call does not say which tool, or the request's headers say otherwise than its body. */
  readonly isUnclear: boolean;
}

/**
 * Whether `roles` are enough, or undefined roles, of one who is not asked for any. It has to be
 * plain which tools are called; every entry that fits one of them is a condition of its own.
 */
export function mayUseTools(
  { tools, isUnclear }: ToolUse,
  roles: readonly string[] | undefined,
  toolRoles: StringsByName | undefined,
): boolean {
  if (toolRoles === undefined) return true;
  if (isUnclear) return false;
  if (roles === undefined) return true;
  return Object.entries(toolRoles).every(
    ([pattern, accepted]) =>
      !tools.some((tool) => fits(tool, pattern)) || accepted.some((role) => roles.includes(role)),
  );
}

/** `pattern` is a tool's name, or a prefix that ends in `*`. */
function fits(tool: string, pattern: string): boolean {
  return pattern.endsWith('*') ? tool.startsWith(pattern.slice(0, -1)) : tool === pattern;
}
