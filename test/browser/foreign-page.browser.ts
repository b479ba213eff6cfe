/** What a page from elsewhere can do to the console, in a browser that enforces what browsers do. */
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { once } from 'node:events';
import type { Page } from 'playwright-core';
import { KNOWN_USER } from '../../local/demo-users.ts';
import { REBOUND_HOST, startArena, type Arena } from './arena.ts';

let arena: Arena;
let server: Server;
let foreignUrl: string;

beforeAll(async () => {
  arena = await startArena();
  server = createServer((_request, response) => {
    response.setHeader('Content-Type', 'text/html');
    response.end('<!doctype html><title>Elsewhere</title>');
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  foreignUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
}, 120_000);

afterAll(async () => {
  server?.close();
  await arena?.close();
});

const strict = () => arena.stack.settings()['REQUIRE_USER_IN_DB'];

/** Sends a change in the background, as a page from elsewhere. */
async function send(page: Page, options: Readonly<Record<string, unknown>>): Promise<string> {
  return page.evaluate(
    async ({ url, options }) =>
      fetch(`${url}api/settings`, { method: 'POST', body: '{"strict":true}', ...options }).then(
        () => 'answered',
        () => 'blocked',
      ),
    { url: arena.url, options },
  );
}

it.each(['text/plain', 'application/x-www-form-urlencoded'])(
  'cannot change settings with a body of %s, for which browsers ask no permission',
  async (type) => {
    const page = await arena.open({}, foreignUrl);
    const outcome = await send(page, { mode: 'no-cors', headers: { 'Content-Type': type } });
    expect([outcome, strict()]).toEqual(['blocked', undefined]);
  },
);

it('cannot send JSON: the browser asks first, and is refused', async () => {
  const page = await arena.open({}, foreignUrl);
  const outcome = await send(page, { headers: { 'Content-Type': 'application/json' } });
  expect([outcome, strict()]).toEqual(['blocked', undefined]);
});

it('cannot submit a form to it', async () => {
  const page = await arena.open({}, foreignUrl);
  await page.setContent(`<form method="post" enctype="text/plain" action="${arena.url}api/settings">
      <input name='{"strict":true,"x":"' value='"}'>
      <button>Win a prize</button>
    </form>`);
  const answered = page.waitForResponse((response) => response.url().startsWith(arena.url));
  await page.getByRole('button').click();
  expect((await answered).status()).toBe(403);
  expect(strict()).toBeUndefined();
});

it('cannot read users or the feed', async () => {
  const page = await arena.open({}, foreignUrl);
  for (const path of ['api/state', 'api/events']) {
    const outcome = await page.evaluate(
      async (url) =>
        fetch(url).then(
          () => 'answered',
          () => 'blocked',
        ),
      arena.url + path,
    );
    expect(outcome).toBe('blocked');
  }
});

it('cannot frame it', async () => {
  const page = await arena.open({}, foreignUrl);
  await page.setContent(`<iframe src="${arena.url}"></iframe>`);
  await expect(
    page.frameLocator('iframe').getByText('Rollcall').waitFor({ timeout: 1500 }),
  ).rejects.toThrow('Timeout');
});

it('gets nothing by a name that was rebound to this machine', async () => {
  const { port } = new URL(arena.url);
  const page = await arena.open({}, `http://${REBOUND_HOST}:${port}/`);
  expect(await page.locator('body').innerText()).not.toContain(KNOWN_USER);
  const status = await page.evaluate(async () => (await fetch('/api/state')).status);
  expect(status).toBe(421);
});
