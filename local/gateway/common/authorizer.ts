/**
 * One Lambda authorizer of an API: decides from the identity values whether it has to be asked,
 * whether its answer is cached, and what its failure is. What the answer means for a request, and
 * what the client is told, is the gateway's own matter.
 */
import type { AuthorizerCache, CacheKey } from './authorizer-cache.ts';
import type { Checked } from './authorizer-answer.ts';
import type { Functions } from '../../runtime/functions.ts';
import type { IdentitySource } from './identity-source.ts';

/** How long answers are kept when the template does not say, in seconds. */
export const DEFAULT_TTL_SECONDS = 300;

/** An authorizer as the template describes it. */
export interface AuthorizerModel {
  readonly id: string;
  readonly name: string;
  readonly type: 'TOKEN' | 'REQUEST';
  readonly functionArn: string;
  /** What permissions are checked against: `…:{apiId}/authorizers/{id}`. */
  readonly sourceArn: string;
  readonly assumesRole: boolean;
  readonly identitySources: readonly IdentitySource[];
  /** TOKEN only: what the identity has to look like before the function is called. */
  readonly validationExpression: RegExp | undefined;
  readonly ttlSeconds: number;
  /** HTTP APIs only. */
  readonly payloadFormatVersion: '1.0' | '2.0' | undefined;
  /** HTTP APIs only: whether the answer is `{isAuthorized}` instead of a policy. */
  readonly simpleResponses: boolean;
}

/** What came of asking. */
export type AuthorizerResult<A> =
  /** An identity source is missing, empty or ill-formed; the function was not called. */
  | { readonly status: 'no_identity' }
  /** The function failed with exactly `Unauthorized`. */
  | { readonly status: 'unauthorized' }
  /** The function failed in any other way, or took too long. */
  | { readonly status: 'failed'; readonly problem: string }
  /** The function could not be called, or its answer is not one. */
  | { readonly status: 'misconfigured'; readonly problem: string }
  | { readonly status: 'answered'; readonly answer: A; readonly cached: boolean };

export interface Question<A> {
  readonly apiId: string;
  readonly stage: string;
  /** The values of the identity sources; undefined when one is missing. */
  readonly identity: readonly string[] | undefined;
  /** Made only when the function has to be called. */
  readonly event: () => unknown;
  readonly check: (value: unknown) => Checked<A>;
  readonly requestId: string;
}

export class Authorizer<A> {
  readonly model: AuthorizerModel;
  readonly #functions: Functions;
  readonly #cache: AuthorizerCache<A>;

  /** @param cache One for all authorizers of a gateway; its keys tell them apart. */
  constructor(model: AuthorizerModel, functions: Functions, cache: AuthorizerCache<A>) {
    this.model = model;
    this.#functions = functions;
    this.#cache = cache;
  }

  async ask(question: Question<A>): Promise<AuthorizerResult<A>> {
    const { identity, apiId, stage } = question;
    const { id: authorizerId, validationExpression, ttlSeconds } = this.model;
    if (identity === undefined) return { status: 'no_identity' };
    if (validationExpression && !identity.every((value) => validationExpression.test(value))) {
      return { status: 'no_identity' };
    }
    const key: CacheKey = { apiId, stage, authorizerId, identity };
    const cached = identity.length > 0 ? this.#cache.get(key) : undefined;
    if (cached !== undefined) return { status: 'answered', answer: cached, cached: true };

    const result = await this.#functions.call(this.model.functionArn, {
      sourceArn: this.model.sourceArn,
      event: question.event(),
      requestId: question.requestId,
      assumesRole: this.model.assumesRole,
    });
    if (!result.ok) {
      if (result.notInvoked === true) {
        return { status: 'misconfigured', problem: result.errorMessage };
      }
      // The message has to be this word alone, in this spelling.
      return result.errorMessage === 'Unauthorized'
        ? { status: 'unauthorized' }
        : { status: 'failed', problem: `${result.errorType}: ${result.errorMessage}` };
    }
    const checked = question.check(result.value);
    if (!checked.ok) return { status: 'misconfigured', problem: checked.problem };
    if (identity.length > 0) this.#cache.set(key, checked.answer, ttlSeconds);
    return { status: 'answered', answer: checked.answer, cached: false };
  }
}
