/**
 * `explain`: runs the function's decision code on one token, and shows every check. Keys come from
 * the issuer and rows from the table, as in the function; only the clock can be set.
 */
import { parseConfig, type Config } from '../../lambda/settings/config.ts';
import { startDeadline } from '../../lambda/deadline.ts';
import { REASONS, type Decision, type DirectoryEvidence } from '../../lambda/decision.ts';
import { decideRequest } from '../../lambda/authorize.ts';
import { EXPLANATIONS, plainText } from '../../lambda/explanations.ts';
import { createDirectory, type Directory } from '../../lambda/users/directory.ts';
import { timestamp } from '../../lambda/settings/grammar.ts';
import { createKeySource } from '../../lambda/keys/key-source.ts';
import { decomposeUnverifiedJwt } from '../../lambda/token/jwt.ts';
import { ownMember } from '../../lambda/json.ts';
import type { AuthorizationRequest, EventKind } from '../../lambda/request/request.ts';
import { render } from '../../lambda/response/response.ts';
import { printable } from '../../lambda/telemetry/printable.ts';
import { createTableClient } from '../../lambda/users/table-client.ts';
import { bearerToken } from '../../lambda/request/token-source.ts';
import type { TrustedIssuer } from '../../lambda/token/token.ts';
import { tableClients } from '../aws.ts';
import { requireDeployment, type Deployment } from '../deployment.ts';
import { EXIT, usageError } from '../errors.ts';
import { explainSteps, type Findings } from './steps.ts';
import { columns, isoTime, type CommandResult } from '../output.ts';
import type { CommandContext } from '../run.ts';
import { serviceClock } from '../service-clock.ts';
import { readToken } from '../stdin.ts';
import { explainUser } from './explain-user.ts';

export interface ExplainOptions {
  readonly at?: string;
  /** In place of a token. */
  readonly user?: string;
  readonly issuer?: string;
  readonly namespace?: string;
  readonly hours: string;
}

/** Kinds of API. An AgentCore Gateway is answered with the request itself, which is not known here. */
type ApiKind = Exclude<EventKind, 'agentcore'>;
const API_KINDS = Object.keys({
  'rest-token': true,
  'rest-request': true,
  'http-v1': true,
  'http-v2': true,
  websocket: true,
  appsync: true,
} satisfies Record<ApiKind, true>) as readonly ApiKind[];
const MARKS = { passed: 'pass', failed: 'FAIL', unavailable: 'FAIL', not_reached: '-' } as const;
const EXIT_OF = {
  allow: EXIT.ok,
  unauthenticated: EXIT.no,
  forbidden: EXIT.no,
  unavailable: EXIT.failed,
} as const;

/** `explain`. */
export async function explain(
  { where }: CommandContext,
  options: ExplainOptions,
): Promise<CommandResult> {
  const { at, user } = options;
  requireOneSubject(options);
  const givenTime = at === undefined ? undefined : readTime(at);
  const deployment = await requireDeployment(where);
  const config = requireConfig(deployment);
  const now = givenTime ?? (await timeAt(deployment));
  if (user !== undefined) return explainUser({ ...options, user }, deployment, config, now);
  const findings = await investigate(await readToken(), config, deployment, now);
  const { decision, token, notices } = findings;
  const steps = explainSteps(findings);
  const answers = answersFor(decision, config, deployment);
  const { detail } = REASONS[decision.reason];
  const { meaning, remedy } = EXPLANATIONS[decision.reason];
  return {
    data: {
      outcome: decision.outcome,
      reason: decision.reason,
      detail,
      at: isoTime(Math.floor(now)),
      ...(token !== undefined && { user_id: token.userId }),
      steps,
      answers,
    },
    text: [
      ...columns(steps.map(({ step, status, facts }) => [MARKS[status], step, facts])),
      '',
      `${decision.outcome}: ${decision.reason} (${detail})`,
      plainText(meaning),
      ...(decision.outcome === 'allow' ? [] : [plainText(remedy)]),
      ...(token === undefined ? [] : [`user ${printable(token.userId)}`]),
      ...notices.map((notice) => `note: ${notice}`),
      '',
      ...describeAnswers(answers),
    ],
    exitCode: EXIT_OF[decision.outcome],
  };
}

/** Now, by the clock of AWS: a table that was named by itself has told no time yet. */
async function timeAt({ usersTable }: Deployment): Promise<number> {
  if (!serviceClock.isKnown) {
    const { tables } = await tableClients();
    const { DescribeTableCommand } = await import('@aws-sdk/client-dynamodb');
    // Where this fails, the look-up of the row is about to say why.
    await tables
      .send(new DescribeTableCommand({ TableName: usersTable.name }))
      .catch(() => undefined);
  }
  return serviceClock.now();
}

/** Runs the function's own checks, and keeps what they learn on the way. */
async function investigate(
  rawToken: string,
  config: Config,
  deployment: Deployment,
  now: number,
): Promise<Findings & { readonly notices: readonly string[] }> {
  const jwt = decomposeUnverifiedJwt(rawToken);
  // A fresh answer: what the function may remember for a while is not known here.
  const uncached = { ...config, userCacheTtlSeconds: 0 };
  const recorder = recording(createDirectory(uncached, createTableClient()));
  const request = requestOf('rest-request', bearerToken(`Bearer ${rawToken}`), deployment);
  const notices: string[] = [];
  const deadline = startDeadline(Infinity);
  try {
    const decision = await decideRequest(
      request,
      deadline,
      { directoryMs: undefined, keysMs: undefined, issuer: undefined },
      {
        config,
        issuers: trustedIssuers(config, jwt && ownMember(jwt.unverifiedPayload, 'iss')),
        directory: recorder.directory,
        telemetry: {
          staleKeys: () => notices.push('the issuer is down; an old key set verified the token'),
          tokenWithoutJti: () =>
            notices.push('the token has no jti and cannot be revoked individually'),
        },
        now: () => now,
      },
    );
    const token = 'token' in decision ? decision.token : undefined;
    return { decision, config, now, jwt, token, directory: recorder.evidence(), notices };
  } finally {
    deadline.clear();
  }
}

/** The directory, and what it answered last. */
function recording(directory: Directory): {
  readonly directory: Directory;
  readonly evidence: () => DirectoryEvidence | undefined;
} {
  let last: DirectoryEvidence | undefined;
  return {
    evidence: () => last,
    directory: {
      lookUp: async (...query) => (last = await directory.lookUp(...query)),
    },
  };
}

/** The keys of the one issuer that matters are fetched ahead, as a warm function has them. */
function trustedIssuers(
  config: Config,
  unverifiedIssuer: unknown,
): ReadonlyMap<string, TrustedIssuer> {
  return new Map(
    config.issuers.map((issuer) => {
      const keys = createKeySource(issuer, config);
      if (issuer.issuer === unverifiedIssuer) void keys.prefetch();
      return [issuer.issuer, { config: issuer, keys }];
    }),
  );
}

/** What each kind of API would be answered; an error that is thrown, by its name. */
function answersFor(
  decision: Decision,
  config: Config,
  deployment: Deployment,
): Readonly<Record<string, unknown>> {
  return Object.fromEntries(
    API_KINDS.map((kind) => {
      const request = requestOf(kind, { status: 'missing' }, deployment);
      const rendered = render(decision, request, config);
      return [
        kind,
        rendered.status === 'return' ? rendered.value : { throws: rendered.error.message },
      ];
    }),
  );
}

function requestOf(
  kind: EventKind,
  token: AuthorizationRequest['token'],
  { restApi }: Deployment,
): AuthorizationRequest {
  const region = process.env['AWS_REGION'] ?? 'us-east-1';
  const { apiId, stage } = restApi ?? { apiId: 'api-id', stage: 'stage' };
  return {
    kind,
    token,
    resource: `arn:aws:execute-api:${region}:123456789012:${apiId}/${stage}/*`,
    apiId,
    requestId: undefined,
    sourceIp: undefined,
  };
}

/** Kinds with the same answer share a line. */
function describeAnswers(answers: Readonly<Record<string, unknown>>): string[] {
  const kindsOf = new Map<string, string[]>();
  for (const [kind, answer] of Object.entries(answers)) {
    const text = JSON.stringify(answer);
    kindsOf.set(text, [...(kindsOf.get(text) ?? []), kind]);
  }
  return [...kindsOf].flatMap(([text, kinds]) => [`${kinds.join(', ')}:`, `  ${text}`]);
}

function requireConfig({ settings, name }: Deployment): Config {
  const result = parseConfig(settings);
  if (result.ok) return result.config;
  throw usageError(
    'settings_invalid',
    `The settings of ${name} are invalid: ${result.problems[0]}`,
    'Run rollcall doctor to list all problems, and fix them',
  );
}

/** A row has no past, and a token says itself who its user and its issuer are. */
function requireOneSubject({ user, at, issuer, namespace }: ExplainOptions): void {
  if (user !== undefined && at !== undefined) {
    throw usageError(
      'options_conflict',
      '--at needs a token, and --user has none',
      'Omit one of them',
    );
  }
  if (user === undefined && (issuer !== undefined || namespace !== undefined)) {
    throw usageError(
      'options_conflict',
      '--issuer and --namespace need --user: a token names its own issuer',
      'Add --user, or omit them',
    );
  }
}

function readTime(text: string): number {
  const parsed = timestamp(text);
  if (parsed.ok) return parsed.value;
  throw usageError(
    'time_invalid',
    `--at ${parsed.problem}`,
    'Write it in UTC, with a Z at its end',
  );
}
