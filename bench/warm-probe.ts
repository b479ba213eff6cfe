/**
 * The warm path, in one process: whole decisions against the least that any authorizer needs, the
 * verification of the same signature by `crypto.verify`. Receives the servers' addresses by IPC,
 * answers by IPC, and prints log lines to a standard output that nobody reads.
 */
import { DynamoDBClient, GetItemCommand } from '@aws-sdk/client-dynamodb';
import { createPublicKey, verify, type JsonWebKey, type KeyObject } from 'node:crypto';
import { once } from 'node:events';
import { createAuthorize, type Authorize } from '../lambda/authorize.ts';
import { parseConfig } from '../lambda/settings/config.ts';
import { createDirectory } from '../lambda/users/directory.ts';
import { createKeySource } from '../lambda/keys/key-source.ts';
import { createTableClient } from '../lambda/users/table-client.ts';
import { createTelemetry, type Telemetry } from '../lambda/telemetry/telemetry.ts';
import type { ServersReady } from './servers.ts';

/** Microseconds per call; samples of one index were taken one after the other. */
export interface WarmSamples {
  readonly byAlgorithm: Readonly<
    Record<Algorithm, { readonly verify: number[]; readonly decision: number[] }>
  >;
  /** What writing the decision line takes. */
  readonly line: number[];
  readonly table: { readonly bare: number[]; readonly decision: number[] };
}

type Algorithm = keyof ServersReady['tokens'];

const BLOCK = 50;
const BLOCKS = 400;
const TABLE_BLOCK = 5;
const TABLE_BLOCKS = 300;
const WARM_UP_CALLS = 4000;
const HASHES = { RS256: 'sha256', ES256: 'sha256', EdDSA: null } as const;

const silent: Telemetry = {
  decided: () => undefined,
  tokenWithoutJti: () => undefined,
  staleKeys: () => undefined,
  ephemeralStorageWithBootstrap: () => undefined,
  misconfigured: () => undefined,
  requestHeadersNotPassed: () => undefined,
  internalError: (error) => {
    throw error;
  },
};

const now = () => Date.now() / 1000;

function createHandler(env: Readonly<Record<string, string>>, telemetry: Telemetry): Authorize {
  const result = parseConfig(env);
  if (!result.ok) throw new Error(result.problems.join('; '));
  const { config } = result;
  return createAuthorize({
    config,
    issuers: new Map(
      config.issuers.map((issuer) => [
        issuer.issuer,
        {
          config: issuer,
          keys: createKeySource(issuer, config),
        },
      ]),
    ),
    directory: createDirectory(config, createTableClient()),
    telemetry,
    now,
  });
}

function eventWith(token: string): unknown {
  return {
    type: 'TOKEN',
    authorizationToken: `Bearer ${token}`,
    methodArn: 'arn:aws:execute-api:eu-central-1:111122223333:abc123defg/prod/GET/orders/42',
  };
}

/** Microseconds per call, over `calls` calls. */
async function time(calls: number, call: () => unknown): Promise<number> {
  const started = performance.now();
  for (let index = 0; index < calls; index += 1) await call();
  return ((performance.now() - started) * 1000) / calls;
}

async function publicKeys(jwksUri: string): Promise<ReadonlyMap<string, KeyObject>> {
  const { keys } = (await (await fetch(jwksUri)).json()) as { keys: JsonWebKey[] };
  return new Map(
    keys.map((key) => [key['alg'] as string, createPublicKey({ key, format: 'jwk' })]),
  );
}

/** `crypto.verify` of a token's signature, with all that can be prepared prepared. */
function rawVerification(token: string, algorithm: Algorithm, key: KeyObject): () => boolean {
  const end = token.lastIndexOf('.');
  const data = Buffer.from(token.slice(0, end));
  const signature = Buffer.from(token.slice(end + 1), 'base64url');
  const options = { key, dsaEncoding: 'ieee-p1363' } as const;
  return () => verify(HASHES[algorithm], data, options, signature);
}

async function inPairs(
  blocks: number,
  calls: number,
  first: () => unknown,
  second: () => unknown,
): Promise<[number[], number[]]> {
  const samples: [number[], number[]] = [[], []];
  for (let block = 0; block < blocks; block += 1) {
    samples[0].push(await time(calls, first));
    samples[1].push(await time(calls, second));
  }
  return samples;
}

async function measure(ready: ServersReady): Promise<WarmSamples> {
  const { env, tokens } = ready;
  Object.assign(process.env, env);
  const keys = await publicKeys(env['JWKS_URI'] ?? '');
  const cached = createHandler({ ...env, USER_CACHE_TTL_SECONDS: '3600' }, silent);
  const byAlgorithm = {} as Record<Algorithm, { verify: number[]; decision: number[] }>;
  for (const algorithm of ['ES256', 'EdDSA', 'RS256'] as const) {
    const key = keys.get(algorithm);
    if (key === undefined) throw new Error(`No ${algorithm} key`);
    const raw = rawVerification(tokens[algorithm], algorithm, key);
    if (!raw()) throw new Error('The signature is wrong');
    const event = eventWith(tokens[algorithm]);
    await time(WARM_UP_CALLS, raw);
    await time(WARM_UP_CALLS, () => cached(event));
    const [verified, decided] = await inPairs(BLOCKS, BLOCK, raw, () => cached(event));
    byAlgorithm[algorithm] = { verify: verified, decision: decided };
  }
  return {
    byAlgorithm,
    line: await measureLine(env, tokens),
    table: await measureTable(env, tokens, keys),
  };
}

/** What a decision takes longer with its line than without. */
async function measureLine(
  env: ServersReady['env'],
  tokens: ServersReady['tokens'],
): Promise<number[]> {
  const result = parseConfig(env);
  if (!result.ok) throw new Error('The settings are bad');
  const telemetry = createTelemetry(result.config);
  let record: Parameters<Telemetry['decided']> | undefined;
  const capture = createHandler(env, { ...silent, decided: (...args) => (record = args) });
  await capture(eventWith(tokens.RS256));
  const write = () => record && telemetry.decided(...record);
  await time(WARM_UP_CALLS, write);
  const samples: number[] = [];
  for (let block = 0; block < BLOCKS; block += 1) samples.push(await time(BLOCK, write));
  return samples;
}

async function measureTable(
  env: ServersReady['env'],
  tokens: ServersReady['tokens'],
  keys: ReadonlyMap<string, KeyObject>,
): Promise<WarmSamples['table']> {
  const key = keys.get('RS256');
  if (key === undefined) throw new Error('No RS256 key');
  const raw = rawVerification(tokens.RS256, 'RS256', key);
  const client = new DynamoDBClient();
  const names = [
    'user_id',
    'is_active',
    'is_admin',
    'tokens_valid_after',
    'email',
    'full_name',
    'roles',
  ];
  const bare = async () => {
    raw();
    await client.send(
      new GetItemCommand({
        TableName: env['USERS_TABLE_NAME'] ?? '',
        Key: { user_id: { S: 'alice' } },
        ConsistentRead: true,
        ProjectionExpression: names.map((_, index) => `#${index}`).join(', '),
        ExpressionAttributeNames: Object.fromEntries(
          names.map((name, index) => [`#${index}`, name]),
        ),
      }),
    );
  };
  const uncached = createHandler(env, silent);
  const event = eventWith(tokens.RS256);
  await inPairs(100, TABLE_BLOCK, bare, () => uncached(event));
  const [bareSamples, decision] = await inPairs(TABLE_BLOCKS, TABLE_BLOCK, bare, () =>
    uncached(event),
  );
  return { bare: bareSamples, decision };
}

const [ready] = (await once(process, 'message')) as [ServersReady];
process.send?.(await measure(ready));
process.disconnect();
