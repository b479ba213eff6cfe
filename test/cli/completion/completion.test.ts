import { execFileSync } from 'node:child_process';
import { cli, json } from '../support/cli.ts';

/** What bash offers for the words of a command line, the last of them unfinished. */
function offered(script: string, ...words: readonly string[]): string[] {
  const quoted = words.map((word) => `'${word}'`).join(' ');
  const program = `${script}
COMP_WORDS=(${quoted}); COMP_CWORD=$((\${#COMP_WORDS[@]} - 1)); COMPREPLY=(); _rollcall
printf '%s\\n' "\${COMPREPLY[@]}"`;
  return execFileSync('bash', ['-c', program], { encoding: 'utf8' }).trim().split('\n');
}

describe('rollcall completion', () => {
  it.each([
    [['rollcall', 'us'], ['users']],
    [['rollcall', 'users', 'dis'], ['disable']],
    [['rollcall', '--stack', 'x', 'users', 'disable', '--fr'], ['--from']],
    [['rollcall', 'users', 'import', 'users.csv', '--existing'], ['--existing-only']],
    [['rollcall', 'completion', '--rev'], ['--revoked-table']],
  ])('offers what goes on from %j', async (words, expected) => {
    const { stdout } = await cli(['completion', 'bash']);
    expect(offered(stdout, ...words)).toEqual(expected);
  });

  it('has the same for zsh, by way of its own support for it', async () => {
    const [bash, zsh] = await Promise.all(['bash', 'zsh'].map((name) => cli(['completion', name])));
    expect(zsh?.stdout).toBe(`autoload -U +X bashcompinit && bashcompinit\n${bash?.stdout}`);
  });

  it('names every command and option for fish', async () => {
    const { stdout } = await cli(['completion', 'fish']);
    expect(stdout).toContain("-n '__fish_use_subcommand' -a users -d ");
    expect(stdout).toMatch(
      /^complete .+__fish_seen_subcommand_from users; and not .+ -a disable /mu,
    );
    expect(stdout).toMatch(/^complete .+__fish_seen_subcommand_from disable' -l from$/mu);
  });

  it('gives programs the script, and refuses a shell that it does not know', async () => {
    const { script } = json(await cli(['completion', 'bash', '--json']));
    expect(script).toContain('complete -o default -F _rollcall rollcall');
    expect(await cli(['completion', 'tcsh'])).toMatchObject({ code: 2 });
  });
});
