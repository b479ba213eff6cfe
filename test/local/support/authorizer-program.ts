/**
 * An authorizer that does what the token says: the token is a program, so that each test states
 * the answer that it is about. `{arn}` in a resource stands for the ARN that was called, `{stage}`
 * for its stage.
 */

export interface Program {
  /** Returned as it is, with the placeholders filled in. */
  readonly returns?: unknown;
  /** Thrown as the message of an error. */
  readonly throws?: string;
  readonly hangs?: boolean;
}

/** A token that makes the authorizer run `program`. */
export function programToken(program: Program): string {
  return Buffer.from(JSON.stringify(program)).toString('base64url');
}

export function bearer(program: Program): string {
  return `Bearer ${programToken(program)}`;
}

/** An answer in the IAM form. */
export function policy(
  effect: 'Allow' | 'Deny',
  resource: string | readonly string[],
  context?: unknown,
): Program {
  return {
    returns: {
      principalId: 'user-1',
      policyDocument: {
        Version: '2012-10-17',
        Statement: [{ Effect: effect, Action: 'execute-api:Invoke', Resource: resource }],
      },
      ...(context !== undefined && { context }),
    },
  };
}

/** Prints each event as one line and then runs the program. */
export const AUTHORIZER_SOURCE = `
exports.handler = async (event) => {
  console.log(JSON.stringify({ asked: event }));
  const headers = event.headers ?? {};
  const protocol = Object.entries(headers).find(([name]) => name.toLowerCase() === 'sec-websocket-protocol');
  const value = event.authorizationToken?.split(',')[0]
    ?? Object.entries(headers).find(([name]) => name.toLowerCase() === 'authorization')?.[1]
    ?? event.queryStringParameters?.token
    ?? protocol?.[1].split(/, ?/).at(-1);
  const program = JSON.parse(Buffer.from(value.replace(/^Bearer /, ''), 'base64url').toString());
  if (program.hangs) return new Promise(() => {});
  if (program.throws !== undefined) throw new Error(program.throws);
  const arn = event.methodArn ?? event.routeArn;
  const stage = arn.split('/').slice(0, 2).join('/');
  return JSON.parse(JSON.stringify(program.returns)
    .replaceAll('{arn}', JSON.stringify(arn).slice(1, -1))
    .replaceAll('{stage}', stage));
};`;

/** Answers with the event that it got, as JSON. */
export const ECHO_SOURCE = `
exports.handler = async (event) => ({
  statusCode: 200,
  headers: { 'Content-Type': 'application/json' },
  body: JSON.stringify(event),
});`;
