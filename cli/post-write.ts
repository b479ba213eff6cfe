/**
 * Steps after a write: flushing the gateways' caches, and measuring when a token is denied. If one
 * of them fails, the write has still happened, and the result says so.
 */
import type { Deployment } from './deployment.ts';
import { CliError, EXIT, toCliError, type ExitCode } from './errors.ts';
import { cacheLife, prepareFlush, type FlushResult } from './flush.ts';
import { prepareProbe, type ProbeOptions, type ProbeResult } from './probe.ts';

export interface PostWriteOptions extends ProbeOptions {
  readonly flush?: true;
  /** APIs to flush, as `<id>/<stage>`, instead of those of the stack. */
  readonly flushApi?: readonly string[];
  readonly dryRun?: true;
}

export interface PostWrite {
  readonly data: Readonly<Record<string, unknown>>;
  readonly text: readonly string[];
  readonly exitCode?: ExitCode;
  /** What could not be done. */
  readonly error?: CliError;
}

/** What the write is about. */
export interface WriteSubject {
  /** Of the row that changes. */
  readonly key?: string;
  /** To probe with, when standard input has been read already. */
  readonly token?: string;
}

/**
 * Prepares the steps that `options` ask for. If one cannot run, nothing is written.
 *
 * @throws CliError
 */
export async function preparePostWrite(
  options: PostWriteOptions,
  deployment: Deployment,
  { key, token }: WriteSubject,
): Promise<() => Promise<PostWrite>> {
  const { flushApi = [] } = options;
  const flushes = options.flush === true || flushApi.length > 0;
  const flush = flushes ? prepareFlush(deployment, flushApi) : undefined;
  const subject = key === undefined ? undefined : { key, deployment };
  const probe = options.dryRun === true ? undefined : await prepareProbe(options, subject, token);
  return async () => {
    if (options.dryRun === true) return { data: {}, text: [] };
    const flushed = await flush?.();
    const probed = await probe?.().catch((error: unknown) => toCliError(error));
    return summarize(deployment, flushed, probed);
  };
}

function summarize(
  deployment: Deployment,
  flushed: FlushResult | undefined,
  probed: ProbeResult | CliError | undefined,
): PostWrite {
  const probeError = probed instanceof CliError ? probed : undefined;
  const probe = probed instanceof CliError ? undefined : probed;
  const failed = flushed?.failed ?? [];
  const [firstFailure] = failed;
  const cause = firstFailure?.error ?? probeError;
  return {
    data: {
      ...(flushed !== undefined && { flushed: flushed.flushed }),
      ...(failed.length > 0 && {
        flush_failed: failed.map(({ api, api_id, error: { code, message } }) => ({
          api,
          api_id,
          error: { code, message },
        })),
      }),
      ...(probe !== undefined && { probe: probe.data }),
    },
    text: [...(flushed?.text ?? []), ...(probe === undefined ? [] : [probe.text])],
    ...(probe !== undefined && { exitCode: probe.exitCode }),
    ...(cause !== undefined && {
      exitCode: EXIT.incomplete,
      error: new CliError(
        EXIT.incomplete,
        failed.length > 0 ? 'flush_failed' : 'probe_failed',
        failed.length > 0
          ? `The row was written, but ${failed.map(({ api, api_id: id }) => `the cache of the ${api} API ${id}`).join(' and ')} could not be flushed (${cause.message}); cached answers last for up to ${cacheLife(deployment)}`
          : `The row was written, but the probe failed: ${cause.message}`,
        cause.remedy,
      ),
    }),
  };
}
