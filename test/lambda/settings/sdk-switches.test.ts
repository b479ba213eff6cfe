/** The SDK's own switches: what it would throw at is a problem with a name. */
import { sdkSwitchProblems } from '../../../lambda/settings/sdk-switches.ts';
import { Authorizer } from '../../support/bundle.ts';
import { eventOf } from '../../support/events.ts';
import { TestIssuer } from '../../support/issuer.ts';
import { TestTables } from '../../support/tables.ts';

const BOOLEANS = [
  'AWS_USE_FIPS_ENDPOINT',
  'AWS_USE_DUALSTACK_ENDPOINT',
  'AWS_IGNORE_CONFIGURED_ENDPOINT_URLS',
  'AWS_DISABLE_CLOCK_SKEW_CORRECTION',
];

describe.each(BOOLEANS)('%s', (name) => {
  it.each(['true', 'false'])('may be %s', (value) => {
    expect(sdkSwitchProblems({ [name]: value })).toEqual([]);
  });

  it.each(['1', '0', 'TRUE', 'yes', ' true', ''])('may not be %j', (value) => {
    expect(sdkSwitchProblems({ [name]: value })).toEqual([`${name} must be true or false`]);
  });
});

describe('AWS_ACCOUNT_ID_ENDPOINT_MODE', () => {
  it.each(['preferred', 'disabled', 'required', ''])('may be %j', (value) => {
    expect(sdkSwitchProblems({ AWS_ACCOUNT_ID_ENDPOINT_MODE: value })).toEqual([]);
  });

  it.each(['true', 'Preferred'])('may not be %j', (value) => {
    expect(sdkSwitchProblems({ AWS_ACCOUNT_ID_ENDPOINT_MODE: value })).toEqual([
      'AWS_ACCOUNT_ID_ENDPOINT_MODE must be one of preferred, disabled, required',
    ]);
  });
});

describe.each(['AWS_ENDPOINT_URL_DYNAMODB', 'AWS_ENDPOINT_URL'])('%s', (name) => {
  it.each(['http://127.0.0.1:8000', 'https://dynamodb.example/path', ''])('may be %j', (value) => {
    expect(sdkSwitchProblems({ [name]: value })).toEqual([]);
  });

  it.each(['localhost:8000', 'dynamodb.example', 'https://', 'ftp://table.example'])(
    'may not be %j',
    (value) => {
      expect(sdkSwitchProblems({ [name]: value })).toEqual([
        `${name} must be an HTTP or HTTPS URL`,
      ]);
    },
  );
});

it('finds nothing wrong with an environment without them', () => {
  expect(sdkSwitchProblems({})).toEqual([]);
});

describe('the function with a bad switch', () => {
  let issuer: TestIssuer;
  let tables: TestTables;

  beforeAll(async () => {
    [issuer, tables] = await Promise.all([TestIssuer.start(), TestTables.start()]);
    await tables.putUser('alice');
  });

  afterAll(() => Promise.all([issuer.close(), tables.close()]));

  async function start(env: Readonly<Record<string, string>>): Promise<Authorizer> {
    return Authorizer.start({ ...issuer.settings, ...tables.settings, ...env });
  }

  it.each([
    ['AWS_USE_FIPS_ENDPOINT', '1'],
    ['AWS_USE_DUALSTACK_ENDPOINT', ''],
    ['AWS_ACCOUNT_ID_ENDPOINT_MODE', 'always'],
    ['AWS_ENDPOINT_URL_DYNAMODB', 'localhost:8000'],
  ])('names %s when it starts', async (name, value) => {
    const authorizer = await start({ [name]: value });
    await authorizer.close();
    expect(authorizer.events).toEqual([
      expect.objectContaining({
        security_event: 'authorizer_misconfigured',
        problems: [expect.stringContaining(name)],
      }),
    ]);
  });

  it.each([
    ['AWS_USE_FIPS_ENDPOINT', 'false'],
    ['AWS_DISABLE_CLOCK_SKEW_CORRECTION', 'true'],
    ['AWS_ACCOUNT_ID_ENDPOINT_MODE', 'disabled'],
  ])('lets a user with a row in under %s=%s', async (name, value) => {
    const authorizer = await start({ [name]: value });
    await authorizer.invoke(eventOf('http-v2', `Bearer ${issuer.token()}`));
    await authorizer.close();
    expect(authorizer.lastDecision).toMatchObject({ outcome: 'allow', reason: 'user_found' });
  });
});
