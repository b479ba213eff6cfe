/**
 * AWS's control plane as far as the command line asks it, over the protocols that the SDK really
 * speaks: CloudFormation (Query and XML), Lambda and API Gateway (REST and JSON), CloudWatch Logs
 * (JSON). Everything else passes on to the table server.
 */
import { once } from 'node:events';
import {
  createServer,
  request as httpRequest,
  type IncomingMessage,
  type Server,
  type ServerResponse,
} from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';

/** What is deployed. Members may be changed while it runs. */
export interface Account {
  readonly stackName: string;
  outputs: Readonly<Record<string, string>>;
  /** `DeletionPolicy` of the users table; undefined for a table that no stack made. */
  deletionPolicy?: string;
  /** Whether the stack was deployed with a template in YAML. Default: JSON. */
  templateIsYaml?: boolean;
  readonly functionName: string;
  environment: Readonly<Record<string, string>>;
  logGroup: string;
  logMessages: readonly string[];
  /** Names of operations that are denied, such as `FilterLogEvents`. */
  denied: readonly string[];
  pointInTimeRecovery: boolean;
  deletionProtection: boolean;
  /** Operations on something that does not exist. */
  missing?: readonly string[];
  /**
   * What API Gateway answers, by path: `/restapis/<id>/authorizers`, `/v2/apis/<id>`,
   * `/v2/apis/<id>/authorizers`.
   */
  apis?: Readonly<Record<string, object>>;
  /** Whom STS takes the caller for. */
  callerArn?: string;
  /** Whether IAM lets the caller; undefined lets everybody. */
  allows?: (request: Permission) => boolean;
  /** How much later it is here than by the clock of this computer. */
  clockAheadSeconds?: number;
  /** The attribute that rows of revoked tokens expire by; undefined for none. */
  timeToLive: string | undefined;
}

/** What one request needs. https://docs.aws.amazon.com/service-authorization/latest/reference/ */
export interface Permission {
  readonly action: string;
  readonly resource: string;
}

const ARN_REGION = 'eu-central-1';
const ARN_ACCOUNT = '123456789012';

export class AwsEndpoint {
  /** `<method> <path>` or the name of each operation that came, in order. */
  readonly calls: string[] = [];
  /** What the requests needed, without repetition. */
  readonly needed = new Map<string, Permission>();
  readonly account: Account;
  readonly #server: Server;
  readonly #tables: URL;

  private constructor(account: Account, tableEndpoint: string, server: Server) {
    this.account = account;
    this.#tables = new URL(tableEndpoint);
    this.#server = server;
  }

  static async start(account: Account, tableEndpoint: string): Promise<AwsEndpoint> {
    const server = createServer();
    const aws = new AwsEndpoint(account, tableEndpoint, server);
    server.on('request', (request, response) => void aws.#answer(request, response));
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return aws;
  }

  /** What points the SDK here, for every service. */
  get environment(): Readonly<Record<string, string>> {
    return {
      AWS_ENDPOINT_URL: `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`,
      AWS_REGION: 'eu-central-1',
    };
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await buffer(request);
    const { clockAheadSeconds = 0 } = this.account;
    response.setHeader('date', new Date(Date.now() + clockAheadSeconds * 1000).toUTCString());
    const target = request.headers['x-amz-target'];
    const path = decodeURIComponent(request.url ?? '').replace(/\?.*$/u, '');
    const isQuery = String(request.headers['content-type']).includes('x-www-form-urlencoded');
    const operation = isQuery
      ? (new URLSearchParams(body.toString()).get('Action') ?? '')
      : typeof target === 'string'
        ? (target.split('.').at(-1) ?? '')
        : `${request.method} ${path}`;
    this.calls.push(operation);
    if (this.account.denied.includes(operation)) return this.#deny(response, isQuery);
    for (const permission of this.#permissionsFor(operation, path, body, isQuery)) {
      this.needed.set(`${permission.action} ${permission.resource}`, permission);
      if (this.account.allows?.(permission) === false) return this.#deny(response, isQuery);
    }
    if (operation === 'GetCallerIdentity') return this.#callerIdentity(response);
    if (isQuery) return this.#cloudFormation(new URLSearchParams(body.toString()), response);
    if (operation === 'FilterLogEvents') return this.#logs(response);
    if (operation === 'DescribeContinuousBackups') return this.#backups(response);
    if (operation === 'DescribeTimeToLive') return this.#timeToLive(response);
    if (typeof target === 'string') return this.#table(operation, request, body, response);
    if (path.startsWith('/2015-03-31/functions/')) return this.#lambda(path, response);
    // The two that flush a cache answer with nothing.
    const isMissing = this.account.missing?.includes(operation) === true;
    if (!isMissing && request.method === 'DELETE' && path.endsWith('/cache/authorizers')) {
      response.writeHead(path.startsWith('/v2/') ? 204 : 202).end();
      return;
    }
    const api = request.method === 'GET' ? this.account.apis?.[path] : undefined;
    if (api !== undefined) return send(response, 200, api);
    response.setHeader('x-amzn-errortype', 'NotFoundException');
    send(response, 404, { message: 'Not Found' });
  }

  #callerIdentity(response: ServerResponse): void {
    const { callerArn = 'arn:aws:sts::123456789012:assumed-role/Operator/alice' } = this.account;
    sendXml(
      response,
      'GetCallerIdentity',
      `<Arn>${callerArn}</Arn><UserId>AROA:alice</UserId><Account>123456789012</Account>`,
    );
  }

  /** Who one is, everybody may ask. */
  #permissionsFor(
    operation: string,
    path: string,
    body: Buffer,
    isQuery: boolean,
  ): readonly Permission[] {
    const { stackName, functionName, logGroup } = this.account;
    const arn = (service: string, rest: string) =>
      `arn:aws:${service}:${ARN_REGION}:${ARN_ACCOUNT}:${rest}`;
    if (operation === 'GetCallerIdentity') return [];
    if (isQuery) {
      const resource = arn('cloudformation', `stack/${stackName}/1f2e`);
      return [{ action: `cloudformation:${operation}`, resource }];
    }
    if (operation === 'FilterLogEvents') {
      const resource = arn('logs', `log-group:${logGroup}:log-stream:`);
      return [{ action: 'logs:FilterLogEvents', resource }];
    }
    if (path.startsWith('/2015-03-31/functions/')) {
      const resource = arn('lambda', `function:${functionName}`);
      return [{ action: 'lambda:GetFunctionConfiguration', resource }];
    }
    if (/^(?:DELETE|GET) \//u.test(operation)) {
      const resource = `arn:aws:apigateway:${ARN_REGION}::${path.replace(/^\/v2/u, '')}`;
      return [{ action: `apigateway:${operation.replace(/ .*$/u, '')}`, resource }];
    }
    const { TableName, RequestItems = {} } = JSON.parse(body.toString()) as {
      TableName?: string;
      RequestItems?: Record<string, unknown>;
    };
    const tables = TableName === undefined ? Object.keys(RequestItems) : [TableName];
    return tables.map((name) => ({
      action: `dynamodb:${operation}`,
      resource: arn('dynamodb', `table/${name}`),
    }));
  }

  #deny(response: ServerResponse, isQuery: boolean): void {
    if (isQuery) return sendXmlError(response, 403, 'AccessDenied');
    response.setHeader('x-amzn-errortype', 'AccessDeniedException');
    send(response, 400, { __type: 'AccessDeniedException', message: 'not authorized' });
  }

  #cloudFormation(query: URLSearchParams, response: ServerResponse): void {
    const { stackName, outputs, deletionPolicy } = this.account;
    switch (query.get('Action') ?? '') {
      case 'DescribeStacks': {
        if (query.get('StackName') !== stackName) {
          return sendXmlError(response, 400, 'ValidationError');
        }
        const members = Object.entries(outputs).map(
          ([key, value]) =>
            `<member><OutputKey>${key}</OutputKey><OutputValue>${value}</OutputValue></member>`,
        );
        return sendXml(
          response,
          'DescribeStacks',
          `<Stacks><member><StackName>${stackName}</StackName><StackStatus>CREATE_COMPLETE</StackStatus><CreationTime>2026-01-01T00:00:00Z</CreationTime><Outputs>${members.join('')}</Outputs></member></Stacks>`,
        );
      }
      case 'DescribeStackResources':
        if (deletionPolicy === undefined) return sendXmlError(response, 400, 'ValidationError');
        return sendXml(
          response,
          'DescribeStackResources',
          `<StackResources><member><StackName>${stackName}</StackName><LogicalResourceId>Table</LogicalResourceId><PhysicalResourceId>${query.get('PhysicalResourceId')}</PhysicalResourceId><ResourceType>AWS::DynamoDB::GlobalTable</ResourceType><Timestamp>2026-01-01T00:00:00Z</Timestamp><ResourceStatus>CREATE_COMPLETE</ResourceStatus></member></StackResources>`,
        );
      case 'GetTemplate': {
        const template = { Resources: { Table: { DeletionPolicy: deletionPolicy } } };
        const text = this.account.templateIsYaml
          ? `Resources:\n  Key: !GetAtt Other.Arn\n  Table:\n    DeletionPolicy: ${deletionPolicy}\n`
          : JSON.stringify(template).replaceAll('"', '&quot;');
        return sendXml(response, 'GetTemplate', `<TemplateBody>${text}</TemplateBody>`);
      }
      default:
        sendXmlError(response, 400, 'InvalidAction');
    }
  }

  #lambda(path: string, response: ServerResponse): void {
    const { functionName, environment, logGroup } = this.account;
    if (path !== `/2015-03-31/functions/${functionName}/configuration`) {
      response.setHeader('x-amzn-errortype', 'ResourceNotFoundException');
      return send(response, 404, { Message: 'Function not found' });
    }
    send(response, 200, {
      FunctionName: functionName,
      Environment: { Variables: environment },
      LoggingConfig: { LogGroup: logGroup },
    });
  }

  #logs(response: ServerResponse): void {
    const events = this.account.logMessages.map((message) => ({ message, timestamp: 1 }));
    send(response, 200, { events, searchedLogStreams: [] });
  }

  #backups(response: ServerResponse): void {
    const status = this.account.pointInTimeRecovery ? 'ENABLED' : 'DISABLED';
    send(response, 200, {
      ContinuousBackupsDescription: {
        ContinuousBackupsStatus: 'ENABLED',
        PointInTimeRecoveryDescription: { PointInTimeRecoveryStatus: status },
      },
    });
  }

  #timeToLive(response: ServerResponse): void {
    const { timeToLive: AttributeName } = this.account;
    send(response, 200, {
      TimeToLiveDescription:
        AttributeName === undefined
          ? { TimeToLiveStatus: 'DISABLED' }
          : { TimeToLiveStatus: 'ENABLED', AttributeName },
    });
  }

  /** The embedded table knows no deletion protection, so it is added to what it says. */
  async #table(
    operation: string,
    request: IncomingMessage,
    body: Buffer,
    response: ServerResponse,
  ): Promise<void> {
    const { host: _host, ...headers } = request.headers;
    const forwarded = httpRequest(this.#tables, { method: 'POST', headers });
    forwarded.end(body);
    const [answer] = (await once(forwarded, 'response')) as [IncomingMessage];
    const document = JSON.parse((await buffer(answer)).toString()) as { Table?: object };
    if (operation === 'DescribeTable' && document.Table !== undefined) {
      document.Table = {
        ...document.Table,
        DeletionProtectionEnabled: this.account.deletionProtection,
      };
    }
    // Every answer of DynamoDB has one, and the function takes no other for an answer.
    response.setHeader('x-amzn-requestid', answer.headers['x-amzn-requestid'] ?? 'local');
    send(response, answer.statusCode ?? 500, document);
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    this.#server.close();
    await once(this.#server, 'close');
  }
}

function send(response: ServerResponse, status: number, document: object): void {
  response.writeHead(status, { 'content-type': 'application/x-amz-json-1.0' });
  response.end(JSON.stringify(document));
}

function sendXml(response: ServerResponse, operation: string, content: string): void {
  response.writeHead(200, { 'content-type': 'text/xml' });
  response.end(
    `<${operation}Response xmlns="http://cloudformation.amazonaws.com/doc/2010-05-15/"><${operation}Result>${content}</${operation}Result></${operation}Response>`,
  );
}

function sendXmlError(response: ServerResponse, status: number, code: string): void {
  response.writeHead(status, { 'content-type': 'text/xml' });
  response.end(
    `<ErrorResponse xmlns="http://cloudformation.amazonaws.com/doc/2010-05-15/"><Error><Type>Sender</Type><Code>${code}</Code><Message>refused</Message></Error></ErrorResponse>`,
  );
}
