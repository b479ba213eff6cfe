/**
 * Flushing the gateways' caches of authorizer results. A cached Allow outlives the row that it was
 * made from, and a cached Deny outlives its cause.
 */
import { flushHttpStage, flushRestStage } from './aws.ts';
import type { Deployment } from './deployment.ts';
import { usageError } from './errors.ts';

export interface FlushResult {
  readonly data: readonly { readonly api: 'rest' | 'http'; readonly api_id: string }[];
  readonly text: readonly string[];
}

/**
 * Makes ready to flush every cache of a deployment that can be flushed.
 *
 * @throws CliError when none is known, before anything has been written
 */
export function prepareFlush(deployment: Deployment): () => Promise<FlushResult> {
  const { kind, restApi, httpApi, outputs, settings } = deployment;
  if (kind === 'local') {
    const text = [
      'The local gateway is flushed by starting it again; by default it caches nothing.',
    ];
    return () => Promise.resolve({ data: [], text });
  }
  if (restApi === undefined && httpApi === undefined) {
    throw usageError(
      'flush_impossible',
      `No API of ${deployment.name} is known`,
      'Name the stack with --stack; its outputs ApiId and HttpApiId say what to flush',
    );
  }
  return async () => {
    const data: { api: 'rest' | 'http'; api_id: string }[] = [];
    if (restApi !== undefined) {
      await flushRestStage(restApi);
      data.push({ api: 'rest', api_id: restApi.apiId });
    }
    if (httpApi !== undefined) {
      await flushHttpStage(httpApi);
      data.push({ api: 'http', api_id: httpApi.apiId });
    }
    const text = data.map(({ api, api_id: id }) => `Flushed the cache of the ${api} API ${id}.`);
    const userCacheSeconds = Number(settings['USER_CACHE_TTL_SECONDS'] ?? 0);
    if (userCacheSeconds > 0) {
      text.push(`The function itself remembers rows for up to ${userCacheSeconds} s longer.`);
    }
    if (outputs['WebSocketApiId'] !== undefined) {
      text.push(
        'What is open stays open: WebSocket connections for up to two hours, streamed answers of REST APIs for up to 15 minutes.',
      );
    }
    return { data, text };
  };
}
