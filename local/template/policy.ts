/**
 * Evaluates an authorizer's policy as IAM does, as far as `execute-api` needs it: every statement
 * counts, Deny wins, and what is not allowed is denied. Conditions and policy variables are
 * refused aloud: a gateway that ignored them would let in what AWS keeps out.
 *
 * @see https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html
 */

/** A statement whose members have been checked by `checkPolicyAnswer`. */
export interface Statement {
  readonly Effect: 'Allow' | 'Deny';
  readonly Action?: readonly string[];
  readonly NotAction?: readonly string[];
  readonly Resource?: readonly string[];
  readonly NotResource?: readonly string[];
  readonly Condition?: unknown;
}

export type PolicyVerdict = 'allowed' | 'explicitly_denied' | 'implicitly_denied';

const INVOKE = 'execute-api:Invoke';

/**
 * What `statements` say to invoking `arn`, a `methodArn` or `routeArn`.
 *
 * @throws Error on a `Condition` or a policy variable.
 */
export function evaluatePolicy(statements: readonly Statement[], arn: string): PolicyVerdict {
  const applying = statements.filter((statement) => applies(statement, arn));
  if (applying.some((statement) => statement.Effect === 'Deny')) return 'explicitly_denied';
  return applying.length > 0 ? 'allowed' : 'implicitly_denied';
}

/**
 * Whether `text` matches `pattern` as a whole: `*` is any run of characters, slashes and colons
 * included, `?` is one character, and nothing else is special.
 */
export function matchesPattern(pattern: string, text: string): boolean {
  const symbols = Array.from(pattern);
  const characters = Array.from(text);
  let symbol = 0;
  let star = -1;
  let resumeAt = 0;
  for (let at = 0; at < characters.length;) {
    const expected = symbols[symbol];
    // The star comes first: a text may itself contain one.
    if (expected === '*') {
      star = symbol++;
      resumeAt = at;
    } else if (expected !== undefined && (expected === '?' || expected === characters[at])) {
      symbol++;
      at++;
    } else if (star >= 0) {
      // Let the last star swallow one character more.
      symbol = star + 1;
      at = ++resumeAt;
    } else {
      return false;
    }
  }
  return symbols.slice(symbol).every((rest) => rest === '*');
}

function applies(statement: Statement, arn: string): boolean {
  if (statement.Condition !== undefined) {
    throw new Error('The local gateway does not evaluate a Condition in a policy');
  }
  return (
    selects(statement.Action, statement.NotAction, (action) =>
      // Action names are not case-sensitive; ARNs are.
      matchesPattern(action.toLowerCase(), INVOKE.toLowerCase()),
    ) &&
    selects(statement.Resource, statement.NotResource, (resource) => {
      if (resource.includes('${')) {
        throw new Error('The local gateway does not evaluate a variable in a policy');
      }
      return matchesPattern(resource, arn);
    })
  );
}

function selects(
  included: readonly string[] | undefined,
  excluded: readonly string[] | undefined,
  matches: (pattern: string) => boolean,
): boolean {
  if (excluded !== undefined) return !excluded.some((pattern) => matches(pattern));
  return included?.some((pattern) => matches(pattern)) ?? false;
}
