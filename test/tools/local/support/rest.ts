/** A REST gateway over real HTTP, for one test. */
import { AuthorizerCache } from '../../../../tools/local/authorizer-cache.ts';
import type { Exchange } from '../../../../tools/local/exchange.ts';
import { Functions } from '../../../../tools/local/functions.ts';
import { httpFront } from '../../../../tools/local/http-front.ts';
import { listen } from '../../../../tools/local/listen.ts';
import { deployment } from '../../../../tools/local/physical-ids.ts';
import { RestGateway } from '../../../../tools/local/rest-gateway.ts';
import { readRestApis } from '../../../../tools/local/rest-model.ts';
import { ResolvedTemplate, type TemplateJson } from '../../../../tools/local/template.ts';
import { rawRequest, type RawRequest } from './raw-request.ts';

const open: (() => Promise<void>)[] = [];

/** Ends every gateway that a test started; for `afterEach`. */
export async function closeGateways(): Promise<void> {
  await Promise.all(open.splice(0).map((close) => close()));
}

export async function startRest(json: TemplateJson) {
  const clock = { now: Date.UTC(2030, 0, 31) };
  const template = new ResolvedTemplate(json, deployment('Test'));
  const asked: Record<string, unknown>[] = [];
  const exchanges: Exchange[] = [];
  const errors: unknown[] = [];
  const functions = new Functions(template, {
    assetPath: () => undefined,
    onLog: (line) => {
      if (line.startsWith('{"asked":')) asked.push(JSON.parse(line).asked);
    },
  });
  const [api] = readRestApis(template);
  if (api === undefined) throw new Error('The template has no REST API');
  const gateway = new RestGateway({
    api,
    deployment: template.deployment,
    functions,
    cache: new AuthorizerCache(() => clock.now),
    onExchange: (exchange) => exchanges.push(exchange),
  });
  const listening = await listen(
    httpFront(
      (request) => gateway.handle(request),
      () => clock.now,
      (error) => errors.push(error),
    ),
    { port: 0 },
  );
  open.push(
    () => listening.close(),
    () => functions.close(),
  );
  return {
    apiId: api.id,
    /** The events that the authorizer was asked about. */
    asked,
    exchanges,
    errors,
    advance: (seconds: number) => {
      clock.now += seconds * 1000;
    },
    request: (path: string, options: RawRequest = {}) => rawRequest(listening.port, path, options),
    /** GETs a path with an `Authorization` header. */
    get: (path: string, authorization?: string) =>
      rawRequest(listening.port, path, {
        headers: authorization === undefined ? [] : [['Authorization', authorization]],
      }),
  };
}
