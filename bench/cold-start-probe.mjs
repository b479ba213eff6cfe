/**
 * The measured process: loads a bundle as Lambda's runtime does (`require` for CommonJS, `import`
 * for an ES module), invokes its handler once, and writes what it took to file descriptor 3. It
 * imports nothing before that, so that nothing is warm.
 *
 * Arguments: the bundle's URL, the event as JSON, and how many further decisions to take, each
 * after a pause, as one environment of many meets them.
 */
const [bundleUrl, event, furtherDecisions = '0'] = process.argv.slice(2);
const PAUSE_MS = 25;
const cpuBefore = process.cpuUsage();
const started = performance.now();
const { handler } = bundleUrl.endsWith('.cjs')
  ? process.getBuiltinModule('module').createRequire(bundleUrl)(new URL(bundleUrl).pathname)
  : await import(bundleUrl);
const imported = performance.now();
const context = {
  awsRequestId: '00000000-0000-4000-8000-000000000000',
  getRemainingTimeInMillis: () => 5000,
};
const answer = await handler(JSON.parse(event), context);
const decided = performance.now();
const { user, system } = process.cpuUsage(cpuBefore);

const warmMs = [];
for (let index = 0; index < Number(furtherDecisions); index += 1) {
  await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
  const asked = performance.now();
  await handler(JSON.parse(event), context);
  warmMs.push(performance.now() - asked);
}

const { writeSync } = await import('node:fs');
const result = {
  bootMs: started,
  importMs: imported - started,
  firstDecisionMs: decided - started,
  warmMs,
  effect: answer.policyDocument.Statement[0].Effect,
  cpuMs: (user + system) / 1000,
  peakRssBytes: process.resourceUsage().maxRSS * 1024,
};
writeSync(3, JSON.stringify(result));
process.exit(0);
