/** What is out of sight or out of reach on a small screen, in a long table and after many requests. */
import type { Page } from 'playwright-core';
import { KNOWN_USER } from '../../local/demo-users.ts';
import { startArena, type Arena } from './arena.ts';

const PHONE = { viewport: { width: 390, height: 844 } };
const DESK = { viewport: { width: 1280, height: 900 } };
/** Beside the two of the demo. */
const ROWS = 60;
const PAGES = 7;

let arena: Arena;

beforeAll(async () => {
  arena = await startArena();
}, 120_000);

afterEach(() => arena.closePages());

afterAll(async () => {
  await arena?.close();
});

const announced = (page: Page, text: string | RegExp) =>
  page.getByRole('status').filter({ hasText: text }).waitFor({ state: 'attached' });

async function example(page: Page, name: string): Promise<void> {
  await page.getByRole('button', { name, exact: true }).click();
}

/** Whether an element is wholly between the upper and the lower edge of the window. */
async function inSight(page: Page, selector: string): Promise<boolean> {
  return page.evaluate<boolean>(
    `(() => {
      const { top, bottom } = document.querySelector(${JSON.stringify(selector)}).getBoundingClientRect();
      return top >= 0 && bottom <= innerHeight;
    })()`,
  );
}

describe.each([
  ['a phone', PHONE],
  ['a desk', DESK],
])('on %s', (_, options) => {
  it.each(['On the list', 'Not on the list', 'No token'])(
    'the answer to "%s" is in sight',
    async (name) => {
      const page = await arena.open(options);
      await example(page, name);
      await announced(page, /^\d{3}, /u);
      expect(await inSight(page, '.banner')).toBe(true);
    },
  );

  it('the answer to a request of the feed is in sight', async () => {
    const page = await arena.open(options);
    await example(page, 'On the list');
    await announced(page, '200, Allowed');
    const row = page.getByRole('button', { name: 'show this request' }).first();
    await row.scrollIntoViewIfNeeded();
    await row.click();
    expect(await inSight(page, '.banner')).toBe(true);
  });

  it('an error is in sight wherever the page is scrolled to', async () => {
    const page = await arena.open(options);
    const add = page.getByRole('button', { name: 'Add', exact: true });
    await page.getByLabel('New user').fill(KNOWN_USER);
    await add.scrollIntoViewIfNeeded();
    await add.click();
    await page.getByRole('alert').getByText('has a row already').waitFor();
    expect(await inSight(page, '.alert')).toBe(true);
    await page.evaluate('scrollTo(0, 0)');
    expect(await inSight(page, '.alert')).toBe(true);
  });

  it('nothing comes below the footer after 60 requests', async () => {
    const page = await arena.open(options);
    const token = await arena.stack.issueToken({ email: KNOWN_USER });
    const headers = { Authorization: `Bearer ${token}` };
    for (let sent = 0; sent < 60; sent += 1) await fetch(`${arena.stack.url}/whoami`, { headers });
    await page.locator('.feed-row').nth(59).waitFor({ state: 'attached' });
    const below = await page.evaluate<number>(
      `document.documentElement.scrollHeight
        - Math.round(document.querySelector('footer').getBoundingClientRect().bottom + scrollY)`,
    );
    expect(Math.abs(below)).toBeLessThanOrEqual(1);
  });
});

describe('a users table of several pages', () => {
  const idOf = (row: number) => `page-user-${String(row).padStart(3, '0')}@example.com`;
  const user = (page: Page, id: string) => page.locator('.user').filter({ hasText: id });

  beforeAll(async () => {
    const ids = Array.from({ length: ROWS }, (_, row) => idOf(row));
    await Promise.all(ids.map((id) => arena.stack.putUser(id, {})));
  });

  it('says how many there are, and shows every one on some page', async () => {
    const page = await arena.open();
    await page.getByText(`${ROWS + 2} rows`, { exact: true }).waitFor();
    const seen = new Set<string>();
    for (let number = 1; number <= PAGES; number += 1) {
      await page.getByText(`Page ${number} of ${PAGES}`).waitFor();
      for (const text of await page.locator('.who').allInnerTexts()) seen.add(text);
      const next = page.getByRole('button', { name: 'Next', exact: true });
      if (number < PAGES) await next.click();
      else expect(await next.isDisabled()).toBe(true);
    }
    expect(seen.size).toBe(ROWS + 2);
  });

  it('finds somebody of a later page, whose switch works', async () => {
    const page = await arena.open();
    await page.getByRole('searchbox', { name: 'Search users' }).fill('USER-059');
    await page.getByText(`1 of ${ROWS + 2} rows`).waitFor();
    await page.getByRole('switch', { name: `Active (${idOf(59)})` }).click();
    await announced(page, `${idOf(59)} disabled`);
    await page.getByRole('switch', { name: `Active (${idOf(59)})`, checked: false }).waitFor();
    expect(await page.locator('.user').count()).toBe(1);
  });

  it('stays on the page that is looked at when a row changes', async () => {
    const page = await arena.open();
    await page.getByRole('button', { name: 'Next', exact: true }).click();
    await page.getByText(`Page 2 of ${PAGES}`).waitFor();
    const id = idOf(10);
    await user(page, id).getByRole('switch', { name: 'Admin' }).click();
    await announced(page, `${id} is admin`);
    await page.getByRole('switch', { name: `Admin (${id})`, checked: true }).waitFor();
    expect(await page.getByText(`Page 2 of ${PAGES}`).isVisible()).toBe(true);
  });

  it('says that nobody is found', async () => {
    const page = await arena.open();
    await page.getByRole('searchbox', { name: 'Search users' }).fill('nobody at all');
    await page.getByText('Nobody is found.').waitFor();
  });
});

it('says what the marks of the checks mean, and why one was not asked for', async () => {
  const page = await arena.open();
  await example(page, 'On the list');
  await announced(page, '200, Allowed');
  const legend = page.getByRole('list', { name: 'What the marks mean' });
  expect(await legend.innerText()).toContain('not asked for: the settings turn it off');
  const note = page.locator('.check[data-state="off"] .check-note').first();
  expect(await note.isVisible()).toBe(true);
});

describe('Copy as curl', () => {
  const permissions = { permissions: ['clipboard-read', 'clipboard-write'] };

  it.each([
    ['On the list', / -H 'Authorization: Bearer eyJ[\w.-]+' /u],
    ['No token', /^curl -i 'http/u],
  ])('copies the request that was sent: %s', async (name, pattern) => {
    const page = await arena.open(permissions);
    const copy = page.getByRole('button', { name: 'Copy as curl' });
    expect(await copy.isDisabled()).toBe(true);
    await example(page, name);
    await announced(page, /^\d{3}, /u);
    await copy.click();
    await announced(page, 'Copied.');
    const copied = await page.evaluate<string>('navigator.clipboard.readText()');
    expect(copied).toMatch(pattern);
    expect(copied).toContain(`'${arena.stack.url}/whoami'`);
  });
});
