/**
 * Flushes the gateways' caches of authorizer results. A cached Allow outlives the row that it was
 * made from, and a cached Deny outlives its cause.
 */
import { flushHttpStage, flushRestStage, type StageRef } from './aws.ts';
import type { Deployment } from './deployment.ts';
import { toCliError, usageError, type CliError } from './errors.ts';

type ApiKind = 'rest' | 'http';

interface Cache {
  readonly stage: StageRef;
  /** Gives the kind of the API. */
  readonly flush: (stage: StageRef) => Promise<ApiKind>;
  /** The kind as far as it is known before. */
  readonly api: ApiKind;
}

export interface FlushFailure {
  readonly api: ApiKind;
  readonly api_id: string;
  readonly error: CliError;
}

export interface FlushResult {
  readonly flushed: readonly { readonly api: ApiKind; readonly api_id: string }[];
  readonly failed: readonly FlushFailure[];
  readonly text: readonly string[];
}

const flushRest = async (stage: StageRef): Promise<ApiKind> => {
  await flushRestStage(stage);
  return 'rest';
};
const flushHttp = async (stage: StageRef): Promise<ApiKind> => {
  await flushHttpStage(stage);
  return 'http';
};

/** For an API of unknown kind. */
const flushEither = async (stage: StageRef): Promise<ApiKind> => {
  try {
    return await flushRest(stage);
  } catch (error) {
    if (!(error instanceof Error && error.name === 'NotFoundException')) throw error;
    return flushHttp(stage);
  }
};

/** `a1b2c3d4e5/prod`; without a stage, `$default`, which only HTTP APIs have. */
function namedCache(name: string): Cache {
  const [, apiId, stage = '$default'] = /^([a-z0-9]+)(?:\/([\w$-]+))?$/u.exec(name) ?? [];
  if (apiId === undefined) {
    throw usageError(
      'flush_api_invalid',
      `--flush-api ${name} does not name an API`,
      'Write its id and its stage, as in a1b2c3d4e5/prod',
    );
  }
  return stage === '$default'
    ? { api: 'http', stage: { apiId, stage }, flush: flushHttp }
    : { api: 'rest', stage: { apiId, stage }, flush: flushEither };
}

/**
 * Prepares to flush every known cache of a deployment, or the caches of `apis`, each written as
 * `<id>/<stage>`. If one flush fails, the others still run.
 *
 * @throws CliError if no cache is known, before anything has been written
 */
export function prepareFlush(
  deployment: Deployment,
  apis: readonly string[] = [],
): () => Promise<FlushResult> {
  const { kind, restApi, httpApi } = deployment;
  if (kind === 'local') {
    const text = ['To flush the local gateway, restart it; by default it caches nothing.'];
    return () => Promise.resolve({ flushed: [], failed: [], text });
  }
  const deployed: readonly Cache[] = [
    ...(restApi === undefined ? [] : [{ api: 'rest', stage: restApi, flush: flushRest } as const]),
    ...(httpApi === undefined ? [] : [{ api: 'http', stage: httpApi, flush: flushHttp } as const]),
  ];
  const caches = apis.length === 0 ? deployed : apis.map(namedCache);
  if (caches.length === 0) {
    throw usageError(
      'flush_impossible',
      `No API of ${deployment.name} is known`,
      'Name it with --flush-api <id>/<stage>, or name the stack with --stack, if it has the outputs ApiId and HttpApiId',
    );
  }
  return async () => {
    const flushed: { api: ApiKind; api_id: string }[] = [];
    const failed: FlushFailure[] = [];
    for (const { api, stage, flush } of caches) {
      try {
        flushed.push({ api: await flush(stage), api_id: stage.apiId });
      } catch (error) {
        failed.push({ api, api_id: stage.apiId, error: toCliError(error) });
      }
    }
    return { flushed, failed, text: describe(deployment, { flushed, failed }) };
  };
}

function describe(
  deployment: Deployment,
  { flushed, failed }: Pick<FlushResult, 'flushed' | 'failed'>,
): readonly string[] {
  const { settings, outputs } = deployment;
  const text = [
    ...flushed.map(({ api, api_id: id }) => `Flushed the cache of the ${api} API ${id}.`),
    ...failed.map(
      ({ api, api_id: id, error }) =>
        `Not flushed: the cache of the ${api} API ${id}. ${error.message}.`,
    ),
  ];
  if (failed.length > 0) {
    text.push(`A gateway may answer from its cache for up to ${cacheLife(deployment)} longer.`);
  }
  const userCacheSeconds = Number(settings['USER_CACHE_TTL_SECONDS'] ?? 0);
  if (userCacheSeconds > 0) {
    text.push(`The function caches rows for up to ${userCacheSeconds} s longer.`);
  }
  if (outputs['WebSocketApiId'] !== undefined) {
    text.push(
      'Open connections stay open: WebSocket connections for up to two hours, streamed responses of REST APIs for up to 15 minutes.',
    );
  }
  return text;
}

/** How long an answer may stay cached: as the stack says, else the most that a gateway allows. */
export function cacheLife({ outputs }: Pick<Deployment, 'outputs'>): string {
  const seconds = Number(outputs['MaxRevocationDelaySeconds'] ?? Number.NaN);
  return Number.isNaN(seconds) ? '3600 s, the longest TTL of a gateway' : `${seconds} s`;
}
