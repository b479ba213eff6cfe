/** `explain`: its options and examples. */
import type { Command } from 'commander';
import { example } from '../command-options.ts';
import { run } from '../run.ts';
import type { ExplainOptions } from './explain.ts';

export function defineExplain(program: Command): void {
  example(
    program
      .command('explain')
      .description('decide on a token from standard input, step by step, as the function does')
      .option('--at <time>', 'decide as of this time (RFC 3339); rows and keys are those of now')
      .addHelpText(
        'after',
        '\nThe token is neither kept nor printed. Exit 0 if it is let in, 4 if it is not, 1 if it\ncould not be checked.',
      ),
    'explain < token.txt',
    'explain --at 2030-01-31T12:00:00Z < token.txt',
  ).action((options: ExplainOptions, command: Command) =>
    run(command, async (context) => (await import('./explain.ts')).explain(context, options)),
  );
}
