/** A local stack with its console, and a Chromium to open it in. */
import { chromium, type Browser, type BrowserContextOptions, type Page } from 'playwright-core';
import { startConsole, type Console } from '../../local/console/server.ts';
import { startLocalStack, type LocalStack } from '../../local/stack.ts';

/** A name that stands for one that an attacker rebinds to this machine. */
export const REBOUND_HOST = 'rebound.example';

const FLAGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  `--host-resolver-rules=MAP ${REBOUND_HOST} 127.0.0.1`,
];

export interface Arena {
  readonly stack: LocalStack;
  readonly url: string;
  /** A page of a context of its own; it moves nothing, so that what is seen is what is there. */
  readonly open: (options?: BrowserContextOptions, url?: string) => Promise<Page>;
  /** Every address that any page asked for. */
  readonly requested: readonly string[];
  /** What pages wrote to their consoles as errors, and errors that nobody caught. */
  readonly errors: readonly string[];
  /** Closes the pages that were opened. */
  readonly closePages: () => Promise<void>;
  readonly close: () => Promise<void>;
}

export async function startArena(): Promise<Arena> {
  const closers: (() => Promise<unknown>)[] = [];
  const close = async () => {
    for (const end of closers.splice(0).toReversed()) await end();
  };
  try {
    const stack = await startLocalStack();
    closers.push(stack.close);
    const page = await startConsole(stack);
    closers.push(page.close);
    const executablePath = process.env['CHROMIUM_PATH'] ?? '/usr/bin/chromium';
    const browser = await chromium.launch({ executablePath, args: FLAGS });
    closers.push(() => browser.close());
    return { ...watch(browser, page), stack, url: page.url, close };
  } catch (error) {
    await close();
    throw error;
  }
}

function watch(
  browser: Browser,
  { url: home }: Console,
): Pick<Arena, 'open' | 'requested' | 'errors' | 'closePages'> {
  const requested: string[] = [];
  const errors: string[] = [];
  return {
    requested,
    errors,
    open: async (options = {}, url = home) => {
      const context = await browser.newContext({ reducedMotion: 'reduce', ...options });
      context.on('request', (request) => requested.push(request.url()));
      context.on('weberror', (error) => errors.push(String(error.error())));
      context.on('console', (message) => {
        if (message.type() === 'error') errors.push(message.text());
      });
      const page = await context.newPage();
      await page.goto(url);
      return page;
    },
    closePages: async () => {
      await Promise.all(browser.contexts().map((context) => context.close()));
    },
  };
}
