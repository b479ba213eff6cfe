/**
 * The settings that the console can switch. A change gives the function another environment, as
 * a deployment with other settings would: its next invocation starts cold. Tables stay as they are.
 */
import { parseConfig, type Config } from '../../lambda/settings/config.ts';
import { PLATFORM_ADMIN } from '../demo-users.ts';
import type { LocalStack } from '../stack.ts';

export interface Toggles {
  /** `REQUIRE_USER_IN_DB`. */
  readonly strict: boolean;
  /** Whether `PLATFORM_ADMIN_EMAIL` is set. */
  readonly bootstrap: boolean;
  /** `REQUIRE_JTI`. */
  readonly requireJti: boolean;
}

export type TogglesChange = Partial<Toggles>;

type Stack = Pick<LocalStack, 'settings' | 'configure' | 'flush'>;

export interface ToggleBoard {
  readonly read: () => Toggles;
  /** The platform admin, who is let in while bootstrap is on. */
  readonly admin: string;
  /**
   * Applies a change and forgets the gateway's cached answers, which were given by the other
   * settings. What is wrong with the settings that it would make, if anything, by name: they are
   * not applied then.
   */
  readonly change: (change: TogglesChange) => Promise<readonly string[]>;
}

export function createToggleBoard(stack: Stack): ToggleBoard {
  const admin = stack.settings()['PLATFORM_ADMIN_EMAIL'] || PLATFORM_ADMIN;
  return {
    admin,
    read: () => {
      const config = configOf(stack);
      return {
        strict: config.requireUserInDb,
        bootstrap: config.platformAdmin !== undefined,
        requireJti: config.requireJti,
      };
    },
    change: async ({ strict, bootstrap, requireJti }) => {
      const changes: Record<string, string> = {
        ...(strict !== undefined && { REQUIRE_USER_IN_DB: String(strict) }),
        ...(bootstrap !== undefined && { PLATFORM_ADMIN_EMAIL: bootstrap ? admin : '' }),
        ...(requireJti !== undefined && { REQUIRE_JTI: String(requireJti) }),
      };
      const result = parseConfig({ ...stack.settings(), ...changes });
      if (!result.ok) return result.problems;
      await stack.configure(changes);
      stack.flush();
      return [];
    },
  };
}

/**
 * The configuration that the function has.
 *
 * @throws Error when its settings are bad, which the synthesis would not have let through
 */
export function configOf(stack: Pick<LocalStack, 'settings'>): Config {
  const result = parseConfig(stack.settings());
  if (!result.ok) throw new Error(`The function's settings are bad: ${result.problems.join('; ')}`);
  return result.config;
}
