/**
 * Runs one command, prints its result or its error once, and sets the exit status. Commands return
 * a result and print nothing themselves.
 */
import type { Command } from 'commander';
import { EXIT, toCliError } from './errors.ts';
import { Output, type CommandResult } from './output.ts';
import { serviceClock } from './service-clock.ts';
import type { WhereOptions } from './target-options.ts';

/** The global options of the program. */
export interface GlobalOptions extends WhereOptions {
  readonly json?: true;
}

export interface CommandContext {
  readonly where: WhereOptions;
  readonly output: Output;
}

/** Runs `work` for `command`, and sets the exit status of this process. */
export async function run(
  command: Command,
  work: (context: CommandContext) => Promise<CommandResult>,
): Promise<void> {
  const options: GlobalOptions = command.optsWithGlobals();
  const output = new Output(options.json === true);
  try {
    const result = await work({ where: options, output });
    warnOfClock(output);
    output.result(result);
    process.exitCode = result.exitCode ?? EXIT.ok;
  } catch (error) {
    if (process.env['ROLLCALL_DEBUG'] === '1') process.stderr.write(`${describe(error)}\n`);
    const cliError = toCliError(error);
    warnOfClock(output);
    output.error(cliError);
    process.exitCode = cliError.exitCode;
  }
}

function warnOfClock(output: Output): void {
  const { warning } = serviceClock;
  if (warning !== undefined) output.note(warning);
}

/** The stack of an error without its message, for `ROLLCALL_DEBUG`. */
function describe(error: unknown): string {
  const { name, stack = '' } = error instanceof Error ? error : new Error(typeof error);
  const frames = stack.split('\n').filter((frame) => /^\s+at /u.test(frame));
  return [name, ...frames].join('\n');
}
