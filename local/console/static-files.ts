/** The page's own files, read once: a name that is not in the folder is not served. */
import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';

export interface StaticFile {
  readonly contentType: string;
  readonly content: Buffer;
}

const FOLDER = path.join(import.meta.dirname, 'static');

const CONTENT_TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.svg': 'image/svg+xml',
};

/** By URL path; `/` is the page. */
export async function readStaticFiles(): Promise<ReadonlyMap<string, StaticFile>> {
  const files = new Map<string, StaticFile>();
  for (const name of await readdir(FOLDER)) {
    const contentType = CONTENT_TYPES[path.extname(name)];
    if (contentType === undefined) continue;
    const content = await readFile(path.join(FOLDER, name));
    files.set(name === 'index.html' ? '/' : `/${name}`, { contentType, content });
  }
  return files;
}
