/** The behaviours that must hold, each through the bundle that deploys. */
import { Authorizer } from '../support/bundle.ts';
import { eventOf } from '../support/events.ts';
import { TestIssuer } from '../support/issuer.ts';
import { TestTables } from '../support/tables.ts';

let issuer: TestIssuer;
let tables: TestTables;
const authorizers: Authorizer[] = [];

beforeAll(async () => {
  [issuer, tables] = await Promise.all([TestIssuer.start(), TestTables.start()]);
});

afterAll(async () => {
  await Promise.all(authorizers.map((authorizer) => authorizer.close()));
  await Promise.all([issuer.close(), tables.close()]);
});

async function start(settings: Record<string, string> = {}): Promise<Authorizer> {
  const authorizer = await Authorizer.start({
    ...issuer.settings,
    ...tables.settings,
    ...settings,
  });
  authorizers.push(authorizer);
  return authorizer;
}

it('allows an active user with a row', async () => {
  await tables.putUser('alice');
  const authorizer = await start();
  const result = await authorizer.invoke(eventOf('rest-token', `Bearer ${issuer.token()}`));
  expect(result).toMatchObject({ ok: true, value: { principalId: 'alice' } });
});
