/**
 * The measured process: imports a bundle, invokes its handler once, and writes what it took to
 * file descriptor 3. It imports nothing before that, so that nothing is warm.
 *
 * Arguments: the bundle's URL, the event as JSON.
 */
const [bundleUrl, event] = process.argv.slice(2);
const cpuBefore = process.cpuUsage();
const started = performance.now();
const { handler } = await import(bundleUrl);
const imported = performance.now();
const answer = await handler(JSON.parse(event), {
  awsRequestId: '00000000-0000-4000-8000-000000000000',
  getRemainingTimeInMillis: () => 5000,
});
const decided = performance.now();
const { user, system } = process.cpuUsage(cpuBefore);

const { writeSync } = await import('node:fs');
const result = {
  bootMs: started,
  importMs: imported - started,
  firstDecisionMs: decided - started,
  effect: answer.policyDocument.Statement[0].Effect,
  cpuMs: (user + system) / 1000,
  peakRssBytes: process.resourceUsage().maxRSS * 1024,
};
writeSync(3, JSON.stringify(result));
process.exit(0);
