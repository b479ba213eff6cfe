/**
 * What the first request needs, done while Lambda still gives the function a whole processor: an
 * invocation gets a share of one by its memory, 0.29 at 512 MB. Fetches and imports the keys, and
 * reads the table once, which opens its connection, resolves credentials and endpoint, and compiles
 * the path. Nothing of it is a decision, an event or a metric, and what fails is left to the first
 * request, which then does as it would have done.
 *
 * @see https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtime-environment.html
 */
import { within } from './deadline.ts';
import type { KeySource } from './keys/key-source.ts';
import type { Directory, DirectoryQuery } from './users/directory.ts';

/** Longer would only move a slow dependency's time from the first request to the initialisation. */
const MAX_WARM_UP_MS = 250;

/**
 * Longer than the key of any user: a namespace of 32 characters, `#`, and 1,024 bytes. DynamoDB
 * takes partition keys of up to 2,048. The token has expired, so that nothing is cached.
 */
const NOBODY: DirectoryQuery = {
  userId: 'nobody'.padEnd(1058, '.'),
  issuer: 'rollcall',
  jti: 'warm-up',
  session: undefined,
  expiresAt: 0,
};

export interface WarmUpDependencies {
  readonly keys: readonly Pick<KeySource, 'prefetch'>[];
  readonly directory: Directory;
}

/** Warms up for at most 250 ms. Never rejects; leaves no timer and no read of the table behind. */
export async function warmUp({ keys, directory }: WarmUpDependencies): Promise<void> {
  const controller = new AbortController();
  const { signal } = controller;
  const read = async (): Promise<unknown> => directory.lookUp(NOBODY, { signal });
  await within(
    Promise.allSettled([...keys.map((source) => source.prefetch()), read()]),
    MAX_WARM_UP_MS,
  );
  controller.abort();
}
