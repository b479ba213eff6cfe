/** Asks before many rows are written. Without a terminal, `--yes` is required. */
import { createInterface } from 'node:readline/promises';
import { CliError, EXIT, usageError } from './errors.ts';

export interface Terminal {
  readonly input: NodeJS.ReadableStream & { readonly isTTY?: boolean };
  readonly output: NodeJS.WritableStream & { readonly isTTY?: boolean };
}

export interface Confirmation {
  readonly question: string;
  /** Confirmed by `--yes`. */
  readonly yes: boolean;
  /** What happens without a terminal. */
  readonly withoutTerminal: 'refuse' | 'go on';
}

/** @throws CliError unless the answer is yes */
export async function confirm(
  { question, yes, withoutTerminal }: Confirmation,
  { input, output }: Terminal = { input: process.stdin, output: process.stderr },
): Promise<void> {
  if (yes) return;
  if (input.isTTY !== true || output.isTTY !== true) {
    if (withoutTerminal === 'go on') return;
    throw usageError(
      'confirmation_missing',
      'Nothing was written: many users would change, and there is no terminal to confirm on',
      'Preview it with --dry-run, then add --yes',
    );
  }
  const lines = createInterface({ input, output });
  try {
    const answer = await lines.question(`${question} [y/N] `);
    if (/^y(?:es)?$/iu.test(answer.trim())) return;
  } catch (error) {
    // The end of input is no answer.
    if (!(error instanceof Error) || error.name !== 'AbortError') throw error;
  } finally {
    lines.close();
  }
  throw new CliError(
    EXIT.interrupted,
    'declined',
    'Nothing was written',
    'Run the command again, and answer y',
  );
}
