/** `doctor`: its example. */
import type { Command } from 'commander';
import { example } from '../command-options.ts';
import { run } from '../run.ts';

export function defineDoctor(program: Command): void {
  example(
    program
      .command('doctor')
      .description(
        "show the settings in force, and check the tables and the issuer's own document",
      ),
    'doctor --local',
  ).action((_options: unknown, command: Command) =>
    run(command, async (context) => (await import('./doctor.ts')).doctor(context)),
  );
}
