/**
 * The inside of one execution environment: loads a function once and runs its handler for every
 * event that `function-runtime.ts` posts. Plain JavaScript, because a worker starts without any
 * loader. What the function prints travels over the same port as its results, so a log line never
 * arrives after the result of the invocation that wrote it.
 */
import { createRequire, Module } from 'node:module';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { types } from 'node:util';
import { parentPort, workerData } from 'node:worker_threads';

const { specifier, source, handlerName } = workerData;

function post(message) {
  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a port, not a window
  parentPort.postMessage(message);
}

function captureStream(name) {
  process[name].write = (chunk, encoding, callback) => {
    const text =
      typeof chunk === 'string' && encoding !== 'hex' && encoding !== 'base64'
        ? chunk
        : Buffer.from(chunk, typeof encoding === 'string' ? encoding : undefined).toString('utf8');
    post({ kind: 'output', stream: name, text });
    const done = typeof encoding === 'function' ? encoding : callback;
    if (done) process.nextTick(done);
    return true;
  };
}

/** What a thrown value becomes in Lambda's error response. */
function describe(error) {
  if (types.isNativeError(error)) {
    return {
      errorType: error.name,
      errorMessage: error.message,
      trace: (error.stack ?? '').split('\n'),
    };
  }
  return { errorType: typeof error, errorMessage: String(error), trace: [] };
}

/** Inline code is CommonJS unless it says `import` or `export`, and sees Node's own modules. */
async function load() {
  if (specifier !== undefined) return import(specifier);
  if (/^\s*(?:import|export)\b/mu.test(source)) {
    return import(`data:text/javascript,${encodeURIComponent(source)}`);
  }
  const file = path.join(tmpdir(), 'index.js');
  const module = new Module(file);
  module.require = createRequire(file);
  module._compile(source, file);
  return module.exports;
}

async function run(handler, { id, event, context, timeoutMs }) {
  const deadline = Date.now() + timeoutMs;
  try {
    const value = await handler(JSON.parse(event), {
      ...context,
      callbackWaitsForEmptyEventLoop: true,
      getRemainingTimeInMillis: () => Math.max(0, deadline - Date.now()),
    });
    post({ kind: 'result', id, value: JSON.stringify(value) ?? 'null' });
  } catch (error) {
    post({ kind: 'failure', id, ...describe(error) });
  }
}

captureStream('stdout');
captureStream('stderr');
process.on('unhandledRejection', (error) => {
  const { errorMessage, trace } = describe(error);
  post({ kind: 'crash', errorType: 'Runtime.UnhandledPromiseRejection', errorMessage, trace });
  process.exit(128);
});
process.on('uncaughtException', (error) => {
  post({ kind: 'crash', ...describe(error) });
  process.exit(129);
});

try {
  const loaded = await load();
  const handler = loaded[handlerName] ?? loaded.default?.[handlerName];
  if (typeof handler !== 'function') {
    const error = new Error(`${handlerName} is undefined or not exported`);
    error.name = 'Runtime.HandlerNotFound';
    throw error;
  }
  parentPort.on('message', (message) => {
    void run(handler, message);
  });
  post({ kind: 'ready' });
} catch (error) {
  post({ kind: 'crash', ...describe(error) });
}
