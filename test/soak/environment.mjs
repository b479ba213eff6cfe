/**
 * The inside of the process under load: loads the bundle, answers events that come over IPC, and
 * says how much memory is left in use after a collection. Plain JavaScript, so that nothing but
 * the bundle is in its memory.
 */
const { handler } = await import(process.env.SOAK_BUNDLE);

async function answer({ id, event }) {
  const startedAt = performance.now();
  // Tells the log line of one request from another's.
  if (event?.requestContext !== undefined) event.requestContext.requestId = id;
  const context = { awsRequestId: id, getRemainingTimeInMillis: () => 5000 };
  try {
    const value = await handler(event, context);
    process.send({ id, ms: performance.now() - startedAt, value });
  } catch (error) {
    const thrown = error instanceof Error ? error.message : String(error);
    process.send({ id, ms: performance.now() - startedAt, thrown });
  }
}

process.on('message', (message) => {
  if (message.event !== undefined) return void answer(message);
  globalThis.gc();
  const { heapUsed, rss } = process.memoryUsage();
  process.send({ id: message.id, ms: 0, value: { heapUsed, rss } });
});

process.send({ id: 'ready', ms: 0 });
