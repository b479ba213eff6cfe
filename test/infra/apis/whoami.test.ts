import { Stack } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import vm from 'node:vm';
import { Whoami, WHOAMI_SOURCE, type WhoamiProps } from '../../../infra/apis/whoami.ts';
import { testApp } from '../support/synth.ts';

interface Answer {
  readonly statusCode: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

/** Runs the inline code as Lambda would, and gives its answer as the gateway would get it. */
async function answer(event: unknown, env: Record<string, string> = {}): Promise<Answer> {
  const exports: { handler?: (event: unknown) => Promise<Answer> } = {};
  vm.runInNewContext(WHOAMI_SOURCE, { exports, process: { env } });
  return JSON.parse(JSON.stringify(await exports.handler?.(event))) as Answer;
}

const CONTEXT = { userId: 'user-1', isAdmin: 'false', principalId: 'user-1' };
const connect = (headers?: Record<string, string>) => ({
  headers,
  requestContext: { eventType: 'CONNECT', authorizer: CONTEXT },
});

describe('the code of whoami', () => {
  it.each([
    ['a REST API', { requestContext: { authorizer: CONTEXT } }, CONTEXT],
    [
      'an HTTP API',
      { version: '2.0', requestContext: { authorizer: { lambda: { isAdmin: true } } } },
      { isAdmin: true },
    ],
    [
      'a WebSocket API',
      { requestContext: { eventType: 'MESSAGE', routeKey: 'whoami', authorizer: CONTEXT } },
      CONTEXT,
    ],
    ['an API without an authorizer', { requestContext: {} }, {}],
  ])('answers %s with the context as it arrives', async (_, event, body) => {
    const answered = await answer(event);
    expect(answered.statusCode).toBe(200);
    expect(JSON.parse(answered.body ?? '')).toEqual(body);
    expect(answered.headers).toEqual({
      'Content-Type': 'application/json',
      'Cache-Control': 'no-store',
    });
  });

  it('lets pages of one origin read it', async () => {
    const answered = await answer({ requestContext: {} }, { CORS_ORIGIN: 'https://app.example' });
    expect(answered.headers).toMatchObject({
      'Access-Control-Allow-Origin': 'https://app.example',
    });
  });

  it.each(['Sec-WebSocket-Protocol', 'sec-websocket-protocol'])(
    'takes up the protocol rollcall when %s offers it, and never the token beside it',
    async (header) => {
      expect(await answer(connect({ [header]: 'rollcall, bearer.a.b.c' }))).toEqual({
        statusCode: 200,
        headers: { 'Sec-WebSocket-Protocol': 'rollcall' },
      });
    },
  );

  it.each([undefined, {}, { 'Sec-WebSocket-Protocol': 'graphql-ws, not-rollcall' }])(
    'takes up no protocol when the headers are %j',
    async (headers) => {
      expect(await answer(connect(headers))).toEqual({ statusCode: 200 });
    },
  );

  it('fits into a template', () => {
    expect(Buffer.byteLength(WHOAMI_SOURCE)).toBeLessThanOrEqual(4096);
  });
});

describe('Whoami', () => {
  const template = (props?: WhoamiProps): Template => {
    const stack = new Stack(testApp(), 'Theirs');
    new Whoami(stack, 'Whoami', props);
    return Template.fromStack(stack);
  };

  it('is a small function with its code in the template', () => {
    template().hasResourceProperties('AWS::Lambda::Function', {
      Code: { ZipFile: WHOAMI_SOURCE },
      Handler: 'index.handler',
      Runtime: 'nodejs24.x',
      Architectures: ['arm64'],
      MemorySize: 128,
      Environment: Match.absent(),
    });
  });

  it('may write its log and nothing else', () => {
    const made = template();
    made.resourceCountIs('AWS::IAM::Policy', 1);
    made.hasResourceProperties('AWS::IAM::Policy', {
      PolicyDocument: {
        Statement: [
          {
            Action: ['logs:CreateLogStream', 'logs:PutLogEvents'],
            Resource: { 'Fn::GetAtt': [Match.stringLikeRegexp('^WhoamiLogs'), 'Arn'] },
          },
        ],
      },
    });
    made.hasResourceProperties('AWS::IAM::Role', { ManagedPolicyArns: Match.absent() });
  });

  it('knows the origin that may read it', () => {
    template({ corsOrigin: '*' }).hasResourceProperties('AWS::Lambda::Function', {
      Environment: { Variables: { CORS_ORIGIN: '*' } },
    });
  });
});
