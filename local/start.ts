/** `npm start`: builds, synthesizes and serves the stack on loopback until it is interrupted. */
import { mkdir, mkdtemp, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import { buildAuthorizer } from '../tools/build.ts';
import { DEFAULT_PORT, HELP, readArguments, UsageError } from './arguments.ts';
import { startConsole } from './console/server.ts';
import { listen, portAfter, PortTakenError } from './runtime/listen.ts';
import { startLocalStack } from './stack.ts';
import { giveBackState, readState, writeState } from './state-file.ts';
import { LOCAL_DIRECTORY, PROJECT_ROOT, SynthesisError } from './template/synthesize.ts';
import { assembleOwnApp } from './template/own-app.ts';
import { UnsupportedTemplateError } from './template/properties.ts';
import { introduce, introduceOwnApp, narrate } from './terminal.ts';

async function main(): Promise<void> {
  const { help, strict, port, settings, stateFile, app } = readArguments(process.argv.slice(2));
  if (help) {
    console.log(HELP);
    return;
  }
  // Checked before the build, so that a taken port fails at once.
  if (port !== undefined) await (await listen(() => undefined, { port })).close();
  console.log('Building the function and synthesizing the stack …');
  await build();
  const unsupported: string[] = [];
  const stack = await startLocalStack({
    strict,
    settings,
    port: { port: port ?? DEFAULT_PORT, orNextFree: port === undefined },
    ...(app !== undefined && {
      assemble: (chosen: Readonly<Record<string, string>>) => assembleOwnApp(app, chosen),
      onUnsupported: (problem: string) => unsupported.push(problem),
    }),
  });
  const interrupted = new Promise<void>((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => resolve());
  });
  // On its own origin. It knows only the routes of Rollcall's own stack.
  const page =
    app === undefined
      ? await startConsole(
          {
            ...stack,
            configure: async (changes) => {
              await stack.configure(changes);
              if (readState(stateFile)?.pid === process.pid) writeState(stack, stateFile);
            },
          },
          { port: portAfter(Number(new URL(stack.url).port)) },
        )
      : undefined;
  const other = readState(stateFile);
  writeState(stack, stateFile);
  if (other !== undefined) {
    console.log(
      `\nUntil this stack stops, rollcall --local uses it instead of the stack at ${other.url}.`,
    );
  }
  if (page === undefined) {
    introduceOwnApp(stack, unsupported, console.log);
  } else {
    console.log(`\nSee it work at ${page.url}`);
    await introduce(stack, console.log);
  }
  narrate(stack, console.log, (error) => {
    console.error('The local gateway failed:', error);
  });
  await interrupted;
  console.log('\nStopping.');
  giveBackState(other, stateFile);
  await page?.close();
  await stack.close();
}

/** Replaces the bundle atomically, because another process may be reading it. */
async function build(): Promise<void> {
  const target = path.join(PROJECT_ROOT, 'dist', 'authorizer', 'index.mjs');
  await mkdir(path.dirname(target), { recursive: true });
  await mkdir(LOCAL_DIRECTORY, { recursive: true });
  const directory = await mkdtemp(path.join(LOCAL_DIRECTORY, 'build-'));
  try {
    await rename(await buildAuthorizer(path.join(directory, 'index.mjs')), target);
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

// Turns off the SDK's warning about the Node version of future releases.
process.env['AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED'] ??= 'true';

try {
  await main();
} catch (error) {
  const expected = [UsageError, PortTakenError, SynthesisError, UnsupportedTemplateError].some(
    (kind) => error instanceof kind,
  );
  console.error(expected && error instanceof Error ? error.message : error);
  if (error instanceof UsageError) console.error('See --help.');
  process.exitCode = error instanceof UsageError ? 2 : 1;
}
