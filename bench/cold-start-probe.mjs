/**
 * The measured process: one execution environment of Lambda. It loads a bundle as Lambda's runtime
 * does (`require` for CommonJS, `import` for an ES module, whose top-level `await` is part of the
 * init) at full speed, then joins a control group that gives it a share of a processor, invokes the
 * handler, and writes what each took to file descriptor 3. It imports nothing before that, so that
 * nothing is warm.
 *
 * Arguments: the bundle's URL; the event as JSON; the group's file to join, empty for none; the
 * group's period in milliseconds; how many further decisions to take, each after a pause.
 */
const [bundleUrl, event, joinFile, periodMs, furtherDecisions] = process.argv.slice(2);
const { writeFileSync, writeSync } = process.getBuiltinModule('fs');
const PAUSE_MS = 25;

/** Clock and processor time (user and system, all threads) since `before`, in milliseconds. */
function elapsedSince(before) {
  const { user, system } = process.cpuUsage(before.cpu);
  return { ms: performance.now() - before.at, cpuMs: (user + system) / 1000 };
}
const now = () => ({ at: performance.now(), cpu: process.cpuUsage() });

const started = now();
const { handler } = bundleUrl.endsWith('.cjs')
  ? process.getBuiltinModule('module').createRequire(bundleUrl)(new URL(bundleUrl).pathname)
  : await import(bundleUrl);
const init = elapsedSince(started);

if (joinFile !== '') {
  writeFileSync(joinFile, String(process.pid));
  // Asleep for a period, so that each first decision begins with a whole slice. Nothing that the
  // init left running goes on meanwhile: the event loop stands still, as in a frozen environment.
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1.5 * Number(periodMs));
}

const context = {
  awsRequestId: '00000000-0000-4000-8000-000000000000',
  getRemainingTimeInMillis: () => 5000,
};
const invoked = now();
const answer = await handler(JSON.parse(event), context);
const invocation = elapsedSince(invoked);

const warmMs = [];
for (let index = 0; index < Number(furtherDecisions); index += 1) {
  await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
  const asked = performance.now();
  await handler(JSON.parse(event), context);
  warmMs.push(performance.now() - asked);
}

const result = {
  initMs: init.ms,
  initCpuMs: init.cpuMs,
  invocationMs: invocation.ms,
  invocationCpuMs: invocation.cpuMs,
  warmMs,
  effect: answer.policyDocument.Statement[0].Effect,
  peakRssBytes: process.resourceUsage().maxRSS * 1024,
};
writeSync(3, JSON.stringify(result));
process.exit(0);
