/**
 * Access logs of the gateways: one JSON line per request, with the results of the authorizer and of
 * AWS WAF. A line has no header, so no token, and no user id: the security event with the same
 * `request_id` has the user id. Fields with the same meaning have the same name in both.
 */
import { AccessLogFormat } from 'aws-cdk-lib/aws-apigateway';

const COMMON = {
  request_id: 'requestId',
  api_id: 'apiId',
  stage: 'stage',
  source_ip: 'identity.sourceIp',
  time: 'requestTimeEpoch',
  status: 'status',
  error_type: 'error.responseType',
  authorizer_status: 'authorizer.status',
  authorizer_error: 'authorizer.error',
  authorizer_latency_ms: 'authorizer.latency',
  authorizer_request_id: 'authorizer.requestId',
};

export const REST_ACCESS_LOG = format({
  ...COMMON,
  method: 'httpMethod',
  route: 'resourcePath',
  protocol: 'protocol',
  response_bytes: 'responseLength',
  response_latency_ms: 'responseLatency',
  integration_status: 'integration.status',
  integration_latency_ms: 'integration.latency',
  waf_status: 'waf.status',
  waf_error: 'waf.error',
  waf_latency_ms: 'waf.latency',
  waf_response_code: 'wafResponseCode',
  web_acl_arn: 'webaclArn',
});

export const HTTP_ACCESS_LOG = format({
  ...COMMON,
  method: 'httpMethod',
  route: 'routeKey',
  protocol: 'protocol',
  response_bytes: 'responseLength',
  response_latency_ms: 'responseLatency',
  integration_status: 'integration.status',
  integration_latency_ms: 'integration.latency',
});

export const WEBSOCKET_ACCESS_LOG = format({
  ...COMMON,
  route: 'routeKey',
  event_type: 'eventType',
  connection_id: 'connectionId',
  connected_at: 'connectedAt',
  integration_status: 'integration.status',
  integration_latency_ms: 'integration.latency',
});

function format(variables: Readonly<Record<string, string>>): AccessLogFormat {
  const fields = Object.entries(variables).map(([field, variable]) => [
    field,
    `$context.${variable}`,
  ]);
  return AccessLogFormat.custom(JSON.stringify(Object.fromEntries(fields)));
}
