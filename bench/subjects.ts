/**
 * What is compared, and how each is bundled. Rollcall's bundle is the very file that deploys.
 * Each peer is bundled as its users do with esbuild (what CDK's `NodejsFunction` calls):
 * minified, for Node 20, the SDK included, once as an ES module with `mainFields: module,main`
 * and once as CommonJS; the format in which the peer starts faster is the one that counts.
 */
import { build } from 'esbuild';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import { buildAuthorizer } from '../tools/build.ts';

export type SubjectId = 'rollcall' | 'a' | 'b' | 'c' | 'd';
export type Format = 'esm' | 'cjs';

export interface Subject {
  readonly id: SubjectId;
  readonly name: string;
  readonly format: Format;
  readonly file: string;
  readonly bytes: number;
  readonly gzipBytes: number;
}

const PEERS = [
  { id: 'a', name: 'aws-jwt-verify, no table', entry: 'aws-jwt-verify' },
  { id: 'b', name: 'aws-jwt-verify + DynamoDB', entry: 'aws-jwt-verify-dynamodb' },
  { id: 'c', name: 'jsonwebtoken + jwks-rsa + DynamoDB', entry: 'jsonwebtoken-dynamodb' },
  { id: 'd', name: 'jose + DynamoDB', entry: 'jose-dynamodb' },
] as const;

/** An ES module has no `require`, which CommonJS packages inside it call for Node's modules. */
const REQUIRE_IN_ESM =
  "import{createRequire}from'node:module';const require=createRequire(import.meta.url);";

const peersDir = path.join(import.meta.dirname, 'peers');

/** Builds everything: Rollcall first, then each peer in both formats. */
export async function buildSubjects(): Promise<readonly Subject[]> {
  const rollcall = weigh('rollcall', 'Rollcall', 'esm', await buildAuthorizer());
  const peers = await Promise.all(
    PEERS.flatMap(({ id, name, entry }) =>
      (['esm', 'cjs'] as const).map(async (format) =>
        weigh(id, name, format, await buildPeer(entry, format)),
      ),
    ),
  );
  return [rollcall, ...peers];
}

async function buildPeer(entry: string, format: Format): Promise<string> {
  const outfile = path.join(peersDir, 'dist', `${entry}.${format === 'esm' ? 'mjs' : 'cjs'}`);
  await build({
    absWorkingDir: peersDir,
    entryPoints: [`${entry}.mjs`],
    outfile,
    bundle: true,
    minify: true,
    platform: 'node',
    target: 'node20',
    format,
    ...(format === 'esm' && { mainFields: ['module', 'main'] }),
    ...(format === 'esm' && entry.startsWith('jsonwebtoken')
      ? { banner: { js: REQUIRE_IN_ESM } }
      : {}),
    legalComments: 'none',
    logLevel: 'warning',
  });
  return outfile;
}

function weigh(id: SubjectId, name: string, format: Format, file: string): Subject {
  const content = readFileSync(file);
  const gzipBytes = gzipSync(content, { level: 9 }).length;
  return { id, name, format, file, bytes: content.length, gzipBytes };
}
