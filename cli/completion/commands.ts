/** `completion`: its argument and example. */
import { Argument, type Command } from 'commander';
import { example } from '../command-options.ts';
import { run } from '../run.ts';
import { SHELLS, type Shell } from './shells.ts';

export function defineCompletion(program: Command): void {
  example(
    program
      .command('completion')
      .description('print a script that completes commands and options in a shell')
      .addArgument(new Argument('<shell>', 'the shell').choices(SHELLS))
      .addHelpText(
        'after',
        '\nFor bash, put  eval "$(rollcall completion bash)"  in ~/.bashrc, for zsh the same with zsh\nin ~/.zshrc. For fish: rollcall completion fish > ~/.config/fish/completions/rollcall.fish',
      ),
    'completion bash',
  ).action((shell: Shell, _options: unknown, command: Command) =>
    run(command, async () => {
      const { completionScript } = await import('./shells.ts');
      const script = completionScript(shell, program);
      return { data: { shell, script: script.join('\n') }, text: script };
    }),
  );
}
