/**
 * Every row of the tables of settings, from `.env` through the props and the synthesized template
 * to what the function makes of it. The tests go through the tables: a setting that is lost on the
 * way fails here by its name.
 */
import { Template } from 'aws-cdk-lib/assertions';
import { AuthorizerStack } from '../../../infra/authorizer-stack.ts';
import { loadSettings } from '../../../infra/load-settings.ts';
import {
  ALL_SETTINGS,
  STACK_SETTINGS,
  type DescribedSetting,
} from '../../../infra/settings/stack-settings.ts';
import { parseConfig, type Config } from '../../../lambda/settings/config.ts';
import { MEMBER_DESCRIPTIONS } from '../../../lambda/settings/descriptions.ts';
import { ISSUER_MEMBERS } from '../../../lambda/settings/trusted-issuers.ts';
import { messagesOf, testApp, variables } from '../support/synth.ts';

type Env = Readonly<Record<string, string>>;

const BASE: Env = { JWT_ISSUER: 'https://base.example.com', JWT_AUDIENCE: 'base' };
const ISSUERS = [
  { issuer: 'https://a.example.com', audience: 'x', userNamespace: 'a' },
  { issuer: 'https://idp.example.com/', audience: 'x', userNamespace: 'b' },
];

/** What has to be set as well for a setting to make a difference. */
const BESIDE: Partial<Record<DescribedSetting['name'], Env>> = {
  TRUSTED_ISSUERS: { JWT_ISSUER: '', JWT_AUDIENCE: '' },
  PLATFORM_ADMIN_ISSUER: {
    JWT_ISSUER: '',
    JWT_AUDIENCE: '',
    TRUSTED_ISSUERS: JSON.stringify(ISSUERS),
    PLATFORM_ADMIN_EMAIL: 'admin',
  },
  BOOTSTRAP_EXPIRES_AT: { PLATFORM_ADMIN_EMAIL: 'admin' },
  ROLLCALL_MAX_REVOCATION_DELAY_SECONDS: { ROLLCALL_CACHE_TTL_SECONDS: '120' },
};

function envWith({ name, example }: DescribedSetting): Env {
  return { ...BASE, ...BESIDE[name], [name]: example };
}

/** The same with another value, or with none where that is not needed. */
function envWithout({ name }: DescribedSetting): Env {
  if (name === 'TRUSTED_ISSUERS') return BASE;
  const other = name === 'PLATFORM_ADMIN_ISSUER' ? { [name]: 'https://a.example.com' } : {};
  return { ...BASE, ...BESIDE[name], ...other };
}

/** A table that the stack makes has a name that is not known before it is deployed. */
const MADE = { USERS_TABLE_NAME: 'made.users', REVOKED_TOKENS_TABLE_NAME: 'made.revoked' };

/** What the function would make of `env` itself. */
function configOf(env: Env): Config {
  const result = parseConfig({ ...MADE, ...env });
  if (!result.ok) throw new Error(result.problems.join('; '));
  return result.config;
}

function stackOf(env: Env): AuthorizerStack {
  const { stackName, props, unknownNames } = loadSettings({}, dotenv(env));
  expect(unknownNames).toEqual([]);
  return new AuthorizerStack(testApp(), stackName, props);
}

function dotenv(env: Env): string {
  return Object.entries(env)
    .map(([name, value]) => `${name}='${value}'\n`)
    .join('');
}

/** What the function makes of the environment that the stack of `env` gives it. */
function deployedConfigOf(env: Env): Config {
  const environment = variables(Template.fromStack(stackOf(env)));
  return configOf(
    Object.fromEntries(
      Object.entries(environment).map(([name, value]) => [
        name,
        typeof value === 'string' ? value : MADE[name as keyof typeof MADE],
      ]),
    ),
  );
}

const functionSettings = ALL_SETTINGS.filter(({ name }) => !Object.hasOwn(STACK_SETTINGS, name));
const stackSettings = ALL_SETTINGS.filter(({ name }) => Object.hasOwn(STACK_SETTINGS, name));

describe.each(ALL_SETTINGS)('the row of $name', (setting) => {
  it('has an example that its grammar accepts and that is not its default', () => {
    const parsed = setting.grammar(setting.example);
    expect(parsed).toMatchObject({ ok: true });
    expect(parsed).not.toEqual(setting.grammar(setting.default ?? ''));
  });
});

it.each(ALL_SETTINGS.filter((setting) => setting.default !== undefined))(
  'the default of $name is accepted by its grammar',
  ({ grammar, default: fallback = '' }) => {
    expect(grammar(fallback)).toMatchObject({ ok: true });
  },
);

it.each(ALL_SETTINGS.filter((setting) => setting.default === undefined))(
  '$name has no default and says what holds without one',
  ({ whenUnset }) => {
    expect(whenUnset).toMatch(/\S/u);
  },
);

it.each(functionSettings)('$name makes a difference to the function', (setting) => {
  expect(configOf(envWith(setting))).not.toEqual(configOf(envWithout(setting)));
});

it.each(functionSettings)('$name reaches the function as it is in .env', (setting) => {
  expect(deployedConfigOf(envWith(setting))).toEqual(configOf(envWith(setting)));
});

it.each(stackSettings)('$name makes a difference to what is deployed', (setting) => {
  const deployed = (env: Env) => {
    const stack = stackOf(env);
    const messages = messagesOf(stack);
    return { name: stack.stackName, messages, template: Template.fromStack(stack).toJSON() };
  };
  expect(deployed(envWith(setting))).not.toEqual(deployed(envWithout(setting)));
});

describe.each(Object.keys(ISSUER_MEMBERS))('the member %s of an issuer', (member) => {
  const given = ALL_SETTINGS.find((setting) => setting.member === member);
  const parsed = given?.grammar(given.example);
  const example: unknown =
    parsed?.ok === true
      ? parsed.value
      : JSON.parse(MEMBER_DESCRIPTIONS[member as keyof typeof MEMBER_DESCRIPTIONS].example);
  const envOf = (entry: object): Env => ({ TRUSTED_ISSUERS: JSON.stringify([entry]) });
  const base = { issuer: 'https://base.example.com', audience: 'base' };
  const withMember = envOf({ ...base, [member]: example });

  it('makes a difference to the function', () => {
    expect(configOf(withMember)).not.toEqual(configOf(envOf(base)));
  });

  it('reaches the function as it is in .env', () => {
    expect(deployedConfigOf(withMember)).toEqual(configOf(withMember));
  });
});
