/**
 * Replaces the AWS address of an API by the address of the local gateway in responses that name it
 * (protected resource metadata, a challenge), so that a client can follow it.
 */
import type { Deployment } from '../../template/physical-ids.ts';
import { headerValues, type IncomingRequest } from './incoming.ts';
import type { WireResponse } from './proxy-response.ts';

/** `response` with the address by which the client came in place of the API's own. */
export function withOwnAddress(
  response: WireResponse,
  request: IncomingRequest,
  { apiId, deployment }: { readonly apiId: string; readonly deployment: Deployment },
): WireResponse {
  const host = headerValues(request.headers, 'host').at(-1);
  const own = `https://${apiId}.execute-api.${deployment.region}.amazonaws.com`;
  if (host === undefined) return response;
  const local = (text: string) => text.replaceAll(own, () => `http://${host}`);
  return {
    ...response,
    headers: response.headers.map(([name, value]) => [name, local(value)]),
    body: typeof response.body === 'string' ? local(response.body) : response.body,
  };
}
