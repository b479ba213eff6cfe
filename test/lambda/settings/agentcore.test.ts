import { identityHeaderPrefix, toolRoles } from '../../../lambda/settings/agentcore.ts';

describe('toolRoles', () => {
  it.each([
    '{"Orders___get":"reader"}',
    '{"Orders___*":["reader","writer"],"Orders___delete":"admin"}',
    '{"*":"agent"}',
    '{"a b ü":"agent"}',
    '{"__proto__":"agent"}',
  ])('accepts %s', (text) => {
    const lists = Object.entries(JSON.parse(text) as object).map(
      ([tool, roles]: [string, unknown]) => [tool, [roles].flat()],
    );
    expect(toolRoles(text)).toEqual({ ok: true, value: Object.fromEntries(lists) as unknown });
  });

  it.each([
    '',
    'null',
    '[]',
    '{}',
    '{"a":[]}',
    '{"a":""}',
    '{"a":["r",7]}',
    '{"a":{"r":true}}',
    '{"a":"no role"}',
    '{"":"r"}',
    '{"a*b":"r"}',
    '{"**":"r"}',
    '{"a\\n":"r"}',
    `{"${'a'.repeat(257)}":"r"}`,
    '{"a":"r"',
  ])('refuses %s without repeating it', (text) => {
    const parsed = toolRoles(text);
    expect(parsed.ok ? 'accepted' : parsed.problem).toMatch(/^(?:must|has)(?!.*no role)/u);
  });
});

describe('identityHeaderPrefix', () => {
  it.each(['X-Rollcall-', 'X_', 'a'.repeat(64)])('accepts %s', (text) => {
    expect(identityHeaderPrefix(text)).toEqual({ ok: true, value: text });
  });

  it.each(['', 'X Rollcall', 'X-Rollcall:', 'a'.repeat(65), 'Auth', 'AUTHORIZATION', 'Mcp-', 'x-'])(
    'refuses %j',
    (text) => {
      expect(identityHeaderPrefix(text)).toMatchObject({ ok: false });
    },
  );
});
