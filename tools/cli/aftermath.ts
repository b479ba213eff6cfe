/** What may follow a write: flushing the gateways' caches, and measuring when a token is refused. */
import type { Deployment } from './context.ts';
import type { ExitCode } from './errors.ts';
import { prepareFlush } from './flush.ts';
import { prepareProbe, type ProbeOptions } from './probe.ts';

export interface AftermathOptions extends ProbeOptions {
  readonly flush?: true;
  readonly dryRun?: true;
}

export interface Aftermath {
  readonly data: Readonly<Record<string, unknown>>;
  readonly text: readonly string[];
  readonly exitCode?: ExitCode;
}

/**
 * Makes ready what `options` ask for, so that nothing is written when it cannot be done.
 *
 * @param token to probe with, when standard input has been read already
 * @throws CliError
 */
export async function prepareAftermath(
  options: AftermathOptions,
  deployment: Deployment,
  token?: string,
): Promise<() => Promise<Aftermath>> {
  const flush = options.flush === true ? prepareFlush(deployment) : undefined;
  const probe = options.dryRun === true ? undefined : await prepareProbe(options, token);
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
