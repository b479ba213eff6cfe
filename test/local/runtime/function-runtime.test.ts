import { FunctionRuntime, type FunctionOptions } from '../../../local/runtime/function-runtime.ts';
import { EventEmitter, once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

const runtimes: FunctionRuntime[] = [];

async function start(source: string, options: Partial<FunctionOptions> = {}) {
  const runtime = await FunctionRuntime.start({ source, env: {}, ...options });
  runtimes.push(runtime);
  return runtime;
}

afterEach(async () => {
  await Promise.all(runtimes.splice(0).map((runtime) => runtime.close()));
});

describe('what runs', () => {
  it('runs CommonJS source', async () => {
    const runtime = await start('exports.handler = async (event) => ({ got: event.n });');
    expect(await runtime.invoke({ n: 1 })).toEqual({ ok: true, value: { got: 1 } });
  });

  it('runs ESM source that imports a module of Node', async () => {
    const runtime = await start(
      `import { createHash } from 'node:crypto';
       export const handler = async () => createHash('sha256').update('').digest('hex').slice(0, 8);`,
    );
    expect(await runtime.invoke({})).toEqual({ ok: true, value: 'e3b0c442' });
  });

  it('runs CommonJS source that requires a module of Node', async () => {
    const runtime = await start(
      `const os = require('node:os'); exports.handler = async () => typeof os.cpus;`,
    );
    expect(await runtime.invoke({})).toEqual({ ok: true, value: 'function' });
  });

  it('runs an ES module file', async () => {
    const directory = mkdtempSync(path.join(tmpdir(), 'runtime-'));
    const file = path.join(directory, 'index.mjs');
    writeFileSync(file, 'export const handler = async () => import.meta.url.length > 0;');
    const runtime = await FunctionRuntime.start({ file, env: {} });
    runtimes.push(runtime);
    expect(await runtime.invoke({})).toEqual({ ok: true, value: true });
    rmSync(directory, { recursive: true });
  });

  it('takes the export that handlerName names', async () => {
    const runtime = await start('exports.main = async () => 1;', { handlerName: 'main' });
    expect(await runtime.invoke({})).toEqual({ ok: true, value: 1 });
  });

  it('passes events and results as JSON', async () => {
    const runtime = await start(
      'exports.handler = async (event) => ({ keys: Object.keys(event), gone: undefined, at: new Date(0) });',
    );
    expect(await runtime.invoke({ a: 1, b: undefined })).toEqual({
      ok: true,
      value: { keys: ['a'], at: '1970-01-01T00:00:00.000Z' },
    });
  });

  it('returns null for a handler that returns nothing', async () => {
    const runtime = await start('exports.handler = async () => {};');
    expect(await runtime.invoke({})).toEqual({ ok: true, value: null });
  });
});

describe('environment', () => {
  it('gives the function the environment it was given and nothing else', async () => {
    const runtime = await start('exports.handler = async () => ({ ...process.env });', {
      env: { MODE: 'one' },
    });
    expect(await runtime.invoke({})).toEqual({ ok: true, value: { MODE: 'one' } });
  });

  it('keeps two functions apart', async () => {
    const source = 'const mode = process.env.MODE; exports.handler = async () => mode;';
    const one = await start(source, { env: { MODE: 'one' } });
    const two = await start(source, { env: { MODE: 'two' } });
    const results = await Promise.all([one.invoke({}), two.invoke({})]);
    expect(results).toEqual([
      { ok: true, value: 'one' },
      { ok: true, value: 'two' },
    ]);
  });

  it('keeps the module state from one invocation to the next', async () => {
    const runtime = await start('let n = 0; exports.handler = async () => ++n;');
    await runtime.invoke({});
    expect(await runtime.invoke({})).toEqual({ ok: true, value: 2 });
  });

  it('starts cold with a new environment after an update', async () => {
    const runtime = await start(
      'let n = 0; exports.handler = async () => [process.env.MODE, ++n];',
      {
        env: { MODE: 'one' },
      },
    );
    await runtime.invoke({});
    runtime.updateEnvironment({ MODE: 'two' });
    expect(await runtime.invoke({})).toEqual({ ok: true, value: ['two', 1] });
  });

  it('lets an invocation in flight finish when the environment is replaced', async () => {
    const runtime = await start(
      'exports.handler = async () => { await new Promise((r) => setTimeout(r, 50)); return process.env.MODE; };',
      { env: { MODE: 'one' } },
    );
    const first = runtime.invoke({});
    runtime.updateEnvironment({ MODE: 'two' });
    expect(await Promise.all([first, runtime.invoke({})])).toEqual([
      { ok: true, value: 'one' },
      { ok: true, value: 'two' },
    ]);
  });
});

describe('context', () => {
  it('carries the request id and the function name', async () => {
    const runtime = await start(
      'exports.handler = async (event, context) => [context.awsRequestId, context.functionName];',
      { functionName: 'doorman' },
    );
    expect(await runtime.invoke({}, { context: { awsRequestId: 'r-1' } })).toEqual({
      ok: true,
      value: ['r-1', 'doorman'],
    });
  });

  it('counts the remaining time down from the timeout', async () => {
    const runtime = await start(
      'exports.handler = async (event, context) => { const ms = context.getRemainingTimeInMillis(); return ms > 1000 && ms <= 5000; };',
      { timeoutMs: 5000 },
    );
    expect(await runtime.invoke({})).toEqual({ ok: true, value: true });
  });

  it('counts the remaining time down from what the caller says', async () => {
    const runtime = await start(
      'exports.handler = async (event, context) => context.getRemainingTimeInMillis() <= 200;',
    );
    expect(await runtime.invoke({}, { context: { remainingTimeMs: 200 } })).toEqual({
      ok: true,
      value: true,
    });
  });
});

describe('failures', () => {
  it('reports a thrown error by name and message', async () => {
    const runtime = await start(`exports.handler = async () => { throw new TypeError('no'); };`);
    expect(await runtime.invoke({})).toMatchObject({
      ok: false,
      errorType: 'TypeError',
      errorMessage: 'no',
    });
  });

  it('reports a thrown value that is no error', async () => {
    const runtime = await start(`exports.handler = async () => { throw 'Unauthorized'; };`);
    expect(await runtime.invoke({})).toMatchObject({
      ok: false,
      errorType: 'string',
      errorMessage: 'Unauthorized',
    });
  });

  it('keeps the environment after a thrown error', async () => {
    const runtime = await start(
      `let n = 0; exports.handler = async (event) => { n += 1; if (event.fail) throw new Error('no'); return n; };`,
    );
    await runtime.invoke({ fail: true });
    expect(await runtime.invoke({})).toEqual({ ok: true, value: 2 });
  });

  it('fails an invocation that takes longer than the timeout', async () => {
    const runtime = await start('exports.handler = () => new Promise(() => {});', {
      timeoutMs: 30,
    });
    expect(await runtime.invoke({})).toMatchObject({
      ok: false,
      errorType: 'Sandbox.Timedout',
      errorMessage: expect.stringMatching(/Task timed out after 0\.03 seconds$/u),
    });
  });

  it('starts cold after a timeout, even of a busy loop', async () => {
    const runtime = await start(
      'let n = 0; exports.handler = async (event) => { n += 1; if (event.spin) for (;;); return n; };',
      { timeoutMs: 200 },
    );
    await runtime.invoke({ spin: true });
    expect(await runtime.invoke({})).toEqual({ ok: true, value: 1 });
  });

  it('lets the other invocations finish when one times out', async () => {
    const lines = new EventEmitter();
    const runtime = await start(
      `exports.handler = (event) => new Promise((resolve) => {
         if (event.hang) setTimeout(() => console.log('half way'), 150);
         else setTimeout(resolve, 200, 'done');
       });`,
      { timeoutMs: 300, onLog: (line) => lines.emit(line) },
    );
    const hanging = runtime.invoke({ hang: true });
    await once(lines, 'half way');
    const other = runtime.invoke({});
    expect((await hanging).ok).toBe(false);
    expect(await other).toEqual({ ok: true, value: 'done' });
  });

  it('fails the invocation when the function exits, and recovers on the next', async () => {
    const runtime = await start(
      'exports.handler = async (event) => { if (event.exit) process.exit(1); return 1; };',
    );
    expect(await runtime.invoke({ exit: true })).toMatchObject({
      ok: false,
      errorType: 'Runtime.ExitError',
    });
    expect(await runtime.invoke({})).toEqual({ ok: true, value: 1 });
  });

  it('fails the invocation on a rejection that nobody handles, and recovers', async () => {
    const runtime = await start(
      `exports.handler = async (event) => {
         if (!event.reject) return 1;
         Promise.reject(new Error('lost'));
         return new Promise(() => {});
       };`,
    );
    expect(await runtime.invoke({ reject: true })).toMatchObject({
      ok: false,
      errorType: 'Runtime.UnhandledPromiseRejection',
      errorMessage: 'lost',
    });
    expect(await runtime.invoke({})).toEqual({ ok: true, value: 1 });
  });

  it('fails every invocation of a function whose init throws, trying again each time', async () => {
    const runtime = await start(`throw new Error('no settings');`);
    const failure = { ok: false, errorType: 'Error', errorMessage: 'no settings' };
    expect(await runtime.invoke({})).toMatchObject(failure);
    expect(await runtime.invoke({})).toMatchObject(failure);
    expect(runtime.coldStarts).toBe(3);
  });

  it('names the handler that is missing', async () => {
    const runtime = await start('exports.other = 1;');
    expect(await runtime.invoke({})).toMatchObject({
      ok: false,
      errorType: 'Runtime.HandlerNotFound',
      errorMessage: 'handler is undefined or not exported',
    });
  });

  it('fails on a result that JSON cannot carry', async () => {
    const runtime = await start('exports.handler = async () => 1n;');
    expect(await runtime.invoke({})).toMatchObject({ ok: false, errorType: 'TypeError' });
  });

  it('fails what is in flight when it is closed, and refuses what comes later', async () => {
    const runtime = await start('exports.handler = () => new Promise(() => {});');
    const inFlight = runtime.invoke({});
    await new Promise((resolve) => setImmediate(resolve));
    await runtime.close();
    expect((await inFlight).ok).toBe(false);
    await expect(runtime.invoke({})).rejects.toThrow('closed');
  });
});

describe('logs', () => {
  it('has the lines of an invocation when its result is there', async () => {
    const runtime = await start(
      `exports.handler = async () => { console.log('out'); console.error('err'); process.stdout.write('half'); };`,
    );
    await runtime.invoke({});
    expect(runtime.logs).toEqual(['out', 'err', 'half']);
  });

  it('has the lines of a failed invocation too', async () => {
    const runtime = await start(
      `exports.handler = async () => { console.log('before'); throw new Error('no'); };`,
    );
    await runtime.invoke({});
    expect(runtime.logs).toEqual(['before']);
  });

  it('has the lines of the init when the start is over', async () => {
    const runtime = await start(`console.warn('cold'); exports.handler = async () => 1;`);
    expect(runtime.logs).toEqual(['cold']);
  });

  it('hands each line to onLog as it is printed', async () => {
    const lines: string[] = [];
    const runtime = await start(`exports.handler = async () => { console.log('a\\nb'); };`, {
      onLog: (line) => lines.push(line),
    });
    await runtime.invoke({});
    expect(lines).toEqual(['a', 'b']);
  });

  it('captures what goes through a Console of its own', async () => {
    const runtime = await start(
      `const { Console } = require('node:console');
       const logger = new Console({ stdout: process.stdout, stderr: process.stderr });
       exports.handler = async () => { logger.info('mine'); };`,
    );
    await runtime.invoke({});
    expect(runtime.logs).toEqual(['mine']);
  });
});
