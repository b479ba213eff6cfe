/** `explain`: its options and examples. */
import type { Command } from 'commander';
import { example, namespaceOption } from '../command-options.ts';
import { run } from '../run.ts';
import type { ExplainOptions } from './explain.ts';

export function defineExplain(program: Command): void {
  example(
    program
      .command('explain')
      .description('decide on a token from standard input, step by step, as the function does')
      .option('--at <time>', 'decide as of this time (RFC 3339); rows and keys are those of now')
      .option('--user <id>', 'explain without a token: the row, the last denials, what is asked')
      .option('--issuer <iss>', 'beside --user: who gives her tokens, where there are several')
      .addOption(namespaceOption())
      .option('--hours <hours>', 'beside --user: how far back to read the log', '24')
      .addHelpText(
        'after',
        '\nThe token is neither kept nor printed. Exit 0 if it is let in, 4 if it is not, 1 if it\ncould not be checked.',
      ),
    'explain < token.txt',
    'explain --at 2030-01-31T12:00:00Z < token.txt',
    'explain --user alice@example.com --hours 12',
  ).action((options: ExplainOptions, command: Command) =>
    run(command, async (context) => (await import('./explain.ts')).explain(context, options)),
  );
}
