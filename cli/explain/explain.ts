/**
 * `explain`: the deployed decision code, run here on one token, with its steps told. Keys come
 * from the issuer and rows from the table, as the function gets them; only the clock may be set.
 */
import { parseConfig, type Config } from '../../lambda/settings/config.ts';
import { startDeadline } from '../../lambda/deadline.ts';
import {
  decide,
  decideWithoutToken,
  REASONS,
  type Decision,
  type DirectoryEvidence,
} from '../../lambda/decision.ts';
import { createDirectory } from '../../lambda/users/directory.ts';
import { timestamp } from '../../lambda/settings/grammar.ts';
import { createKeySource } from '../../lambda/keys/key-source.ts';
import { decomposeUnverifiedJwt } from '../../lambda/token/jwt.ts';
import { ownMember } from '../../lambda/json.ts';
import type { AuthorizationRequest, EventKind } from '../../lambda/request/request.ts';
import { render } from '../../lambda/response/response.ts';
import { printable } from '../../lambda/telemetry/printable.ts';
import { createTableClient } from '../../lambda/users/table-client.ts';
import { bearerToken } from '../../lambda/request/token-source.ts';
import { verifyToken, type TrustedIssuer } from '../../lambda/token/token.ts';
import type { VerifiedToken } from '../../lambda/verified-token.ts';
import { requireDeployment, type Deployment } from '../deployment.ts';
import { EXIT, usageError } from '../errors.ts';
import { explainSteps, type Findings } from './steps.ts';
import { columns, isoTime, type CommandResult } from '../output.ts';
import type { CommandContext } from '../run.ts';
import { readToken } from '../stdin.ts';

export interface ExplainOptions {
  readonly at?: string;
}

const EVENT_KINDS: readonly EventKind[] = [
  'rest-token',
  'rest-request',
  'http-v1',
  'http-v2',
  'websocket',
  'appsync',
];
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
  { at }: ExplainOptions,
): Promise<CommandResult> {
  const now = at === undefined ? Date.now() / 1000 : readTime(at);
  const deployment = await requireDeployment(where);
  const config = requireConfig(deployment);
  const findings = await investigate(await readToken(), config, now);
  const { decision, token } = findings;
  const steps = explainSteps(findings);
  const answers = answersFor(decision, config, deployment);
  const { detail } = REASONS[decision.reason];
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
      ...(token === undefined ? [] : [`user ${printable(token.userId)}`]),
      '',
      ...describeAnswers(answers),
    ],
    exitCode: EXIT_OF[decision.outcome],
  };
}

/** Runs the sequence of `lambda/authorize.ts`, and keeps what it learns on the way. */
async function investigate(rawToken: string, config: Config, now: number): Promise<Findings> {
  const source = bearerToken(`Bearer ${rawToken}`);
  const jwt = decomposeUnverifiedJwt(rawToken);
  let token: VerifiedToken | undefined;
  let directory: DirectoryEvidence | undefined;
  let decision: Decision;
  const deadline = startDeadline(Infinity);
  try {
    if (source.status !== 'present') {
      const reason = source.status === 'too_large' ? 'token_too_large' : 'token_malformed';
      decision = decideWithoutToken({ status: 'rejected', reason });
    } else {
      const { evidence } = await verifyToken(source.token, {
        rules: config,
        issuers: trustedIssuers(config, jwt && ownMember(jwt.unverifiedPayload, 'iss')),
        now,
        deadline,
      });
      if (evidence.status === 'verified') {
        token = evidence.token;
        // A fresh answer: what the function may remember for a while is not known here.
        const uncached = { ...config, userCacheTtlSeconds: 0 };
        directory = await createDirectory(uncached, createTableClient()).lookUp(token, deadline);
        decision = decide(token, directory, config, now);
      } else {
        decision = decideWithoutToken(evidence);
      }
    }
  } finally {
    deadline.clear();
  }
  return { decision, config, now, jwt, token, directory };
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
  { restApi }: Deployment,
): Readonly<Record<string, unknown>> {
  const region = process.env['AWS_REGION'] ?? 'us-east-1';
  const { apiId, stage } = restApi ?? { apiId: 'api-id', stage: 'stage' };
  return Object.fromEntries(
    EVENT_KINDS.map((kind) => {
      const request: AuthorizationRequest = {
        kind,
        token: { status: 'missing' },
        resource: `arn:aws:execute-api:${region}:123456789012:${apiId}/${stage}/*`,
        apiId,
        requestId: undefined,
        sourceIp: undefined,
      };
      const rendered = render(decision, request, config);
      return [
        kind,
        rendered.status === 'return' ? rendered.value : { throws: rendered.error.message },
      ];
    }),
  );
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
    `The settings of ${name} have a problem: ${result.problems[0]}`,
    'Run rollcall doctor to see them all, and correct them',
  );
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
