/** The public exports of the package `rollcall`, for your own CDK app. */
export { RollcallAuthorizer } from './rollcall-authorizer.ts';
export type { RollcallAuthorizerProps } from './rollcall-authorizer-props.ts';
export { AuthorizerStack, type AuthorizerStackProps } from './authorizer-stack.ts';
export {
  RevokedTokensTable,
  UsersTable,
  type DurableTableProps,
  type UsersTableProps,
} from './users-table.ts';
export { addGatewayResponses, type GatewayResponsesProps } from './apis/gateway-responses.ts';
export {
  addProtectedResourceMetadata,
  type ProtectedResourceProps,
} from './apis/protected-resource.ts';
export type { AgentCoreGateway, AgentCoreInterceptor } from './apis/agentcore-interceptor.ts';
export { RollcallDashboard, type RollcallDashboardProps } from './operations/monitoring.ts';
export type { SecurityMetrics } from './operations/security-metrics.ts';
export type { CountName, LatencyName } from '../lambda/telemetry/metrics.ts';
export type { AlarmThresholds } from './operations/alarms.ts';
export type { AuthorizerSettings } from './settings/authorizer-settings.ts';
export type { AuthorizerFunctionOptions } from './authorizer-function.ts';
export type {
  CachingOptions,
  PlacementOptions,
  RequestOptions,
} from './apis/attached-authorizers.ts';
export type { IssuerEntry } from '../lambda/settings/trusted-issuers.ts';
