/** Reads a file of users, or standard input, as a decoded string of limited size. */
import { open } from 'node:fs/promises';
import { usageError } from '../errors.ts';

/** Some hundred thousand users. */
const MAX_BYTES = 64 * 1024 * 1024;
const ENCODINGS = [
  { mark: [0xff, 0xfe], encoding: 'utf-16le' },
  { mark: [0xfe, 0xff], encoding: 'utf-16be' },
] as const;
const ZIP_MARK = 'PK\u0003\u0004';

export interface InputFile {
  /** As the operator named it. */
  readonly name: string;
  readonly text: string;
}

/**
 * Reads the file `name`, or standard input for `-`: UTF-8, or UTF-16 with a byte order mark.
 *
 * @param signal ends the reading
 * @throws CliError that names the problem of the file
 */
export async function readInputFile(name: string, signal?: AbortSignal): Promise<InputFile> {
  const shown = name === '-' ? 'standard input' : name;
  const bytes = name === '-' ? await readStdin(signal) : await readWhole(name);
  return { name: shown, text: decode(bytes, shown) };
}

async function readStdin(signal: AbortSignal | undefined): Promise<Buffer> {
  const stop = () => process.stdin.destroy(new Error('interrupted'));
  signal?.addEventListener('abort', stop, { once: true });
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of process.stdin as AsyncIterable<Buffer>) {
    length += chunk.length;
    if (length > MAX_BYTES) throw tooLarge('standard input');
    chunks.push(chunk);
  }
  signal?.removeEventListener('abort', stop);
  return Buffer.concat(chunks, length);
}

async function readWhole(name: string): Promise<Buffer> {
  const handle = await open(name).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'ENOENT') throw error;
    throw noFile(name);
  });
  try {
    const { size } = await handle.stat().then((stats) => {
      if (stats.isDirectory()) throw noFile(name);
      return stats;
    });
    if (size > MAX_BYTES) throw tooLarge(name);
    return await handle.readFile();
  } finally {
    await handle.close();
  }
}

function noFile(name: string) {
  return usageError(
    'file_missing',
    `There is no file ${name}`,
    'Check its path; - is standard input',
  );
}

function tooLarge(name: string) {
  return usageError('file_too_large', `${name} is larger than 64 MiB`, 'Split it');
}

function decode(bytes: Buffer, name: string): string {
  if (bytes.toString('latin1', 0, 4) === ZIP_MARK) {
    throw usageError(
      'file_format',
      `${name} is a workbook, not a text file`,
      'Save it from the spreadsheet as "CSV UTF-8"',
    );
  }
  const { encoding = 'utf-8' } =
    ENCODINGS.find(({ mark }) => mark.every((byte, index) => bytes[index] === byte)) ?? {};
  let text: string;
  try {
    text = new TextDecoder(encoding, { fatal: true }).decode(bytes);
  } catch {
    throw usageError(
      'file_encoding',
      `${name} is not ${encoding.toUpperCase()}${encoding === 'utf-8' ? placeOf(bytes) : ''}`,
      'Save it as UTF-8 (in Excel: "CSV UTF-8")',
    );
  }
  if (text.includes('\0')) {
    throw usageError(
      'file_encoding',
      `${name} has NUL characters; it may be UTF-16 without a byte order mark`,
      'Save it as UTF-8 (in Excel: "CSV UTF-8")',
    );
  }
  return text;
}

/** ` at line 3`: the first that cannot be decoded. */
function placeOf(bytes: Buffer): string {
  const decoder = new TextDecoder('utf-8', { fatal: true });
  let line = 1;
  let start = 0;
  while (start < bytes.length) {
    const newLine = bytes.indexOf(0x0a, start);
    const end = newLine === -1 ? bytes.length : newLine;
    try {
      decoder.decode(bytes.subarray(start, end));
    } catch {
      return ` at line ${line}`;
    }
    start = end + 1;
    line += 1;
  }
  return '';
}
