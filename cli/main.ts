#!/usr/bin/env node
/** `rollcall`: the operator's command line. Commands are defined here and loaded when they run. */
import { Command, CommanderError } from 'commander';
import { defineCompletion } from './completion/commands.ts';
import { example } from './command-options.ts';
import { defineDoctor } from './doctor/commands.ts';
import { EXIT, usageError } from './errors.ts';
import { defineExplain } from './explain/commands.ts';
import { defineImportAndExport } from './import/commands.ts';
import { VERSION } from './invocation.ts';
import { Output } from './output.ts';
import { definePreflight } from './preflight/commands.ts';
import { defineTokens } from './tokens/commands.ts';
import { defineUsers } from './users/commands.ts';

const EXIT_STATUS_HELP = `
Exit status:
  0    done, or yes
  1    AWS, the network or the tool itself failed
  2    invalid arguments, settings or input; nothing was written
  3    refused: the row exists, is missing, or belongs to an admin who must stay
  4    the question was answered, and the answer is no
  6    written, but a later step failed: a cache was not flushed, or the probe failed
  130  interrupted`;

function createProgram(): Command {
  const program = new Command('rollcall')
    .version(VERSION, '--version', 'print the version')
    .description('Manages the users table, revokes tokens, and explains why a user is denied.')
    .option('--stack <name>', 'the deployed stack (default: ROLLCALL_STACK_NAME, else Rollcall)')
    .option('--function <name>', 'the deployed function; its environment names the tables')
    .option(
      '--users-table <name>',
      'another users table, with the settings of --stack or --function, else of the shell and .env',
    )
    .option(
      '--revoked-table <name>',
      'another revoked-tokens table, with --users-table, --stack or --function',
    )
    .option('--local', 'the local stack that npm start runs')
    .option('--local-state <file>', 'the state file of another local stack')
    .option('--region <region>', 'the AWS Region (default: AWS_REGION)')
    .option('--profile <name>', 'the AWS profile (default: AWS_PROFILE)')
    .option('--json', 'print one JSON document to standard output')
    .configureHelp({ showGlobalOptions: true })
    // `reportUsage` says it, in one line.
    .configureOutput({ outputError: () => undefined })
    .exitOverride()
    .addHelpText('after', EXIT_STATUS_HELP);
  example(program, 'users add alice@example.com --admin');
  const users = program.command('users').description('the list of users');
  defineUsers(users);
  defineImportAndExport(users);
  defineTokens(program.command('tokens').description('tokens that were issued'));
  definePreflight(program);
  defineExplain(program);
  defineDoctor(program);
  defineCompletion(program);
  return program;
}

/** Help that was asked for is an answer; everything else that Commander throws is a mistake. */
function reportUsage({ code, exitCode, message }: CommanderError): void {
  process.exitCode = exitCode === 0 ? EXIT.ok : EXIT.usage;
  if (exitCode === 0) return;
  const json = process.argv.includes('--json');
  const isWithoutCommand = code === 'commander.help';
  // The help that it prints then says more than a line could.
  if (isWithoutCommand && !json) return;
  const [line = '', suggestion = ''] = message.replace(/^error: /u, '').split('\n');
  // An argument in the wrong place may be a token.
  const what = isWithoutCommand
    ? 'no command was given'
    : line.replace(/'[^']{40,}'/gu, "'…'").replace(/\.$/u, '') + didYouMean(suggestion);
  new Output(json).error(usageError('usage', what, 'Add --help for an example'));
}

/** `(Did you mean add?)` of Commander, within the sentence. */
function didYouMean(suggestion: string): string {
  const [, meant] = /^\(Did you mean (.+)\?\)$/u.exec(suggestion) ?? [];
  return meant === undefined ? '' : ` (did you mean ${meant}?)`;
}

const HELP: ReadonlySet<string> = new Set(['--help', '-h']);

/** Help of a command that does not exist would be help of another, with status 0. */
function withoutHelpOfNothing(args: readonly string[]): readonly string[] {
  const wanted = args.filter((arg) => !HELP.has(arg));
  if (wanted.length === args.length) return args;
  let command = createProgram();
  let rest = wanted;
  for (;;) {
    const { operands, unknown } = command.parseOptions(rest);
    const [word, ...others] = operands;
    if (word === undefined || command.commands.length === 0) return args;
    const next = command.commands.find((candidate) => candidate.name() === word);
    if (next === undefined) return word === 'help' ? args : wanted;
    command = next;
    rest = [...others, ...unknown];
  }
}

// Turns off the SDK's warning about the Node version of future releases.
process.env['AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED'] ??= 'true';

process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  // The reader has closed the pipe, as `head` does.
  process.exit(error.code === 'EPIPE' ? EXIT.ok : EXIT.failed);
});

try {
  await createProgram().parseAsync(withoutHelpOfNothing(process.argv.slice(2)), { from: 'user' });
} catch (error) {
  if (!(error instanceof CommanderError)) throw error;
  reportUsage(error);
}
