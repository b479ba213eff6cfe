/** Checks that the AWS profile exists in the configuration files. */
import { readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import path from 'node:path';
import { usageError } from './errors.ts';

/** `[default]`, and in the configuration file `[profile name]`. */
const SECTION = /^\s*\[\s*(?:profile\s+)?["']?([^"'\]]+?)["']?\s*\]/gmu;

/** Sections that are not profiles. */
const OTHER_SECTION = /^(?:sso-session|services)\s/u;

/** @throws CliError that names the profile of AWS_PROFILE and those that there are */
export function requireProfile({ env } = process): void {
  const profile = env['AWS_PROFILE'];
  if (profile === undefined || profile === '' || profile === 'default') return;
  const directory = path.join(homedir(), '.aws');
  const files = [
    env['AWS_CONFIG_FILE'] ?? path.join(directory, 'config'),
    env['AWS_SHARED_CREDENTIALS_FILE'] ?? path.join(directory, 'credentials'),
  ];
  const profiles = new Set(files.flatMap(sectionsOf));
  if (profiles.has(profile)) return;
  throw usageError(
    'profile_missing',
    `There is no AWS profile ${profile} in ${files.join(' or ')}`,
    profiles.size === 0
      ? 'Create one with aws configure sso, or unset AWS_PROFILE'
      : `Use one of: ${[...profiles].join(', ')}`,
  );
}

function sectionsOf(file: string): readonly string[] {
  try {
    const names = [...readFileSync(file, 'utf8').matchAll(SECTION)].map(([, name = '']) => name);
    return names.filter((name) => !OTHER_SECTION.test(name));
  } catch {
    return [];
  }
}
