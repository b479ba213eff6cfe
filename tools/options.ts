/**
 * The command line of a script: answers `--help`, and reports a bad option in one line with exit
 * code 2 instead of a stack trace.
 */
import { parseArgs, type ParseArgsConfig } from 'node:util';

type Options = NonNullable<ParseArgsConfig['options']>;
type Values<T extends Options> = ReturnType<
  typeof parseArgs<{ options: T; allowPositionals: false }>
>['values'];

/**
 * The options of this process. Ends the process for `--help` and for an option that does not exist
 * or lacks its value.
 *
 * @param help printed for `--help`
 */
export function readOptions<T extends Options>(help: string, options: T): Values<T> {
  if (process.argv.slice(2).includes('--help')) {
    console.log(help.trim());
    process.exit(0);
  }
  try {
    return parseArgs({ options, allowPositionals: false }).values;
  } catch (error) {
    // Node's message goes on with advice about positional arguments, which no script takes.
    return refuse((error as Error).message.split(/\. (?=To|This)/u)[0] ?? '');
  }
}

/**
 * The words of a command line that has no options, for instance names of modules. Ends the process
 * for `--help` and for an option.
 */
export function readWords(help: string): readonly string[] {
  const words = readForwarded(help);
  const option = words.find((word) => word.startsWith('-') && word !== '-');
  return option === undefined ? words : refuse(`Unknown option '${option}'`);
}

/** Arguments that another program reads, such as Jest. Ends the process for `--help`. */
export function readForwarded(help: string): readonly string[] {
  const words = process.argv.slice(2);
  if (!words.includes('--help') && !words.includes('-h')) return words;
  console.log(help.trim());
  return process.exit(0);
}

/** A number that an option was given; ends the process for anything else. */
export function numberOption(
  name: string,
  text: string,
  { least, whole = false }: { readonly least: number; readonly whole?: boolean },
): number {
  const value = Number(text);
  if (
    text.trim() !== '' &&
    value >= least &&
    value < Infinity &&
    (!whole || Number.isInteger(value))
  ) {
    return value;
  }
  const kind = whole ? 'a whole number' : 'a number';
  return refuse(`--${name} must be ${kind} of ${least} or more, not "${text}"`);
}

/** Ends the process with exit code 2 and a sentence about what it was asked for. */
export function refuse(problem: string): never {
  console.error(`${problem}\nSee --help.`);
  process.exit(2);
}
