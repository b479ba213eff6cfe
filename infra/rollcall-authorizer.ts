/**
 * The authorizer as a construct, for your own APIs: the function with its role, log and alarms, and
 * authorizers for each kind of API.
 */
import {
  Aspects,
  AspectPriority,
  Duration,
  FeatureFlags,
  Lazy,
  RemovalPolicy,
  Stack,
} from 'aws-cdk-lib';
import type { RequestAuthorizer, TokenAuthorizer } from 'aws-cdk-lib/aws-apigateway';
import type { IHttpRouteAuthorizer, IWebSocketRouteAuthorizer } from 'aws-cdk-lib/aws-apigatewayv2';
import type { AuthorizationMode } from 'aws-cdk-lib/aws-appsync';
import type { ITable } from 'aws-cdk-lib/aws-dynamodb';
import { PermissionsBoundary } from 'aws-cdk-lib/aws-iam';
import type { Function as LambdaFunction, IFunction } from 'aws-cdk-lib/aws-lambda';
import type { ILogGroup } from 'aws-cdk-lib/aws-logs';
import { Construct, type IConstruct } from 'constructs';
import type { Config } from '../lambda/settings/config.ts';
import type { SettingName } from '../lambda/settings/table.ts';
import { TOKEN_ID } from '../lambda/users/revocation-item.ts';
import { RollcallAlarms } from './operations/alarms.ts';
import {
  appSync,
  checkedTtl,
  importedHandler,
  restRequest,
  restToken,
  RollcallHttpAuthorizer,
  webSocket,
  type AttachedAuthorizer,
  type AuthorizerContext,
  type AuthorizerKind,
  type CachingOptions,
  type PlacementOptions,
  type RequestOptions,
} from './apis/attached-authorizers.ts';
import {
  agentCoreInterceptor,
  issuersOfGateways,
  type AgentCoreGateway,
  type AgentCoreInterceptor,
} from './apis/agentcore-interceptor.ts';
import { redeployAuthorizer } from './apis/redeployment.ts';
import { TOKEN_RULES, type TokenRules } from './apis/protected-resource.ts';
import { includesTokenSource, TOKEN_SOURCE } from './apis/token-sources.ts';
import { AuthorizerFunction } from './authorizer-function.ts';
import {
  AUTHORIZER_CHANGES_FLAG,
  deploymentFindings,
  reportFindings,
  type Deployment,
} from './operations/deployment-warnings.ts';
import { functionEnvironment } from './settings/props.ts';
import { resolveSettings } from './settings/resolved-settings.ts';
import { SavedQueries } from './operations/saved-queries.ts';
import { SecurityMetrics } from './operations/security-metrics.ts';
import {
  durabilityFlaws,
  keyFlaws,
  nameOrArn,
  otherRegion,
  type ReadTable,
} from './operations/table-facts.ts';
import { topicKeyFlaw } from './operations/topic-key.ts';
import { finalResource, resourceOf } from './final-template.ts';
import type { RollcallAuthorizerProps } from './rollcall-authorizer-props.ts';
import { UsersTable } from './users-table.ts';

/** API Gateway ends a WebSocket connection after two hours; its authorizer is asked only once. */
const WEBSOCKET_LIFETIME = Duration.hours(2);

/**
 * @throws Error if the settings are invalid, with every problem and its remedy. Problems that depend
 *   on the whole app are reported at synthesis instead, as warnings and errors with ids
 */
export class RollcallAuthorizer extends Construct {
  readonly function: LambdaFunction;
  /** The target of the authorizers: the function, or its alias. */
  readonly handler: IFunction;
  readonly logGroup: ILogGroup;
  readonly usersTable: ITable;
  /** The metrics that the function publishes. */
  readonly metrics: SecurityMetrics;

  /** For the APIs: the trusted issuers, and the required scopes. */
  readonly [TOKEN_RULES]: TokenRules;

  private readonly config: Config;
  private readonly attached: AttachedAuthorizer[] = [];
  private readonly restAuthorizers: Construct[] = [];
  private readonly notRedeployed: Set<string> = new Set();
  private readonly metadataUrls: string[] = [];
  private readonly agentCoreGateways: AgentCoreGateway[] = [];

  constructor(scope: Construct, id: string, props: RollcallAuthorizerProps) {
    super(scope, id);
    const { usersTableKey, revokedTokensTable, encryptionKey, replicaRegions } = props;
    const ephemeral = props.ephemeral ?? false;
    this.usersTable =
      props.usersTable ??
      new UsersTable(this, 'UsersTable', {
        ephemeral,
        ...(usersTableKey !== undefined && { partitionKey: usersTableKey }),
        ...(encryptionKey !== undefined && { encryptionKey }),
        ...(replicaRegions !== undefined && { replicaRegions }),
      }).table;
    const flaws = () => usersTableFlaws(this.usersTable, props.usersTablePersistent);
    const tables = {
      usersTableName: nameOrArn(this, this.usersTable),
      // Aspects and escape hatches may change the table until it is written to the template.
      usersTablePersistent: Lazy.string({
        produce: () => (flaws().length === 0 ? undefined : 'false'),
      }),
      ...(usersTableKey !== undefined && { usersTableKey }),
      ...(revokedTokensTable && {
        revokedTokensTableName: nameOrArn(this, revokedTokensTable),
      }),
    };
    const read: readonly ReadTable[] = [
      { name: 'users table', table: this.usersTable, key: usersTableKey ?? 'user_id' },
      ...(revokedTokensTable
        ? [{ name: 'revoked-tokens table', table: revokedTokensTable, key: TOKEN_ID }]
        : []),
    ];
    const { config, environmentBytes } = resolveSettings(props, tables);
    this.config = config;
    const made = new AuthorizerFunction(this, 'Function', {
      ...props,
      environment: functionEnvironment(props, tables),
      tables: read.map(({ table }) => table),
      logLevel: config.logLevel,
      removalPolicy: ephemeral ? RemovalPolicy.DESTROY : RemovalPolicy.RETAIN,
    });
    this.function = made.function;
    this.handler = made.handler;
    this.logGroup = made.logGroup;
    this.metrics = new SecurityMetrics(made.function);
    this[TOKEN_RULES] = {
      issuers: props.issuers.map(({ issuer }) => issuer),
      requiredScopes: props.requiredScopes ?? [],
      nameMetadata: (url) => this.nameMetadata(url, props.resourceMetadataUrl),
    };
    new SavedQueries(this, 'Queries', made.logGroup);
    new RollcallAlarms(this, 'Alarms', {
      function: made.function,
      metrics: this.metrics,
      ...(props.alarmThresholds && { thresholds: props.alarmThresholds }),
      ...(props.alarmTopic && { topic: props.alarmTopic }),
      ...(props.runbookUrl !== undefined && { runbookUrl: props.runbookUrl }),
    });
    if (props.permissionsBoundary !== undefined) {
      PermissionsBoundary.of(this).apply(props.permissionsBoundary);
    }
    this.redeployChanges();
    this.reportAtSynthesis(() => ({
      config,
      makesUsersTable: props.usersTable === undefined,
      usersTableBeginsEmpty: durabilityFlaws(this.usersTable) !== undefined,
      usersTableFlaws: flaws(),
      authorizers: this.attached,
      gatewayIssuers: issuersOfGateways(this.agentCoreGateways),
      maxRevocationDelaySeconds: props.maxRevocationDelay?.toSeconds(),
      tables: read.map(({ name, table, key }) => ({
        name,
        key,
        keyFlaws: keyFlaws({ table, key }),
        otherRegion: otherRegion(this, table),
      })),
      region: Stack.of(this).region,
      topicKeyFlaw: props.alarmTopic && topicKeyFlaw(props.alarmTopic),
      notRedeployed: [...this.notRedeployed],
      logGroupClass: logGroupClassOf(made.logGroup),
      environmentBytes,
      now: Date.now() / 1000,
    }));
  }

  /**
   * A TOKEN authorizer for a REST API. A malformed Authorization header never invokes the function.
   * The security event has neither the route nor the caller's address.
   */
  restToken(id = 'RestToken', options: CachingOptions & PlacementOptions = {}): TokenAuthorizer {
    const ttl = this.attach('rest-token', options);
    return this.redeployed(restToken(this.contextIn(options, id), id, ttl));
  }

  /** A REQUEST authorizer for a REST API. Security events have the caller's address (`source_ip`). */
  restRequest(
    id = 'RestRequest',
    options: RequestOptions & PlacementOptions = {},
  ): RequestAuthorizer {
    const sources = options.identitySources ?? [TOKEN_SOURCE.rest];
    const ttl = this.attach(
      'rest-request',
      options,
      includesTokenSource(sources, TOKEN_SOURCE.rest),
    );
    return this.redeployed(restRequest(this.contextIn(options, id), id, ttl, sources));
  }

  /**
   * An authorizer for an HTTP API, payload 2.0.
   *
   * @throws Error if `identitySources` lack the token: the function denies such a request
   */
  http(id = 'Http', options: RequestOptions = {}): IHttpRouteAuthorizer {
    const sources = options.identitySources ?? [TOKEN_SOURCE.http];
    const isKeyedOnToken = includesTokenSource(sources, TOKEN_SOURCE.http);
    const ttl = this.attach('http', options, isKeyedOnToken);
    if (sources.length > 0 && !isKeyedOnToken && ttl.toSeconds() === 0) {
      throw new Error(
        `identitySources are ${sources.join(', ')}, and the authorizer denies a request whose identity sources lack the token: add ${TOKEN_SOURCE.http}`,
      );
    }
    return new RollcallHttpAuthorizer(this.context, id, ttl, sources);
  }

  /** An authorizer for `$connect` of a WebSocket API. It reads the token from `webSocketTokenSource`. */
  webSocket(id = 'WebSocket'): IWebSocketRouteAuthorizer {
    this.attach('websocket', {});
    return webSocket(this.context, id);
  }

  /** An authorization mode for one AppSync API. Call it once for each API. */
  appSync(options: CachingOptions & PlacementOptions = {}): AuthorizationMode {
    const others = this.attached.filter(({ kind }) => kind === 'appsync').length;
    const ttl = this.attach('appsync', options);
    const id = others === 0 ? 'AppSync' : `AppSync${others + 1}`;
    const { scope, handler } = this.contextIn(options, id);
    // AppSync names its permission by the id of the API alone, and two APIs can have the same id.
    const isShared = handler === this.handler && others > 0;
    return appSync(isShared ? importedHandler(scope, id, handler) : handler, ttl);
  }

  /**
   * For an Amazon Bedrock AgentCore Gateway, as its REQUEST interceptor: `addInterceptor` of CDK's
   * `Gateway` takes it. The gateway passes the request's headers to it, the token among them.
   */
  agentCoreInterceptor(): AgentCoreInterceptor {
    this.attach('agentcore', {});
    return agentCoreInterceptor(this.handler, (gateway) => this.agentCoreGateways.push(gateway));
  }

  /**
   * How long after its revocation an access may still be used, at the worst of the authorizers
   * that have been handed out.
   */
  get maxRevocationDelay(): Duration {
    const seconds = this.attached.map(({ kind, resultsCacheTtlSeconds }) =>
      kind === 'websocket' ? WEBSOCKET_LIFETIME.toSeconds() : resultsCacheTtlSeconds,
    );
    return Duration.seconds(Math.max(0, ...seconds) + this.config.userCacheTtlSeconds);
  }

  /** With several APIs, each has its own address, and the function knows none of them. */
  private nameMetadata(url: string, given: string | undefined): void {
    if (this.metadataUrls.push(url) > 1 || given !== undefined) return;
    const produce = () => (this.metadataUrls.length === 1 ? url : undefined);
    this.function.addEnvironment(
      'ROLLCALL_RESOURCE_METADATA_URL' satisfies SettingName,
      Lazy.string({ produce }),
    );
  }

  private get context(): AuthorizerContext {
    return { scope: this, handler: this.handler, config: this.config };
  }

  /** The context of an authorizer that may be made in the stack of its API. */
  private contextIn({ scope = this }: PlacementOptions, id: string): AuthorizerContext {
    if (Stack.of(scope) === Stack.of(this)) return { ...this.context, scope };
    return {
      ...this.context,
      scope,
      handler: importedHandler(scope, `${id}Handler`, this.handler),
    };
  }

  private redeployed<T extends Construct>(authorizer: T): T {
    this.restAuthorizers.push(authorizer);
    return authorizer;
  }

  private attach(kind: AuthorizerKind, options: CachingOptions, isKeyedOnToken = true): Duration {
    const ttl = checkedTtl(options.resultsCacheTtl);
    this.attached.push({ kind, resultsCacheTtlSeconds: ttl.toSeconds(), isKeyedOnToken });
    return ttl;
  }

  /** By an Aspect: before it, an authorizer does not know its API, and after it no id can change. */
  private redeployChanges(): void {
    const visit = (node: IConstruct) => {
      if (node !== this) return;
      const isDoneByTheCdk = FeatureFlags.of(this).isEnabled(AUTHORIZER_CHANGES_FLAG) === true;
      for (const authorizer of this.restAuthorizers) {
        const resource = resourceOf(authorizer);
        if (resource === undefined || redeployAuthorizer(resource) || isDoneByTheCdk) continue;
        this.notRedeployed.add(authorizer.node.path);
      }
    };
    Aspects.of(this).add({ visit }, { priority: AspectPriority.READONLY });
  }

  /**
   * Judges what is attached or changed until synthesis: validation comes after every Aspect, and
   * before the templates and their messages are written.
   */
  private reportAtSynthesis(deployment: () => Deployment): void {
    const validate = () => {
      reportFindings(this, deploymentFindings(deployment()));
      return [];
    };
    this.node.addValidation({ validate });
  }
}

/** In the template that deploys; undefined is the default, STANDARD. */
function logGroupClassOf(logGroup: ILogGroup): unknown {
  const resource = resourceOf(logGroup);
  return resource && finalResource(resource).properties['LogGroupClass'];
}

/** `usersTablePersistent` takes precedence over the properties of the table. */
function usersTableFlaws(table: ITable, persistent: boolean | undefined): readonly string[] {
  if (persistent === undefined) return durabilityFlaws(table) ?? [];
  return persistent ? [] : ['USERS_TABLE_PERSISTENT is false'];
}
