/** Draws the pictures of the console in `docs/assets`, and only when it is asked to. */
import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { startArena, type Arena } from './arena.ts';

const ASSETS = path.resolve(import.meta.dirname, '../../docs/assets');

let arena: Arena;

beforeAll(async () => {
  arena = await startArena();
}, 120_000);

afterAll(async () => {
  await arena?.close();
});

it.each([
  ['console.png', 'light'],
  ['console-dark.png', 'dark'],
] as const)('draws docs/assets/%s', async (file, colorScheme) => {
  const page = await arena.open({ colorScheme, viewport: { width: 1440, height: 1186 } });
  for (const [name, reason] of [
    ['On the list', 'user_found'],
    ['Forged payload', 'signature_invalid'],
    ['Platform admin', 'platform_admin_bootstrap'],
    ['Not on the list', 'user_not_found'],
  ] as const) {
    await page.getByRole('button', { name, exact: true }).click();
    await page.getByRole('status').filter({ hasText: reason }).waitFor({ state: 'attached' });
  }
  await page.mouse.move(0, 0);
  await mkdir(ASSETS, { recursive: true });
  await page.screenshot({ path: path.join(ASSETS, file) });
  expect(arena.errors).toEqual([]);
});
