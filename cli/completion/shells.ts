/** Completion scripts, made from the commands as they are defined. */
import type { Command } from 'commander';

export const SHELLS = ['bash', 'zsh', 'fish'] as const;
export type Shell = (typeof SHELLS)[number];

/** What may follow a command: `path` is empty for the program, else `users add`. */
interface Level {
  readonly path: string;
  readonly commands: readonly { readonly name: string; readonly description: string }[];
  /** With their dashes. */
  readonly options: readonly string[];
}

/** The lines of a script for `shell`. */
export function completionScript(shell: Shell, program: Command): readonly string[] {
  const levels = levelsOf(program, '');
  switch (shell) {
    case 'bash':
      return bash(levels);
    case 'zsh':
      return ['autoload -U +X bashcompinit && bashcompinit', ...bash(levels)];
    case 'fish':
      return fish(levels);
  }
}

function levelsOf(command: Command, path: string): readonly Level[] {
  const visible = command.options.filter(({ hidden }) => !hidden);
  const level: Level = {
    path,
    commands: command.commands.map((child) => ({
      name: child.name(),
      description: child.description(),
    })),
    options: [...visible.flatMap(({ long }) => long ?? []), '--help'],
  };
  return [
    level,
    ...command.commands.flatMap((child) => levelsOf(child, `${path} ${child.name()}`.trim())),
  ];
}

/** `path` grows by the words before the cursor that are commands. */
function bash(levels: readonly Level[]): readonly string[] {
  const global = levels[0]?.options ?? [];
  return [
    '_rollcall() {',
    '  local path="" word words=""',
    '  for word in "${COMP_WORDS[@]:1:COMP_CWORD-1}"; do',
    '    case "${path:+$path }$word" in',
    `      ${levels.flatMap(({ path }) => (path === '' ? [] : [`"${path}"`])).join('|')}) path="\${path:+$path }$word" ;;`,
    '    esac',
    '  done',
    '  case "$path" in',
    ...levels.map(({ path, commands, options }) => {
      const words = [...commands.map(({ name }) => name), ...new Set([...options, ...global])];
      return `    "${path}") words="${words.join(' ')}" ;;`;
    }),
    '  esac',
    '  COMPREPLY=($(compgen -W "$words" -- "${COMP_WORDS[COMP_CWORD]}"))',
    '}',
    'complete -o default -F _rollcall rollcall',
  ];
}

function fish(levels: readonly Level[]): readonly string[] {
  return levels.flatMap(({ path, commands, options }) => {
    const seen = path.split(' ').map((word) => `__fish_seen_subcommand_from ${word}`);
    const names = commands.map(({ name }) => name).join(' ');
    const isHere = path === '' ? '__fish_use_subcommand' : seen.join('; and ');
    const isOpen = path === '' ? isHere : `${isHere}; and not __fish_seen_subcommand_from ${names}`;
    return [
      ...commands.map(
        ({ name, description }) =>
          `complete -c rollcall -n '${isOpen}' -a ${name} -d '${description.replaceAll("'", String.raw`\'`)}'`,
      ),
      ...options.map(
        (option) =>
          `complete -c rollcall${path === '' ? '' : ` -n '${isHere}'`} -l ${option.slice(2)}`,
      ),
    ];
  });
}
