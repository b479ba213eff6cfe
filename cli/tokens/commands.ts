/** The commands on issued tokens: their options and examples. */
import type { Command } from 'commander';
import { example, flushes, probes, writes } from '../command-options.ts';
import { run } from '../run.ts';
import type { RevokeOptions } from './actions.ts';
import type { TokenOptions } from './names.ts';
import type { ListOptions, UnrevokeOptions } from './revocations.ts';

const actions = () => import('./actions.ts');

const STDIN_HELP = '\nWithout --issuer, the token itself is read from standard input.';

export function defineTokens(tokens: Command): void {
  example(tokens, 'tokens revoke < token.txt');
  const define = (name: string, description: string) =>
    tokens
      .command(name)
      .description(description)
      .option('--issuer <iss>', "the token's iss, without the token itself")
      .option('--jti <jti>', "the token's jti, as the log shows it")
      .option(
        '--session [id]',
        'the session instead of the token: of the token, or with --issuer the one with this id',
      )
      .addHelpText('after', STDIN_HELP);

  example(
    probes(
      flushes(
        writes(define('revoke', 'reject one token, or every token of one session, from now on')),
      ),
    ),
    'tokens revoke --flush < token.txt',
    'tokens revoke --session < token.txt',
    'tokens revoke --issuer https://id.example.com --jti 5f3a',
  )
    .option(
      '--expires <time>',
      "the token's exp, in RFC 3339 or epoch seconds; without it, the item is kept for good",
    )
    .action((options: RevokeOptions, command: Command) =>
      run(command, async (context) => (await actions()).revoke(context, options)),
    );

  example(
    define('show', 'show whether a token or a session is revoked'),
    'tokens show < token.txt',
    'tokens show --issuer https://id.example.com --jti 5f3a --json',
  ).action((options: TokenOptions, command: Command) =>
    run(command, async (context) => (await actions()).show(context, options)),
  );

  example(
    tokens.command('list').description('list revoked tokens and sessions, unsorted'),
    'tokens list --limit 20',
  )
    .option('--limit <items>', 'at most this many items', '1000')
    .option('--after <id>', 'continue after this id, which the previous list printed')
    .action((options: ListOptions, command: Command) =>
      run(command, async (context) => (await import('./revocations.ts')).list(context, options)),
    );

  example(
    flushes(writes(define('unrevoke', 'accept a revoked token or session again'))),
    'tokens unrevoke --issuer https://id.example.com --jti 5f3a',
    'tokens unrevoke --id https://id.example.com#5f3a',
  )
    .option('--id <id>', 'the id that tokens list prints, instead of a token')
    .action((options: UnrevokeOptions, command: Command) =>
      run(command, async (context) =>
        (await import('./revocations.ts')).unrevoke(context, options),
      ),
    );
}
