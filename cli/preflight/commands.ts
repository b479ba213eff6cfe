/** `preflight`: its options and example. */
import type { Command } from 'commander';
import { example } from '../command-options.ts';
import { run } from '../run.ts';
import type { PreflightOptions } from './preflight.ts';

export function definePreflight(program: Command): void {
  example(
    program
      .command('preflight')
      .description('say whom strict mode locks out, or would: exit 0 if nobody')
      .option('--days <days>', 'how far back to look for entries by bootstrap', '7'),
    'preflight',
    'preflight --stack Rollcall --json',
  ).action((options: PreflightOptions, command: Command) =>
    run(command, async (context) => (await import('./preflight.ts')).preflight(context, options)),
  );
}
