/** What an app of one's own imports from the package `rollcall`. */
export { RollcallAuthorizer, type RollcallAuthorizerProps } from './rollcall-authorizer.ts';
export { AuthorizerStack, type AuthorizerStackProps } from './authorizer-stack.ts';
export {
  RevokedTokensTable,
  UsersTable,
  type DurableTableProps,
  type UsersTableProps,
} from './users-table.ts';
export { addGatewayResponses, type GatewayResponsesProps } from './gateway-responses.ts';
export { RollcallDashboard, type RollcallDashboardProps } from './monitoring.ts';
export type { SecurityMetrics, SecurityMetricName } from './security-metrics.ts';
export type { AlarmThresholds } from './alarms.ts';
export type { AuthorizerSettings } from './authorizer-settings.ts';
export type { AuthorizerFunctionOptions } from './authorizer-function.ts';
export type { CachingOptions, RequestOptions } from './attached-authorizers.ts';
export type { IssuerEntry } from '../lambda/settings/trusted-issuers.ts';
