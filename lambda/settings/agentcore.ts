/** The grammars of the settings that AgentCore alone has. */
import { matching, role, type Grammar } from './grammar.ts';
import { json, stringsByName, type StringsByName } from './json-grammar.ts';

/** As MCP has them, and with room for others. */
const toolPattern = matching(
  /^(?:[^\p{Cc}*]{1,256}\*?|\*)$/u,
  'a tool name, or a prefix that ends in *',
);
const rolesByTool = json(stringsByName(toolPattern, role, 256));

/** Tool names, or prefixes that end in `*`, and the roles of which a row must have one. */
export const toolRoles: Grammar<StringsByName> = (text) => {
  const parsed = rolesByTool(text);
  return parsed.ok && Object.keys(parsed.value).length === 0
    ? { ok: false, problem: 'must name at least one tool' }
    : parsed;
};

/** Headers that would not reach the target if they were taken for the client's own word. */
const NEEDED_HEADERS = [
  'accept',
  'authorization',
  'content-type',
  'host',
  'mcp-protocol-version',
  'mcp-session-id',
  'traceparent',
  'user-agent',
  'x-amzn-trace-id',
  'x-forwarded-for',
];

/** What begins the names of headers, as AgentCore Gateway allows them. */
export const identityHeaderPrefix: Grammar<string> = (text) =>
  /^[A-Za-z0-9_-]{1,64}$/u.test(text) &&
  !NEEDED_HEADERS.some((name) => name.startsWith(text.toLowerCase()))
    ? { ok: true, value: text }
    : {
        ok: false,
        problem:
          'must be 1 to 64 of A-Z, a-z, 0-9, _ and -, and begin no header that requests need',
      };
