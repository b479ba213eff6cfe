/** What the build makes of the SDK: published files, and none of the SDK's settings taken away. */
import { build } from 'esbuild';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { BUNDLE_OPTIONS, bundleAuthorizer } from '../../tools/build.ts';

/** Prints the endpoint that the client would ask, and the region that it would sign for. */
const PROBE = `
  import { createTableClient } from './lambda/users/table-client.ts';
  const { config } = createTableClient();
  const endpoint = config.isCustomEndpoint || config.endpoint
    ? await config.endpoint()
    : config.endpointProvider({
        Region: await config.region(),
        UseFIPS: await config.useFipsEndpoint(),
        UseDualStack: await config.useDualstackEndpoint(),
      });
  console.log(JSON.stringify({
    host: endpoint.url?.hostname ?? endpoint.hostname,
    region: await config.region(),
  }));`;

let folder: string;
let probe: string;

beforeAll(async () => {
  folder = mkdtempSync(path.join(tmpdir(), 'rollcall-build-'));
  probe = path.join(folder, 'probe.mjs');
  await build({
    ...BUNDLE_OPTIONS,
    mainFields: [...BUNDLE_OPTIONS.mainFields],
    plugins: [...BUNDLE_OPTIONS.plugins],
    stdin: { contents: PROBE, resolveDir: BUNDLE_OPTIONS.absWorkingDir, loader: 'ts' },
    outfile: probe,
  });
});

afterAll(() => rmSync(folder, { recursive: true }));

function run(env: Readonly<Record<string, string>>): unknown {
  const { stdout, stderr } = spawnSync(process.execPath, [probe], { encoding: 'utf8', env });
  return stdout === '' ? stderr : JSON.parse(stdout);
}

it('takes the region from AWS_REGION', () => {
  expect(run({ AWS_REGION: 'eu-west-3' })).toEqual({
    host: 'dynamodb.eu-west-3.amazonaws.com',
    region: 'eu-west-3',
  });
});

it("uses the names of the region's own partition", () => {
  expect(run({ AWS_REGION: 'cn-north-1' })).toMatchObject({
    host: 'dynamodb.cn-north-1.amazonaws.com.cn',
  });
});

it('takes FIPS endpoints with AWS_USE_FIPS_ENDPOINT', () => {
  expect(run({ AWS_REGION: 'us-east-1', AWS_USE_FIPS_ENDPOINT: 'true' })).toMatchObject({
    host: 'dynamodb-fips.us-east-1.amazonaws.com',
  });
});

it('takes dual-stack endpoints with AWS_USE_DUALSTACK_ENDPOINT', () => {
  expect(run({ AWS_REGION: 'eu-west-1', AWS_USE_DUALSTACK_ENDPOINT: 'true' })).toMatchObject({
    host: 'dynamodb.eu-west-1.api.aws',
  });
});

it('says that there is no region when AWS_REGION is unset', () => {
  expect(run({})).toContain('Region is missing');
});

it('has every file of a dependency as it was published', async () => {
  const { metafile } = await bundleAuthorizer(path.join(folder, 'whole.mjs'));
  const foreign = Object.keys(metafile.inputs).filter(
    (input) => !/^(?:lambda|node_modules)\//u.test(input) && !input.startsWith('builtin-module'),
  );
  expect(foreign).toEqual([]);
});

it('leaves out one package as a whole, the default credential chain', () => {
  expect(BUNDLE_OPTIONS.alias).toEqual({
    '@aws-sdk/credential-provider-node': './lambda/users/credentials.ts',
  });
});

it('makes the same bundle twice', async () => {
  const files = [path.join(folder, 'one.mjs'), path.join(folder, 'two.mjs')];
  for (const file of files) await bundleAuthorizer(file);
  const [one, two] = files.map((file) => readFileSync(file, 'utf8'));
  expect(one === two).toBe(true);
});

it('makes a bundle of ASCII alone', async () => {
  const { file } = await bundleAuthorizer(path.join(folder, 'ascii.mjs'));
  expect(readFileSync(file, 'utf8').search(/[^\p{ASCII}]/u)).toBe(-1);
});

it('makes a bundle that imports nothing', async () => {
  const { metafile } = await bundleAuthorizer(path.join(folder, 'alone.mjs'));
  expect(Object.values(metafile.outputs).flatMap((output) => output.imports)).toEqual([]);
});
