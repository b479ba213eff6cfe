/** What may follow a write: flushing the gateways' caches, and measuring when a token is refused. */
import type { Deployment } from './deployment.ts';
import type { ExitCode } from './errors.ts';
import { prepareFlush } from './flush.ts';
import { prepareProbe, type ProbeOptions } from './probe.ts';

export interface PostWriteOptions extends ProbeOptions {
  readonly flush?: true;
  readonly dryRun?: true;
}

export interface PostWrite {
  readonly data: Readonly<Record<string, unknown>>;
  readonly text: readonly string[];
  readonly exitCode?: ExitCode;
}

/** What the write is about. */
export interface WriteSubject {
  /** Of the row that changes. */
  readonly key?: string;
  /** To probe with, when standard input has been read already. */
  readonly token?: string;
}

/**
 * Makes ready what `options` ask for, so that nothing is written when it cannot be done.
 *
 * @throws CliError
 */
export async function preparePostWrite(
  options: PostWriteOptions,
  deployment: Deployment,
  { key, token }: WriteSubject,
): Promise<() => Promise<PostWrite>> {
  const flush = options.flush === true ? prepareFlush(deployment) : undefined;
  const subject = key === undefined ? undefined : { key, deployment };
  const probe = options.dryRun === true ? undefined : await prepareProbe(options, subject, token);
  return async () => {
    if (options.dryRun === true) return { data: {}, text: [] };
    const flushed = await flush?.();
    const probed = await probe?.();
    return {
      data: {
        ...(flushed !== undefined && { flushed: flushed.data }),
        ...(probed !== undefined && { probe: probed.data }),
      },
      text: [...(flushed?.text ?? []), ...(probed === undefined ? [] : [probed.text])],
      ...(probed !== undefined && { exitCode: probed.exitCode }),
    };
  };
}
