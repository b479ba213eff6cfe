/** Reads a token from standard input, never from an argument, which process lists and histories show. */
import { usageError } from './errors.ts';

/** More than any token. Longer input is cut, and then rejected for its size. */
const MAX_INPUT_BYTES = 64 * 1024;
/** As browsers, curl and JSON show it. */
const HEADER = /^(?:-H\s*)?["']?authorization["']?\s*:\s*["']?/iu;

/**
 * Reads one token, with or without `Bearer` or `Authorization: Bearer` before it, as a header that
 * was copied has it.
 *
 * @throws CliError if there is no token; the message does not repeat the input
 */
export async function readToken(stdin: NodeJS.ReadStream = process.stdin): Promise<string> {
  if (stdin.isTTY) throw noToken('A token typed on a terminal would be visible');
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of stdin as AsyncIterable<Buffer>) {
    chunks.push(chunk);
    bytes += chunk.length;
    if (bytes > MAX_INPUT_BYTES) break;
  }
  const text = Buffer.concat(chunks).toString('utf8').trim();
  const token = unquoted(text)
    .replace(HEADER, '')
    .replace(/^Bearer +/iu, '');
  if (token === '') throw noToken('Standard input has no token');
  if (/\s/u.test(token)) throw noToken('Standard input has more than one token');
  return token;
}

function unquoted(text: string): string {
  return text.replace(/^["']/u, '').replace(/["',]+$/u, '');
}

function noToken(message: string) {
  return usageError('token_input', message, 'Pipe one token in: … < token.txt');
}
