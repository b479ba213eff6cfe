/**
 * The backend of the protected demo routes: it answers with the authorizer's context of the caller,
 * exactly as API Gateway passes it on. On REST and WebSocket APIs the values are strings, so `isAdmin`
 * arrives as `"true"` there.
 */
import { Duration, RemovalPolicy } from 'aws-cdk-lib';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import {
  Architecture,
  Code,
  Function as LambdaFunction,
  LoggingFormat,
  Runtime,
  Tracing,
} from 'aws-cdk-lib/aws-lambda';
import { RetentionDays } from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import { functionRole } from '../function-role.ts';
import { acknowledge, acknowledgeFunction, acknowledgeRegulated } from './acknowledge.ts';

/**
 * Serves REST, HTTP (payload 2.0) and WebSocket events. On `$connect` it takes up the `rollcall`
 * subprotocol when the client offers it: a browser closes a connection whose offer is ignored,
 * and the other protocol it offers, which carries the token, must not be repeated.
 */
export const WHOAMI_SOURCE = `'use strict';
const header = (event, name) =>
  Object.entries(event.headers ?? {}).find(([key]) => key.toLowerCase() === name)?.[1] ?? '';

exports.handler = async (event) => {
  const { authorizer = {}, eventType } = event.requestContext;
  if (eventType === 'CONNECT') {
    const offered = header(event, 'sec-websocket-protocol').split(',').map((name) => name.trim());
    return offered.includes('rollcall')
      ? { statusCode: 200, headers: { 'Sec-WebSocket-Protocol': 'rollcall' } }
      : { statusCode: 200 };
  }
  const origin = process.env.CORS_ORIGIN;
  return {
    statusCode: 200,
    headers: {
      'Content-Type': 'application/json',
      'Cache-Control': 'no-store',
      ...(origin ? { 'Access-Control-Allow-Origin': origin } : {}),
    },
    body: JSON.stringify(authorizer.lambda ?? authorizer),
  };
};
`;

export interface WhoamiProps {
  /** @default Architecture.ARM_64 */
  readonly architecture?: Architecture;
  /**
   * Customer managed key of its log group.
   * @default - a key that CloudWatch Logs owns
   */
  readonly logEncryptionKey?: IKey;
  /**
   * Traces the function (X-Ray).
   * @default false
   */
  readonly tracing?: boolean;
  /**
   * Value of `Access-Control-Allow-Origin` in its answers.
   * @default - no such header
   */
  readonly corsOrigin?: string;
}

/** The function behind `GET /whoami` and the WebSocket route `whoami`. It can reach nothing. */
export class Whoami extends Construct {
  readonly function: LambdaFunction;

  constructor(scope: Construct, id: string, props: WhoamiProps = {}) {
    super(scope, id);
    const { logGroup, role } = functionRole(this, 'Runs the demo route whoami', {
      retention: RetentionDays.ONE_WEEK,
      removalPolicy: RemovalPolicy.DESTROY,
      encryptionKey: props.logEncryptionKey,
    });
    if (props.tracing === true) {
      acknowledge(
        role,
        'AwsSolutions-IAM5[Resource::*]',
        'With the rights of the function Lambda writes traces, which no resource holds.',
      );
    }
    acknowledgeFunction(this);
    acknowledgeRegulated(
      this,
      'LambdaInsideVPC',
      'It calls nothing, in no network: it repeats what it is given.',
    );
    acknowledgeRegulated(
      this,
      'LambdaConcurrency',
      'A demonstration: the limits of its stage bound how often it runs.',
    );
    this.function = new LambdaFunction(this, 'Function', {
      description: "Answers with the authorizer's context",
      code: Code.fromInline(WHOAMI_SOURCE),
      handler: 'index.handler',
      runtime: Runtime.NODEJS_24_X,
      architecture: props.architecture ?? Architecture.ARM_64,
      memorySize: 128,
      timeout: Duration.seconds(3),
      loggingFormat: LoggingFormat.JSON,
      logGroup,
      role,
      ...(props.tracing === true && { tracing: Tracing.ACTIVE }),
      ...(props.corsOrigin !== undefined && { environment: { CORS_ORIGIN: props.corsOrigin } }),
    });
  }
}
