/**
 * The input of an import, which is read twice: once to judge every line, and once to write. What
 * comes from standard input is kept in a file of its own until the end.
 */
import { createReadStream, createWriteStream } from 'node:fs';
import { mkdtemp, open, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pipeline } from 'node:stream/promises';
import { usageError } from '../errors.ts';
import { formatOf, type Format } from './lines.ts';

export interface ImportSource {
  /** As the operator named it. */
  readonly name: string;
  readonly format: Format;
  read(): AsyncIterable<Buffer>;
  close(): Promise<void>;
}

/** Enough to tell the format by. */
const BEGINNING_BYTES = 64;

/**
 * Opens a file, or standard input for `-`.
 *
 * @param signal ends the reading of standard input, and nothing of it is left behind
 * @throws CliError when there is no such file
 */
export async function openSource(
  name: string,
  format: Format | undefined,
  signal: AbortSignal,
): Promise<ImportSource> {
  if (name !== '-') return sourceOf(name, name, format, () => Promise.resolve());
  const directory = await mkdtemp(path.join(tmpdir(), 'rollcall-import-'));
  const close = () => rm(directory, { recursive: true, force: true });
  try {
    const file = path.join(directory, 'input');
    await pipeline(process.stdin, createWriteStream(file, { mode: 0o600 }), { signal });
    return await sourceOf('standard input', file, format, close);
  } catch (error) {
    await close();
    throw error;
  }
}

async function sourceOf(
  name: string,
  file: string,
  format: Format | undefined,
  close: () => Promise<void>,
): Promise<ImportSource> {
  const stats = await stat(file).catch(() => undefined);
  if (stats?.isFile() !== true) {
    throw usageError(
      'file_missing',
      `There is no file ${name}`,
      'Check its path; - is standard input',
    );
  }
  return {
    name,
    format: format ?? formatOf(await beginningOf(file)),
    read: () => createReadStream(file) as AsyncIterable<Buffer>,
    close,
  };
}

async function beginningOf(file: string): Promise<Buffer> {
  const handle = await open(file);
  try {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(BEGINNING_BYTES));
    return buffer.subarray(0, bytesRead);
  } finally {
    await handle.close();
  }
}
