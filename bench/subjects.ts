/**
 * What is compared, and how each is bundled. Rollcall's bundle is the very file that deploys. Each
 * peer is bundled by esbuild, minified, with the SDK inside, in two ways: `default`, as esbuild and
 * CDK's `NodejsFunction` do it for Node (CommonJS), and `tuned` like Rollcall's own (an ES module,
 * `mainFields: module,main`).
 */
import { build } from 'esbuild';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import { buildAuthorizer } from '../tools/build.ts';

export type PeerId = 'a' | 'b' | 'c' | 'd';
export type Bundling = 'default' | 'tuned';

export interface Subject {
  readonly id: 'rollcall' | PeerId;
  readonly name: string;
  readonly bundling: Bundling;
  readonly file: string;
  readonly bytes: number;
  readonly gzipBytes: number;
}

/** The authorizer that most would write: AWS's own packages, nothing else. */
export const PLAIN_PEER = 'b';
/** The authorizer of the most copied samples. */
export const SAMPLE_PEER = 'c';

const PEERS = [
  { id: 'a', name: 'aws-jwt-verify, no table', entry: 'aws-jwt-verify' },
  { id: 'b', name: 'aws-jwt-verify + DynamoDB', entry: 'aws-jwt-verify-dynamodb' },
  { id: 'c', name: 'jsonwebtoken + jwks-rsa + DynamoDB', entry: 'jsonwebtoken-dynamodb' },
  { id: 'd', name: 'jose + DynamoDB', entry: 'jose-dynamodb' },
] as const;

/** An ES module has no `require`, which CommonJS packages inside it call for Node's modules. */
export const REQUIRE_IN_ESM =
  "import{createRequire}from'node:module';const require=createRequire(import.meta.url);";

const peersDir = path.join(import.meta.dirname, 'peers');

/** Builds everything: Rollcall first, then each peer in both ways. */
export async function buildSubjects(): Promise<readonly Subject[]> {
  const rollcall = weigh('rollcall', 'Rollcall', 'tuned', await buildAuthorizer());
  const peers = await Promise.all(
    PEERS.flatMap(({ id, name, entry }) =>
      (['default', 'tuned'] as const).map(async (bundling) =>
        weigh(id, name, bundling, await buildPeer(entry, bundling)),
      ),
    ),
  );
  return [rollcall, ...peers];
}

async function buildPeer(entry: string, bundling: Bundling): Promise<string> {
  const tuned = bundling === 'tuned';
  const outfile = path.join(peersDir, 'dist', `${entry}.${tuned ? 'mjs' : 'cjs'}`);
  await build({
    absWorkingDir: peersDir,
    entryPoints: [`${entry}.mjs`],
    outfile,
    bundle: true,
    minify: true,
    platform: 'node',
    target: 'node20',
    ...(tuned && { format: 'esm', mainFields: ['module', 'main'] }),
    ...(tuned && entry.startsWith('jsonwebtoken') && { banner: { js: REQUIRE_IN_ESM } }),
    legalComments: 'none',
    logLevel: 'warning',
  });
  return outfile;
}

function weigh(id: Subject['id'], name: string, bundling: Bundling, file: string): Subject {
  const content = readFileSync(file);
  const gzipBytes = gzipSync(content, { level: 9 }).length;
  return { id, name, bundling, file, bytes: content.length, gzipBytes };
}
