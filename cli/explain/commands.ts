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
      .option(
        '--user <id>',
        'explain without a token: the row, the last denials, what a token needs',
      )
      .option('--issuer <iss>', 'with --user: the issuer of the tokens, if several are trusted')
      .addOption(namespaceOption())
      .option('--hours <hours>', 'with --user: how many hours of the log to read', '24')
      .addHelpText(
        'after',
        '\nThe token is not stored and not printed. Exit 0 if it is accepted, 4 if it is not, 1 if it\ncould not be checked.',
      ),
    'explain < token.txt',
    'explain --at 2030-01-31T12:00:00Z < token.txt',
    'explain --user alice@example.com --hours 12',
  ).action((options: ExplainOptions, command: Command) =>
    run(command, async (context) => (await import('./explain.ts')).explain(context, options)),
  );
}
