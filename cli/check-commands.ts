/** The commands that answer questions: their options and examples. */
import type { Command } from 'commander';
import { run } from './run.ts';
import type { ExplainOptions } from './explain/explain.ts';
import type { PreflightOptions } from './preflight/preflight.ts';
import { example } from './users/commands.ts';

export function defineChecks(program: Command): void {
  example(
    program
      .command('preflight')
      .description('say whom strict mode locks out, or would: exit 0 if nobody')
      .option('--days <days>', 'how far back to look for entries by bootstrap', '7'),
    'preflight',
    'preflight --stack Rollcall --json',
  ).action((options: PreflightOptions, command: Command) =>
    run(command, async (context) =>
      (await import('./preflight/preflight.ts')).preflight(context, options),
    ),
  );

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
    run(command, async (context) =>
      (await import('./explain/explain.ts')).explain(context, options),
    ),
  );

  example(
    program
      .command('doctor')
      .description("show the settings in force, and hold them against the issuer's own document"),
    'doctor --local',
  ).action((_options: unknown, command: Command) =>
    run(command, async (context) => (await import('./doctor/doctor.ts')).doctor(context)),
  );
}
