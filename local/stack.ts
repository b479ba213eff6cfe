/**
 * The whole stack on this machine: the synthesized template served on loopback, the deployed bundle,
 * its tables, and an identity provider. `npm start`, tests and tools start it here.
 */
import { PutCommand, type DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { EventEmitter } from 'node:events';
import { rm } from 'node:fs/promises';
import { SETTING_NAMES } from '../lambda/settings/table.ts';
import { TOKEN_ID } from '../lambda/users/revocation-item.ts';
import type { Clock } from './gateway/common/authorizer-cache.ts';
import { DEMO_USERS, PLATFORM_ADMIN, type UserRow } from './demo-users.ts';
import { AgentCoreGateway } from './gateway/agentcore/agentcore-gateway.ts';
import type { Exchange } from './gateway/common/exchange.ts';
import { localTrust, ownAuthorizer, tableSettings } from './own-authorizer.ts';
import { Functions } from './runtime/functions.ts';
import { startGateways } from './gateway/gateways.ts';
import { httpFront } from './gateway/http/http-front.ts';
import {
  startIdentityProvider,
  type Claims,
  type IdentityProvider,
  type TokenOptions,
} from './runtime/identity-provider.ts';
import { LAST_PORT, listen, type PortChoice } from './runtime/listen.ts';
import { answerMcpRequest, DELETE_TOOL } from './runtime/mcp-server.ts';
import { deployment } from './template/physical-ids.ts';
import { synthesize, type Assembly } from './template/synthesize.ts';
import { startTables, type ExistingTable } from './runtime/tables.ts';
import { optionalText, type OnUnsupported } from './template/properties.ts';
import { ResolvedTemplate } from './template/template.ts';

/** The `aud` of the local identity provider's tokens. */
export const LOCAL_AUDIENCE = 'rollcall-local';

/** 4000 beside an API at 3000. */
const IDENTITY_PROVIDER_PORT_OFFSET = 1000;

export interface LocalStackOptions {
  /** Strict mode (`REQUIRE_USER_IN_DB`). Default: false. */
  readonly strict?: boolean;
  /**
   * Settings of the function and of the stack, by their names in the environment, over those that
   * the local stack chooses. An empty one unsets.
   */
  readonly settings?: Readonly<Record<string, string>>;
  /** Where the REST API listens; the others take free ports after it. Default: any free ones. */
  readonly port?: PortChoice;
  /** The clock of the gateway's cache. Default: the system's. */
  readonly clock?: Clock;
  /** Where the template comes from, given the settings. Default: the stack, synthesized. */
  readonly assemble?: (settings: Readonly<Record<string, string>>) => Promise<Assembly>;
  /**
   * For your own app: called with each part that the local gateway does not support. The authorizer
   * of the app trusts the local identity provider, and names users by `email`.
   */
  readonly onUnsupported?: OnUnsupported;
  /** Rows to begin with, by user id. Default: the demo's. */
  readonly users?: Readonly<Record<string, UserRow>>;
}

/** A security event of the authorizer, as it was logged. */
export type SecurityEvent = Readonly<Record<string, unknown>> & { readonly security_event: string };

export interface LocalStackEvents {
  /** A line that a function printed. */
  readonly log: [line: string, functionName: string];
  readonly securityEvent: [event: SecurityEvent];
  /** A request was answered. */
  readonly exchange: [exchange: Exchange];
  /** An error in the local gateway itself. */
  readonly fault: [error: unknown];
}

export interface LocalStack {
  /** The REST API with its stage, such as `http://127.0.0.1:3000/prod`. */
  readonly url: string;
  /** The HTTP API, such as `http://127.0.0.1:3001`; undefined when the stack has none. */
  readonly httpUrl: string | undefined;
  /** The WebSocket API with its stage; undefined when the stack has none. */
  readonly webSocketUrl: string | undefined;
  /** An MCP server behind an AgentCore gateway, such as `http://127.0.0.1:3003/mcp`. */
  readonly mcpUrl: string;
  /** What the REST API answers a known user who is denied. */
  readonly deniedStatus: string;
  /** The port that was asked for, when it was taken and another one was chosen. */
  readonly movedFromPort: number | undefined;
  /** The settings in the authorizer's environment. */
  readonly settings: () => Readonly<Record<string, string>>;
  /** The outputs of the stack, with the physical ids of the local deployment. */
  readonly outputs: Readonly<Record<string, string>>;
  readonly identityProvider: IdentityProvider;
  /** Shorthand for the identity provider's. */
  readonly issueToken: (claims: Claims, options?: TokenOptions) => Promise<string>;
  readonly tableEndpoint: string;
  readonly region: string;
  readonly client: DynamoDBDocumentClient;
  readonly usersTable: ExistingTable;
  readonly revokedTokensTableName: string | undefined;
  /** Writes a whole row. */
  readonly putUser: (userId: string, row: UserRow) => Promise<void>;
  /** Changes settings in the authorizer's environment; its next invocation starts cold. */
  readonly configure: (settings: Readonly<Record<string, string>>) => Promise<void>;
  /** Flushes the gateway's cached answers. */
  readonly flush: () => void;
  readonly events: EventEmitter<LocalStackEvents>;
  readonly close: () => Promise<void>;
}

/**
 * Synthesizes and serves the stack. `dist/authorizer` must have been built.
 *
 * @throws SynthesisError, PortTakenError, UnsupportedTemplateError
 */
export async function startLocalStack(options: LocalStackOptions = {}): Promise<LocalStack> {
  const closers: (() => Promise<unknown>)[] = [];
  const close = async () => {
    for (const end of closers.splice(0).toReversed()) await end();
  };
  try {
    return await start(options, closers, close);
  } catch (error) {
    await close();
    throw error;
  }
}

async function start(
  options: LocalStackOptions,
  closers: (() => Promise<unknown>)[],
  close: () => Promise<void>,
): Promise<LocalStack> {
  const { strict = false, port = { port: 0 }, clock = Date.now, users = DEMO_USERS } = options;
  const { assemble = synthesize, onUnsupported } = options;
  const identityProvider = await startIdentityProvider({
    audience: LOCAL_AUDIENCE,
    // As steady as the API's own port, so that a command can be pasted again after a restart.
    port: port.port === 0 ? 0 : identityProviderPort(port.port),
  });
  closers.push(identityProvider.close);
  const settings = { ...localSettings(identityProvider, strict), ...options.settings };
  const assembly = await assemble(settings);
  closers.push(() => rm(assembly.directory, { recursive: true, force: true }));

  const template = new ResolvedTemplate(assembly.template, deployment(assembly.stackName));
  const outputs = onUnsupported === undefined ? template.outputs() : {};
  const named = onUnsupported === undefined ? settings : tableSettings(template);
  const tables = await startTables(template, existingTables(named));
  closers.push(tables.close);
  const events = new EventEmitter<LocalStackEvents>();
  const functions = new Functions(template, {
    assetPath: assembly.assetPath,
    environment: {
      ...tables.environment,
      // The deployed runtime is one that the warning does not concern.
      AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true',
    },
    onLog: (line, functionName) => {
      events.emit('log', line, functionName);
      const securityEvent = parseSecurityEvent(line);
      if (securityEvent) events.emit('securityEvent', securityEvent);
    },
  });
  closers.push(() => functions.close());
  const authorizerName = outputs['AuthorizerFunctionName'] ?? ownAuthorizer(template);
  if (onUnsupported !== undefined) {
    await functions.configure(authorizerName, {
      ...localTrust(identityProvider, LOCAL_AUDIENCE),
      ...(strict && { REQUIRE_USER_IN_DB: 'true' }),
      ...options.settings,
    });
  }
  const environment = functions.environment(authorizerName);
  const usersTable = {
    name: environment['USERS_TABLE_NAME'] ?? '',
    key: environment['USERS_TABLE_KEY'] ?? 'user_id',
  };
  const putUser = async (userId: string, row: UserRow) => {
    const Item = { ...row, [usersTable.key]: userId };
    await tables.client.send(new PutCommand({ TableName: usersTable.name, Item }));
  };
  await Promise.all(Object.entries(users).map(([userId, row]) => putUser(userId, row)));

  const gateways = await startGateways({
    template,
    functions,
    clock,
    port,
    onExchange: (exchange) => events.emit('exchange', exchange),
    onError: (error) => events.emit('fault', error),
    onUnsupported,
  });
  closers.push(gateways.close);
  const { region, accountId } = template.deployment;
  const agentCore = new AgentCoreGateway({
    functions,
    functionArn: `arn:aws:lambda:${region}:${accountId}:function:${authorizerName}`,
    target: answerMcpRequest,
  });
  const mcp = await listen(
    httpFront(
      (request) => agentCore.handle(request),
      clock,
      (error) => events.emit('fault', error),
    ),
    port.port === 0 ? port : { ...port, orNextFree: true },
  );
  closers.push(mcp.close);
  return {
    url: gateways.restUrl ?? '',
    httpUrl: gateways.httpUrl,
    webSocketUrl: gateways.webSocketUrl,
    mcpUrl: `${mcp.url}/mcp`,
    deniedStatus: deniedStatus(template),
    movedFromPort: gateways.movedFromPort,
    settings: () => onlySettings(functions.environment(authorizerName)),
    outputs,
    identityProvider,
    issueToken: identityProvider.issueToken,
    tableEndpoint: tables.endpoint,
    region: template.deployment.region,
    client: tables.client,
    usersTable,
    revokedTokensTableName: environment['REVOKED_TOKENS_TABLE_NAME'],
    putUser,
    configure: (changes) => functions.configure(authorizerName, changes),
    flush: gateways.flush,
    events,
    close,
  };
}

/** 403 unless the API says otherwise. */
function deniedStatus(template: ResolvedTemplate): string {
  const denied = template
    .resourcesOfType('AWS::ApiGateway::GatewayResponse')
    .find(({ properties }) => properties['ResponseType'] === 'ACCESS_DENIED');
  return optionalText(denied?.properties ?? {}, 'StatusCode') ?? '403';
}

function identityProviderPort(apiPort: number): number {
  const port = apiPort + IDENTITY_PROVIDER_PORT_OFFSET;
  return port <= LAST_PORT ? port : 0;
}

/** The default settings of a local stack. */
function localSettings(
  { issuer, jwksUri }: IdentityProvider,
  strict: boolean,
): Record<string, string> {
  return {
    JWT_ISSUER: issuer,
    JWT_AUDIENCE: LOCAL_AUDIENCE,
    JWKS_URI: jwksUri,
    // So that the admin can be named by an address, and rows are easy to read.
    USER_CLAIM: 'email',
    PLATFORM_ADMIN_EMAIL: PLATFORM_ADMIN,
    REQUIRE_USER_IN_DB: String(strict),
    TOOL_ROLES: JSON.stringify({ [DELETE_TOOL]: 'admin' }),
    ROLLCALL_HTTP_API: 'true',
    ROLLCALL_WEBSOCKET_API: 'true',
  };
}

/** The stack does not create tables that the settings name, so they are created here. */
function existingTables(settings: Readonly<Record<string, string>>): ExistingTable[] {
  const { USERS_TABLE_NAME: users, REVOKED_TOKENS_TABLE_NAME: revoked } = settings;
  return [
    ...(users ? [{ name: users, key: settings['USERS_TABLE_KEY'] || 'user_id' }] : []),
    ...(revoked ? [{ name: revoked, key: TOKEN_ID }] : []),
  ];
}

function onlySettings(environment: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(
    SETTING_NAMES.flatMap((name) => {
      const value = environment[name];
      return value === undefined ? [] : [[name, value] as const];
    }),
  );
}

function parseSecurityEvent(line: string): SecurityEvent | undefined {
  if (!line.includes('"security_event"')) return undefined;
  try {
    return JSON.parse(line) as SecurityEvent;
  } catch {
    return undefined;
  }
}
