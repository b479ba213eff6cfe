/** Requests to paste into a terminal, each with a real token and the expected answer. */
import { DISABLED_USER, KNOWN_USER, PLATFORM_ADMIN, UNKNOWN_USER } from './demo-users.ts';
import { DELETE_TOOL, READ_TOOL } from './runtime/mcp-server.ts';
import type { LocalStack } from './stack.ts';

/** Long enough for a day's work. */
const TOKEN_LIFETIME_SECONDS = 12 * 3600;

export interface CurlLine {
  /** The caller, and the expected answer. */
  readonly title: string;
  readonly command: string;
}

/** The examples for the REST API of `stack`. */
export async function curlLines(stack: LocalStack, strict: boolean): Promise<CurlLine[]> {
  const url = `${stack.url}/whoami`;
  const as = async (email: string) => {
    const token = await stack.issueToken({ email }, { expiresInSeconds: TOKEN_LIFETIME_SECONDS });
    return `curl -i ${url} -H 'Authorization: Bearer ${token}'`;
  };
  const denied = stack.deniedStatus;
  const absent = strict ? 'User not found in database' : 'User not found';
  return [
    { title: `${KNOWN_USER} has a row: 200`, command: await as(KNOWN_USER) },
    { title: `${UNKNOWN_USER} has none: ${denied} ${absent}`, command: await as(UNKNOWN_USER) },
    {
      title: `${DISABLED_USER} is disabled: ${denied} Account disabled`,
      command: await as(DISABLED_USER),
    },
    {
      title: strict
        ? `${PLATFORM_ADMIN}, the platform admin, has no row: ${denied} ${absent}`
        : `${PLATFORM_ADMIN}, the platform admin, has no row and enters by bootstrap: 200`,
      command: await as(PLATFORM_ADMIN),
    },
    { title: 'no token: 401 Not authenticated', command: `curl -i ${url}` },
    {
      title: 'a malformed token: 401 Not authenticated',
      command: `curl -i ${url} -H 'Authorization: Bearer junk'`,
    },
  ];
}

/** Calls of an agent's tools through the AgentCore gateway of `stack`. */
export async function toolCallLines(stack: LocalStack): Promise<CurlLine[]> {
  const call = async (email: string, name: string) => {
    const token = await stack.issueToken({ email }, { expiresInSeconds: TOKEN_LIFETIME_SECONDS });
    const body = JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'tools/call', params: { name } });
    return [
      `curl -s -w '\\n%{http_code}\\n' ${stack.mcpUrl}`,
      `-H 'Authorization: Bearer ${token}'`,
      "-H 'Content-Type: application/json' -H 'Accept: application/json, text/event-stream'",
      `-d '${body}'`,
    ].join(' ');
  };
  return [
    { title: `${KNOWN_USER} calls ${READ_TOOL}: 200`, command: await call(KNOWN_USER, READ_TOOL) },
    {
      title: `${KNOWN_USER} calls ${DELETE_TOOL}, which needs a role: 403 Tool not allowed for this user`,
      command: await call(KNOWN_USER, DELETE_TOOL),
    },
    {
      title: `${DISABLED_USER} calls ${READ_TOOL}: 403 Account disabled`,
      command: await call(DISABLED_USER, READ_TOOL),
    },
  ];
}
