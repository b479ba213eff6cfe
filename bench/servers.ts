/**
 * The key server and the table, in a process of their own so that what is measured does not
 * share one with them. Started by `startServers`; says where it listens over IPC.
 */
import { randomUUID } from 'node:crypto';
import { AUDIENCE, createKey, TestIssuer } from '../test/support/issuer.ts';
import { TestTables } from '../test/support/tables.ts';

/** What the measured processes are told. */
export interface ServersReady {
  /** The environment of a function that trusts the key server and reads the table. */
  readonly env: Readonly<Record<string, string>>;
  /** A token of a known user, by algorithm, good for two hours. */
  readonly tokens: Readonly<Record<'RS256' | 'ES256' | 'EdDSA', string>>;
  /** A thousand users, every third of them disabled. */
  readonly users: readonly KnownUser[];
}

export interface KnownUser {
  readonly id: string;
  readonly token: string;
  readonly effect: 'Allow' | 'Deny';
}

const LIFETIME_SECONDS = 7200;
const USERS = 1000;

const keys = { RS256: createKey('RS256'), ES256: createKey('ES256'), EdDSA: createKey('EdDSA') };
const issuer = await TestIssuer.start(keys.RS256, keys.ES256, keys.EdDSA);
const tables = await TestTables.start();
await tables.putUser('alice', {
  is_active: true,
  is_admin: false,
  email: 'alice@example.com',
  full_name: 'Alice Example',
  roles: ['reader', 'writer'],
});

function token(key: ReturnType<typeof createKey>, sub = 'alice'): string {
  const now = Math.floor(Date.now() / 1000);
  return issuer.token({ sub, exp: now + LIFETIME_SECONDS, jti: randomUUID() }, key);
}

const users: KnownUser[] = [];
for (let index = 0; index < USERS; index += 1) {
  const id = `user-${index}`;
  const isActive = index % 3 !== 0;
  await tables.putUser(id, { is_active: isActive });
  users.push({ id, token: token(keys.ES256, id), effect: isActive ? 'Allow' : 'Deny' });
}

const ready: ServersReady = {
  env: { ...issuer.settings, ...tables.settings, JWT_AUDIENCE: AUDIENCE },
  tokens: { RS256: token(keys.RS256), ES256: token(keys.ES256), EdDSA: token(keys.EdDSA) },
  users,
};
process.send?.(ready);
// Ends with the process that started it, however that ended.
process.on('disconnect', () => process.exit(0));
