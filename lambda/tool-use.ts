/** What a request asks of an agent's tools. Types alone: `request/` finds it, `decision.ts` judges. */

export interface ToolUse {
  /** The tools that it calls. */
  readonly tools: readonly string[];
  /** A call does not say which tool, or the request's headers say otherwise than its body. */
  readonly isUnclear: boolean;
}
