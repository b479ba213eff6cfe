/**
 * Parts of the SDK that an authorizer in Lambda never uses, and what stands in the bundle
 * instead of them. Each is one file of one package. Where the real part could be asked for after
 * all, its stand-in says so with an error and does nothing else.
 */
import type { Plugin } from 'esbuild';
import { readFile } from 'node:fs/promises';
import { dirname } from 'node:path';

interface Replacement {
  /** The end of the file's path. */
  readonly file: string;
  readonly reason: string;
  /** What stands in its place, or what becomes of the original. */
  readonly contents: string | ((original: string) => string);
}

const REPLACEMENTS: readonly Replacement[] = [
  {
    file: '@aws-sdk/credential-provider-node/dist-es/index.js',
    reason:
      'The default chain (profiles, SSO, processes, STS, instance metadata) is a third of the ' +
      'bundle; `lambda/users/credentials.ts` is given to the client in its place.',
    contents: `export const defaultProvider = () => async () => {
      throw new Error('The credentials come from lambda/users/credentials.ts');
    };`,
  },
  {
    file: '@smithy/core/dist-es/submodules/config/node-config-provider/configLoader.js',
    reason:
      'Lambda has no ~/.aws: settings come from the environment alone. Reads no files, and makes ' +
      'no error object for every variable that is unset.',
    contents: `export const loadConfig = (selectors, options) => {
      let value;
      return async () => (value ??= Promise.resolve(
        selectors.environmentVariableSelector(process.env, options) ??
          (typeof selectors.default === 'function' ? selectors.default() : selectors.default),
      ));
    };`,
  },
  {
    file: '@aws-sdk/core/dist-es/submodules/protocols/json/AwsJson1_0Protocol.js',
    reason:
      '`lambda/users/table-protocol.ts` is given to the client in its place: an eighth of the bundle, ' +
      'which runs every answer through schemas.',
    contents: 'export class AwsJson1_0Protocol {}',
  },
  {
    file: '@aws-sdk/dynamodb-codec/dist-es/index.js',
    reason: 'A part of that protocol.',
    contents: 'export class DynamoDBJsonCodec2 {}',
  },
  {
    file: '@aws-sdk/client-dynamodb/dist-es/schemas/schemas_0.js',
    reason:
      'What that protocol knows of shapes and of 30 kinds of errors. Ours asks for the name of ' +
      'an operation (9 in a schema).',
    contents: (original) =>
      [...original.matchAll(/^export var (\w+)\$ = \[9, /gm)]
        .map(([, name]) => `export const ${name}$ = [9, '', '${name}', 0, noShape, noShape];`)
        .concat("const noShape = () => 'unit';", 'export const errorTypeRegistries = [];')
        .join('\n'),
  },
  {
    file: '@smithy/core/dist-es/submodules/event-streams/index.js',
    reason:
      'DynamoDB has no event streams. The SDK imports them dynamically, which would keep the ' +
      'bundler from joining whatever they share with the rest.',
    contents: `const unused = () => { throw new Error('DynamoDB has no event streams'); };
      export const EventStreamSerde = unused;
      export const eventStreamSerdeProvider = unused;`,
  },
  {
    file: '@smithy/core/dist-es/submodules/serde/util-stream/sdk-stream-mixin.browser.js',
    reason: "For Web Streams; Node's own client never makes one.",
    contents: `export const sdkStreamMixin = () => {
      throw new Error('The answer is a stream of Node');
    };`,
  },
  {
    file: '@aws-sdk/client-dynamodb/package.json',
    reason: 'All that is used of it is the version.',
    contents: (original) => {
      const { version } = JSON.parse(original) as { version: string };
      return `export default ${JSON.stringify({ version })};`;
    },
  },
  {
    file: '@smithy/core/dist-es/submodules/checksum/sha256/Sha256Js.js',
    reason: 'For a Node without OpenSSL.',
    contents: 'export class Sha256Js {}',
  },
  {
    file: '@smithy/core/dist-es/submodules/retry/util-retry/DefaultRateLimiter.js',
    reason: 'For the adaptive retry mode; tries are made by `lambda/users/directory.ts`.',
    contents: 'export class DefaultRateLimiter {}',
  },
  {
    file: '@aws-sdk/endpoint-cache/dist-es/index.js',
    reason: 'Only endpoint discovery uses it, which DynamoDB has never required.',
    contents: 'export class EndpointCache {}',
  },
  {
    file: '@aws-sdk/core/dist-es/submodules/client/emitWarningIfUnsupportedVersion.js',
    reason: 'Warns of the Node version, which whoever operates the function does not choose.',
    contents: `export const state = { warningEmitted: true };
      export const emitWarningIfUnsupportedVersion = () => undefined;`,
  },
  {
    file: '@smithy/core/dist-es/submodules/serde/uuid/v4.js',
    reason: 'The global `crypto` loads Web Cryptography; `node:crypto` has the same function.',
    contents: `import { randomUUID } from 'node:crypto';
      export const bindV4 = () => () => randomUUID();`,
  },
  {
    file: '@smithy/core/dist-es/submodules/serde/util-body-length/calculateBodyLength.js',
    reason: 'A request to DynamoDB is text; to ask for file streams loads the streams of `fs`.',
    contents: `export const calculateBodyLength = (body) => {
      if (typeof body === 'string') return Buffer.byteLength(body);
      if (typeof body?.byteLength === 'number') return body.byteLength;
      if (!body) return 0;
      throw new Error('A request to DynamoDB is text or bytes');
    };`,
  },
];

/**
 * Globals whose mere mention makes Node load Web Streams (2 ms). The SDK asks whether a body is
 * one of them; in Node it is a stream of Node's.
 */
export const ABSENT_GLOBALS = { ReadableStream: 'undefined', Blob: 'undefined' } as const;

/** Puts the replacements in place; fails the build when one of them no longer fits the SDK. */
export const replacements: Plugin = {
  name: 'replacements',
  setup(build) {
    const used = new Set<string>();
    for (const { file, contents } of REPLACEMENTS) {
      const filter = new RegExp(`/node_modules/${file.replaceAll('.', '\\.')}$`);
      build.onLoad({ filter }, async ({ path }) => {
        const original = await readFile(path, 'utf8');
        const replaced = typeof contents === 'string' ? contents : contents(original);
        if (replaced !== original) used.add(file);
        return { contents: replaced, loader: 'js', resolveDir: dirname(path) };
      });
    }
    build.onEnd(() => ({
      errors: REPLACEMENTS.filter(({ file }) => !used.has(file)).map(({ file, reason }) => ({
        text: `Nothing to replace: ${file} is not in the bundle. It was replaced because: ${reason}`,
      })),
    }));
  },
};
