/** How to invoke this command line: from a checkout of the project, or from the package. */
import path from 'node:path';
import packageFile from '../package.json' with { type: 'json' };

export const VERSION = packageFile.version;

/** The package keeps it in `lib/cli`; a checkout, and what it builds for itself, elsewhere. */
const isPackaged = /[\\/]lib[\\/]cli$/u.test(path.normalize(import.meta.dirname));

/** The prefix of a command in a terminal. */
export const INVOCATION = isPackaged ? 'npx rollcall' : 'npm run -s rollcall --';
