/**
 * What is counted beside `Decisions`, for the alarms: of one function alone, and each in one
 * number, since an alarm on `Decisions` would have to add up its reasons.
 */
import type { Decision, UnavailableReason } from '../decision.ts';

/** A metric of the function, in the namespace `Rollcall`. */
export type SecurityCount =
  | 'Misconfigured'
  | 'DirectoryUnavailable'
  | 'KeysUnavailable'
  | 'InternalErrors'
  | 'JwksStale'
  | 'BootstrapEntries'
  | 'StrictRejections'
  | 'Rejections';

const UNAVAILABLE: Readonly<Record<UnavailableReason, SecurityCount>> = {
  directory_unavailable: 'DirectoryUnavailable',
  keys_unavailable: 'KeysUnavailable',
  internal_error: 'InternalErrors',
};

/** What a decision counts as; nothing where a user with a row has entered. */
export function countsOf(decision: Decision): readonly SecurityCount[] {
  switch (decision.outcome) {
    case 'unauthenticated':
      return ['Rejections'];
    case 'forbidden':
      return decision.reason === 'user_not_in_db'
        ? ['Rejections', 'StrictRejections']
        : ['Rejections'];
    case 'allow':
      return decision.reason === 'platform_admin_bootstrap' ? ['BootstrapEntries'] : [];
    case 'unavailable':
      return [UNAVAILABLE[decision.reason]];
  }
}
