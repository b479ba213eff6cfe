/**
 * The key server and the table, in a process of their own, apart from what is measured. The table
 * answers with DynamoDB's own headers: request id, content type and the body's CRC-32. Started by
 * `startServers`; tells its addresses over IPC.
 */
import { randomUUID } from 'node:crypto';
import { AUDIENCE, createKey, TestIssuer } from '../test/support/issuer.ts';
import { TestTables } from '../test/support/tables.ts';

/** What the measured processes need to know. */
export interface ServersReady {
  /** The environment of a function that trusts the key server and reads the table. */
  readonly env: Readonly<Record<string, string>>;
  /** A token of a known user, by algorithm, valid for two hours. */
  readonly tokens: Readonly<Record<'RS256' | 'ES256' | 'EdDSA', string>>;
}

const LIFETIME_SECONDS = 7200;

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

function token(key: ReturnType<typeof createKey>): string {
  const now = Math.floor(Date.now() / 1000);
  return issuer.token({ sub: 'alice', exp: now + LIFETIME_SECONDS, jti: randomUUID() }, key);
}

const ready: ServersReady = {
  env: { ...issuer.settings, ...tables.settings, JWT_AUDIENCE: AUDIENCE },
  tokens: { RS256: token(keys.RS256), ES256: token(keys.ES256), EdDSA: token(keys.EdDSA) },
};
process.send?.(ready);
// Ends with the process that started it, however that ended.
process.on('disconnect', () => process.exit(0));
