/** The output of `npm start`: how to use the stack, then one line per event. */
import { curlLines, toolCallLines, type CurlLine } from './curl-lines.ts';
import { KNOWN_USER } from './demo-users.ts';
import type { Exchange } from './gateway/common/exchange.ts';
import type { LocalStack, SecurityEvent } from './stack.ts';

type Print = (text: string) => void;

/** Prints addresses, the settings in force, and requests to paste. */
export async function introduce(stack: LocalStack, print: Print): Promise<void> {
  const settings = stack.settings();
  const strict = settings['REQUIRE_USER_IN_DB'] === 'true';
  const section = (title: string, lines: readonly string[]) => {
    const indented = lines.map((line) => (line === '' ? '' : `  ${line}`));
    print(`\n${title}\n${indented.join('\n')}`);
  };
  if (stack.movedFromPort !== undefined) {
    print(`\nPort ${stack.movedFromPort} is in use, so the next free port was chosen.`);
  }
  section(`Rollcall is at ${stack.url}/whoami`, [
    ...(stack.httpUrl === undefined ? [] : [`HTTP API           ${stack.httpUrl}/whoami`]),
    ...(stack.webSocketUrl === undefined ? [] : [`WebSocket API      ${stack.webSocketUrl}`]),
    `AgentCore gateway  ${stack.mcpUrl}`,
    `identity provider  ${stack.identityProvider.issuer}`,
    `DynamoDB endpoint  ${stack.tableEndpoint}`,
    `users table        ${stack.usersTable.name}`,
  ]);
  section(
    `Settings in force (${strict ? 'strict mode' : 'not strict; npm start -- --strict is'})`,
    Object.entries(settings).map(([name, value]) => `${name}=${value}`),
  );
  const examples = (lines: readonly CurlLine[]) =>
    lines.flatMap(({ title, command }) => [`# ${title}`, command, '']).slice(0, -1);
  section('Paste these into another terminal', examples(await curlLines(stack, strict)));
  section("An agent's tools, behind the AgentCore gateway", examples(await toolCallLines(stack)));
  section('A token for anybody', [
    `curl -s ${stack.identityProvider.tokenEndpoint} -d grant_type=password -d username=you@example.com`,
  ]);
  print('\nCtrl-C stops everything. Requests and security events:\n');
}

/** Prints the addresses of your own app, its unsupported parts, and how to get a token. */
export function introduceOwnApp(
  stack: LocalStack,
  unsupported: readonly string[],
  print: Print,
): void {
  const lines = [
    ...(stack.url === '' ? [] : [`REST API           ${stack.url}`]),
    ...(stack.httpUrl === undefined ? [] : [`HTTP API           ${stack.httpUrl}`]),
    ...(stack.webSocketUrl === undefined ? [] : [`WebSocket API      ${stack.webSocketUrl}`]),
    `identity provider  ${stack.identityProvider.issuer}`,
    `DynamoDB endpoint  ${stack.tableEndpoint}`,
    `users table        ${stack.usersTable.name}`,
  ];
  print(`\nYour app is served\n  ${lines.join('\n  ')}`);
  if (unsupported.length > 0) {
    print(`\nNot served (everything else is)\n  ${unsupported.join('\n  ')}`);
  }
  print(
    `\nA token for ${KNOWN_USER}, who has a row\n  curl -s ${stack.identityProvider.tokenEndpoint} -d grant_type=password -d username=${KNOWN_USER}`,
  );
  print('\nCtrl-C stops everything. Requests and security events:\n');
}

/** Prints a line for each response, each security event, and each error of the gateway itself. */
export function narrate(
  stack: LocalStack,
  print: Print,
  printError: (error: unknown) => void,
): void {
  stack.events.on('exchange', (exchange) => {
    print(describeExchange(exchange));
  });
  stack.events.on('securityEvent', (event) => {
    print(describeEvent(event));
  });
  stack.events.on('fault', printError);
}

/** Such as `401 GET /prod/whoami  explicitly_denied, from the cache`. */
export function describeExchange({ status, method, path, authorizer }: Exchange): string {
  const answer = `${status} ${method} ${path}`;
  if (authorizer === undefined) return answer;
  const { status: outcome, verdict, cached, problem } = authorizer;
  const why = outcome === 'answered' ? verdict : outcome;
  return `${answer}  ${why}${cached ? ', from the cache' : ''}${problem === undefined ? '' : `: ${problem}`}`;
}

/** Such as `    access_denied  user_not_found  mallory@example.com`. */
export function describeEvent(event: SecurityEvent): string {
  const { security_event: name, reason, user_id: userId } = event;
  return `    ${[name, reason, userId].filter((part) => typeof part === 'string').join('  ')}`;
}
