/** The SDK's own variables, before the bundle that deploys: none of them may keep a user out. */
import { Authorizer } from '../../support/bundle.ts';
import { eventOf } from '../../support/events.ts';
import { TestIssuer } from '../../support/issuer.ts';
import { TestTables } from '../../support/tables.ts';

let issuer: TestIssuer;
let tables: TestTables;

beforeAll(async () => {
  issuer = await TestIssuer.start();
  tables = await TestTables.start();
  await tables.putUser('alice');
});

afterAll(() => Promise.all([issuer.close(), tables.close()]));

it.each([
  ['AWS_RETRY_MODE', 'adaptive'],
  ['AWS_RETRY_MODE', 'legacy'],
  ['AWS_MAX_ATTEMPTS', '9'],
  ['AWS_DEFAULTS_MODE', 'in-region'],
  ['AWS_ENABLE_ENDPOINT_DISCOVERY', 'true'],
  ['AWS_ACCOUNT_ID', '123456789012'],
  ['AWS_SDK_UA_APP_ID', 'rollcall'],
])('lets a user with a row in under %s=%s', async (name, value) => {
  const authorizer = await Authorizer.start({
    ...issuer.settings,
    ...tables.settings,
    [name]: value,
  });
  try {
    await authorizer.invoke(eventOf('http-v2', `Bearer ${issuer.token()}`));
    expect(authorizer.lastDecision).toMatchObject({ outcome: 'allow', reason: 'user_found' });
  } finally {
    await authorizer.close();
  }
});
