/** The options that several commands share, and the example that every command has. */
import { Option, type Command } from 'commander';
import { INVOCATION } from './invocation.ts';

/** Collects the values of a repeatable option. */
export function collect(value: string, previous: readonly string[] = []): readonly string[] {
  return [...previous, value];
}

/** Adds an example to the help of a command or of a group of commands. */
export function example(command: Command, ...lines: readonly string[]): Command {
  const shown = lines.map((line) => `  ${INVOCATION} ${line}`).join('\n');
  return command.addHelpText('after', `\nExample:\n${shown}`);
}

export function namespaceOption(): Option {
  return new Option(
    '--namespace <name>',
    "the issuer's userNamespace, if issuers have one (or write namespace#user)",
  );
}

/** `--role` and `--roles` are the same: one role, several separated by commas, or repeated. */
export function takesRoles(command: Command, description: string): Command {
  return command
    .addOption(new Option('--roles <roles>', description).argParser(collect))
    .addOption(new Option('--role <roles>', 'the same as --roles').argParser(collect));
}

export interface RoleOptions {
  readonly role?: readonly string[];
  readonly roles?: readonly string[];
}

/** The given roles; undefined if the options are absent, empty for an empty string. */
export function rolesOf({ role, roles }: RoleOptions): readonly string[] | undefined {
  if (role === undefined && roles === undefined) return undefined;
  return [...(role ?? []), ...(roles ?? [])]
    .flatMap((text) => (text === '' ? [] : text.split(',')))
    .map((name) => name.trim());
}

/** For a command that writes. */
export function writes(command: Command): Command {
  return command.option('--dry-run', 'print what would be written, and write nothing');
}

/** For a command after which gateways may answer from their caches. */
export function flushes(command: Command): Command {
  return command
    .option('--flush', "flush the gateways' caches of authorizer results")
    .option('--flush-api <id/stage>', 'flush the cache of this API; may be repeated', collect);
}

/** For a command after which a token is denied. */
export function probes(command: Command): Command {
  return command
    .option('--probe <url>', 'call this URL with the token on standard input until it is denied')
    .option('--probe-timeout <seconds>', 'how long to probe', '60');
}
