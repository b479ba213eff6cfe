/** `doctor`: its options and examples, and the settings that it shows. */
import type { Command } from 'commander';
import { settingsHelp } from '../../infra/settings/settings-help.ts';
import { ALL_SETTINGS } from '../../infra/settings/stack-settings.ts';
import { collect, example } from '../command-options.ts';
import { run } from '../run.ts';

export function defineDoctor(program: Command): void {
  example(
    program
      .command('doctor')
      .description("show the settings in force, and check the tables and the issuer's documents")
      .option('--api <id>', 'check the authorizers of this API as well; may be repeated', collect)
      .addHelpText(
        'after',
        () => `\nSettings of the function and the stack:\n${settingsHelp(ALL_SETTINGS)}`,
      ),
    'doctor --local',
    'doctor --function authorizer --api a1b2c3d4e5',
  ).action(({ api = [] }: { readonly api?: readonly string[] }, command: Command) =>
    run(command, async (context) => (await import('./doctor.ts')).doctor(context, api)),
  );
}
