/** The console as people use it: by mouse, by keyboard and by its accessible names. */
import axe, { type AxeResults } from 'axe-core';
import type { Page } from 'playwright-core';
import { DEMO_USERS, DISABLED_USER, KNOWN_USER } from '../../local/demo-users.ts';
import { startArena, type Arena } from './arena.ts';

const SETTINGS = { REQUIRE_USER_IN_DB: 'false', REQUIRE_JTI: 'false' };

let arena: Arena;

beforeAll(async () => {
  arena = await startArena();
}, 120_000);

afterEach(async () => {
  await arena.closePages();
  const { stack } = arena;
  await stack.configure({ ...SETTINGS, PLATFORM_ADMIN_EMAIL: 'admin@example.com' });
  for (const [id, row] of Object.entries(DEMO_USERS)) await stack.putUser(id, row);
});

afterAll(async () => {
  await arena?.close();
});

const answer = (page: Page) => page.getByRole('region', { name: 'Answer' });
const example = (page: Page, name: string) =>
  page.getByRole('button', { name, exact: true }).click();
/** What screen readers are told, once it says `text`. */
const announced = (page: Page, text: string | RegExp) =>
  page.getByRole('status').filter({ hasText: text }).waitFor({ state: 'attached' });
const check = (page: Page, reason: string) => page.locator(`.check[data-reason="${reason}"]`);
const stateOf = (page: Page, reason: string) => check(page, reason).getAttribute('data-state');

async function choose(page: Page, label: string, option: string): Promise<void> {
  await page.getByLabel(label, { exact: true }).selectOption({ label: option });
}

async function sendAs(page: Page, user: string): Promise<void> {
  await page.getByLabel('User', { exact: true }).fill(user);
  await page.getByRole('button', { name: 'Send request' }).click();
}

describe('a request', () => {
  it('is shown as allowed for a user with a row, through every check', async () => {
    const page = await arena.open();
    await example(page, 'On the list');
    await announced(page, '200, Allowed: user_found');
    expect(await page.locator('.check[data-state="failed"]').count()).toBe(0);
    expect(await page.locator('.check[data-state="not_reached"]').count()).toBe(0);
    expect(await page.locator('.station[data-state="passed"]').count()).toBe(4);
    const text = await answer(page).innerText();
    expect(text).toContain('HTTP/1.1 200 OK');
    expect(text).toContain('"Effect": "Allow"');
    expect(text).toContain('"security_event": "access_granted"');
    expect(text).toContain(`"email": "${KNOWN_USER}"`);
  });

  it('is shown as denied for somebody without a row, at the check that failed', async () => {
    const page = await arena.open();
    await example(page, 'Not on the list');
    await announced(page, '401, Denied: user_not_found. User not found.');
    expect(await stateOf(page, 'token_revoked')).toBe('passed');
    expect(await stateOf(page, 'user_not_found')).toBe('failed');
    expect(await stateOf(page, 'user_disabled')).toBe('not_reached');
    expect(await answer(page).innerText()).toContain('"Effect": "Deny"');
  });

  it('is shown as denied for a disabled user, and allowed once the switch is on', async () => {
    const page = await arena.open();
    await example(page, 'Disabled');
    await announced(page, 'user_disabled');
    await page.getByRole('switch', { name: `Active (${DISABLED_USER})` }).click();
    await announced(page, `${DISABLED_USER} active`);
    await page.getByRole('button', { name: 'Send the same token again' }).click();
    await announced(page, '200, Allowed');
  });

  it('is refused when its payload was changed', async () => {
    const page = await arena.open();
    await choose(page, 'Tampering', 'Change the payload: “I am the admin”');
    await sendAs(page, KNOWN_USER);
    await announced(page, '401, Not authenticated: signature_invalid');
    expect(await stateOf(page, 'key_not_found')).toBe('passed');
    expect(await stateOf(page, 'claim_missing')).toBe('not_reached');
  });

  it('is refused by the gateway itself when there is no token', async () => {
    const page = await arena.open();
    await example(page, 'No token');
    await announced(page, '401, Not authenticated');
    const text = await answer(page).innerText();
    expect(text).toContain('The gateway refused the request itself');
    expect(text).toContain('None: the function was not asked.');
  });

  it('goes to the HTTP API as well', async () => {
    const page = await arena.open();
    await page.getByRole('radio', { name: 'HTTP API' }).check({ force: true });
    await sendAs(page, KNOWN_USER);
    await announced(page, '200, Allowed');
    expect(await answer(page).innerText()).toContain('"isAuthorized": true');
  });

  it('is refused once its token is revoked', async () => {
    const page = await arena.open();
    await sendAs(page, KNOWN_USER);
    await announced(page, '200, Allowed');
    await page.getByRole('button', { name: 'Revoke this token' }).click();
    await announced(page, 'The token is revoked');
    await page.getByRole('button', { name: 'Send the same token again' }).click();
    await announced(page, '401, Denied: token_revoked');
  });
});

describe('the settings', () => {
  it('let the platform admin in by bootstrap, and not in strict mode', async () => {
    const page = await arena.open();
    await example(page, 'Platform admin');
    await announced(page, '200, Allowed: platform_admin_bootstrap');
    await page.getByRole('switch', { name: 'Strict mode' }).click();
    await announced(page, 'Strict mode on. The function starts anew.');
    await page.getByRole('button', { name: 'Send the same token again' }).click();
    await announced(page, '401, Denied: user_not_in_db');
    expect(await answer(page).innerText()).toContain('user_not_in_db_rejected');
  });

  it('keep the platform admin out when bootstrap is off', async () => {
    const page = await arena.open();
    await page.getByRole('switch', { name: 'Bootstrap' }).click();
    await announced(page, 'Bootstrap off');
    await example(page, 'Platform admin');
    await announced(page, '401, Denied: user_not_found');
  });

  it('follow what another page changed', async () => {
    const [one, other] = [await arena.open(), await arena.open()];
    await one.getByRole('switch', { name: 'Strict mode' }).click();
    await other.getByRole('switch', { name: 'Strict mode', checked: true }).waitFor();
  });
});

describe('the users table', () => {
  it('lets somebody in who is added, and not once removed', async () => {
    const page = await arena.open();
    const id = 'linus@example.com';
    await page.getByLabel('New user').fill(id);
    await page.getByRole('button', { name: 'Add', exact: true }).click();
    await announced(page, `${id} added`);
    await sendAs(page, id);
    await announced(page, '200, Allowed');
    await page.getByRole('button', { name: `Remove ${id}` }).click();
    await announced(page, `${id} removed`);
    await sendAs(page, id);
    await announced(page, '401, Denied');
  });

  it('tells what went wrong in words', async () => {
    const page = await arena.open();
    await page.getByLabel('New user').fill(KNOWN_USER);
    await page.getByRole('button', { name: 'Add', exact: true }).click();
    await page.getByRole('alert').getByText(`${KNOWN_USER} has a row already`).waitFor();
  });
});

it('shows requests that others send, and lets them be looked at', async () => {
  const page = await arena.open();
  const token = await arena.stack.issueToken({ email: 'eve@example.com' });
  await fetch(`${arena.stack.url}/whoami`, { headers: { Authorization: `Bearer ${token}` } });
  await page.getByRole('button', { name: /user_not_found.*eve@example\.com/u }).click();
  await announced(page, '401, Denied: user_not_found');
  expect(await answer(page).innerText()).toContain('Known only to who sent it.');
});

describe('by keyboard alone', () => {
  it('reaches everything: skips to the workshop, sends, and switches strict mode', async () => {
    const page = await arena.open();
    const { keyboard } = page;
    const focused = () => page.evaluate<string>('document.activeElement.id');
    const tabTo = async (found: () => Promise<boolean>) => {
      for (let presses = 0; presses < 60; presses++) {
        await keyboard.press('Tab');
        if (await found()) return;
      }
      throw new Error('The keyboard does not reach it');
    };

    await keyboard.press('Tab');
    await keyboard.press('Enter');
    await tabTo(async () => (await focused()) === 'user');
    await keyboard.press('Control+A');
    await keyboard.type('mallory@example.com');
    await keyboard.press('Enter');
    await announced(page, '401, Denied: user_not_found');

    const strict = page.getByRole('switch', { name: 'Strict mode' });
    const strictIsFocused = async () => (await page.locator(':focus').and(strict).count()) === 1;
    await tabTo(strictIsFocused);
    await keyboard.press('Space');
    await announced(page, 'Strict mode on');
    expect(await strict.isChecked()).toBe(true);
    // The list was drawn anew around it.
    expect(await strictIsFocused()).toBe(true);
  });

  it('shows where the focus is', async () => {
    const page = await arena.open();
    await page.getByRole('button', { name: 'Send request' }).focus();
    await page.keyboard.press('Shift+Tab');
    await page.keyboard.press('Tab');
    const outline = await page.evaluate(
      '(({ outlineWidth, outlineStyle }) => `${outlineWidth} ${outlineStyle}`)(getComputedStyle(document.activeElement))',
    );
    expect(outline).toBe('2px solid');
  });
});

describe.each(['light', 'dark'] as const)('in %s colours', (colorScheme) => {
  it.each(['before', 'Not on the list', 'On the list', 'No token'])(
    'has no accessibility fault that axe finds: %s',
    async (state) => {
      const page = await arena.open({ colorScheme });
      if (state === 'before') {
        await page.getByRole('switch', { name: 'Strict mode' }).waitFor();
      } else {
        await example(page, state);
        await announced(page, /^\d{3}, /u);
      }
      expect(await faults(page)).toEqual([]);
    },
  );
});

const RULES = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];

/** What axe finds, as `rule: where`. */
async function faults(page: Page): Promise<string[]> {
  // Through the debugger, which the page's own policy does not bind.
  await page.evaluate(axe.source);
  const { violations } = await page.evaluate<AxeResults>(
    `axe.run(document, { runOnly: ${JSON.stringify(RULES)} })`,
  );
  return violations.flatMap(({ id, nodes }) => nodes.map(({ html }) => `${id}: ${html}`));
}

it.each([320, 390, 768, 1024, 1440])(
  'fits into %d pixels without scrolling sideways',
  async (width) => {
    const page = await arena.open({ viewport: { width, height: 800 } });
    await example(page, 'On the list');
    await announced(page, '200, Allowed');
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(width);
  },
);

it('asks nobody but its own server, and makes no error', () => {
  const origins = new Set(arena.requested.map((url) => new URL(url).origin));
  expect(origins).toEqual(new Set([new URL(arena.url).origin]));
  // The one refusal above was asked for.
  expect(arena.errors).toEqual([expect.stringContaining('409 (Conflict)')]);
});

it('says that the server is gone, and goes on when it is back', async () => {
  const page = await arena.open();
  await page.getByText('Live', { exact: true }).waitFor();
  await page.context().setOffline(true);
  await page.getByRole('button', { name: 'Send request' }).click();
  await page.getByRole('alert').getByText('The console does not answer').waitFor();
  await page.context().setOffline(false);
  await sendAs(page, KNOWN_USER);
  await announced(page, '200, Allowed');
  expect(await page.getByRole('alert').innerText()).toBe('');
});
