/** The part of dynalite that is used here; the package has no types of its own. */
declare module 'dynalite' {
  import type { Server } from 'node:http';

  /** A server with an in-memory store, not yet listening. */
  export default function dynalite(options?: {
    /** How long a new table stays in `CREATING`, in milliseconds. Default: 500. */
    readonly createTableMs?: number;
    readonly deleteTableMs?: number;
    readonly updateTableMs?: number;
  }): Server;
}
