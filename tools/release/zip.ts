/**
 * A zip that depends on nothing but the names and contents of its files: the same bytes on every
 * machine, at any time. Compressed in JavaScript, since zlib differs between releases of Node.
 */
import { strToU8, zipSync, type Zippable } from 'fflate';

/** The first moment that a zip can say. Zips have local times without a zone, and so has this. */
const EPOCH = new Date(1980, 0, 1);
/** Unix, so that the mode of a file counts. */
const UNIX = 3;
const MODE = 0o100644;

/** Zips files, by their names in the order of code units. */
export function zip(files: Readonly<Record<string, Uint8Array | string>>): Uint8Array {
  const entries: Zippable = {};
  for (const name of Object.keys(files).sort()) {
    const contents = files[name] ?? '';
    entries[name] = [
      typeof contents === 'string' ? strToU8(contents) : contents,
      { level: 9, mtime: EPOCH, os: UNIX, attrs: MODE << 16 },
    ];
  }
  return zipSync(entries);
}
