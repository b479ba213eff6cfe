import { readRules } from '../../cli/user-keys.ts';
import { claimOfAnother } from '../../cli/probe-subject.ts';
import { createKey, signToken } from '../support/issuer.ts';

const ISSUER = { JWT_ISSUER: 'https://id.example.com', JWT_AUDIENCE: 'api' };
const CLAIMS = { iss: 'https://id.example.com', sub: '7f3c', email: 'alice@example.com' };
const token = signToken(CLAIMS, createKey());

const claim = (key: string, settings: Readonly<Record<string, string>>) =>
  claimOfAnother(token, { key, deployment: { settings, rules: readRules(settings).rules } });

it('finds nothing against a token of the user', () => {
  expect(claim('7f3c', ISSUER)).toBeUndefined();
});

it('names the claim by which the token is somebody else', () => {
  expect(claim('alice@example.com', ISSUER)).toBe('sub');
});

it('looks at the claim that names users', () => {
  expect(claim('alice@example.com', { ...ISSUER, USER_CLAIM: 'email' })).toBeUndefined();
  expect(claim('7f3c', { ...ISSUER, USER_CLAIM: 'email' })).toBe('email');
});

it('says nothing where it is not known which claim names users', () => {
  expect(claim('alice@example.com', { USERS_TABLE_NAME: 'users' })).toBeUndefined();
});
