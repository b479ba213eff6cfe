/** The APIs of a template over real HTTP and WebSocket, with a clock of their own, for one test. */
import type { Exchange } from '../../../local/gateway/common/exchange.ts';
import { Functions } from '../../../local/runtime/functions.ts';
import { startGateways } from '../../../local/gateway/gateways.ts';
import { deployment } from '../../../local/template/physical-ids.ts';
import { ResolvedTemplate, type TemplateJson } from '../../../local/template/template.ts';
import { rawRequest, type RawRequest } from './raw-request.ts';

const open: (() => Promise<void>)[] = [];

/** Ends every gateway that a test started; for `afterEach`. */
export async function closeGateways(): Promise<void> {
  for (const close of open.splice(0)) await close();
}

export async function startGateway(json: TemplateJson) {
  const clock = { now: Date.UTC(2030, 0, 31) };
  const template = new ResolvedTemplate(json, deployment('Test'));
  const asked: Record<string, unknown>[] = [];
  const logs: string[] = [];
  const exchanges: Exchange[] = [];
  const errors: unknown[] = [];
  const functions = new Functions(template, {
    assetPath: () => undefined,
    onLog: (line) => {
      if (line.startsWith('{"asked":')) asked.push(JSON.parse(line).asked);
      else logs.push(line);
    },
  });
  open.push(() => functions.close());
  const gateways = await startGateways({
    template,
    functions,
    clock: () => clock.now,
    port: { port: 0 },
    onExchange: (exchange) => exchanges.push(exchange),
    onError: (error) => errors.push(error),
  });
  open.unshift(gateways.close);
  const url = gateways.restUrl ?? gateways.httpUrl ?? gateways.webSocketUrl ?? '';
  const port = Number(new URL(url).port);
  const [api] = [
    ...template.resourcesOfType('AWS::ApiGateway::RestApi'),
    ...template.resourcesOfType('AWS::ApiGatewayV2::Api'),
  ];
  return {
    url,
    apiId: api?.physicalId ?? '',
    /** The events that the authorizer was asked about. */
    asked,
    /** What the functions printed beside that. */
    logs,
    exchanges,
    errors,
    flush: gateways.flush,
    advance: (seconds: number) => {
      clock.now += seconds * 1000;
    },
    request: (path: string, options: RawRequest = {}) => rawRequest(port, path, options),
    /** GETs a path with an `Authorization` header. */
    get: (path: string, authorization?: string) =>
      rawRequest(port, path, {
        headers: authorization === undefined ? [] : [['Authorization', authorization]],
      }),
  };
}
