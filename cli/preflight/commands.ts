/** `preflight`: its options and example. */
import type { Command } from 'commander';
import { example } from '../command-options.ts';
import { run } from '../run.ts';
import type { PreflightOptions } from './preflight.ts';

export function definePreflight(program: Command): void {
  example(
    program
      .command('preflight')
      .description('check whether strict mode locks users out; exit 0 if it does not')
      .option('--days <days>', 'how many days back to look for bootstrap entries', '7'),
    'preflight',
    'preflight --stack Rollcall --json',
  ).action((options: PreflightOptions, command: Command) =>
    run(command, async (context) => (await import('./preflight.ts')).preflight(context, options)),
  );
}
