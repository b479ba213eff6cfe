import {
  checkMappingTemplate,
  renderMappingTemplate,
} from '../../../../local/gateway/rest/mapping-template.ts';

const METADATA =
  '{"resource":"https://$context.domainName$context.path.replaceAll("/.well-known/.*","")"}';

describe('renderMappingTemplate', () => {
  it.each([
    ['abc.execute-api.eu-west-1.amazonaws.com', '/prod', '/prod'],
    ['mcp.example.com', '', ''],
    ['mcp.example.com', '/v1', '/v1'],
  ])('names the resource at %s%s', (domainName, base, expected) => {
    const path = `${base}/.well-known/oauth-protected-resource`;
    expect(JSON.parse(renderMappingTemplate(METADATA, { domainName, path }))).toEqual({
      resource: `https://${domainName}${expected}`,
    });
  });

  it('leaves nothing of what is not there', () => {
    expect(renderMappingTemplate('[$context.identity.user]', { identity: { user: null } })).toBe(
      '[]',
    );
  });

  it('puts a replacement in as it stands', () => {
    expect(renderMappingTemplate('$context.path.replaceAll("b","$&")', { path: 'abc' })).toBe(
      'a$&c',
    );
  });
});

describe('checkMappingTemplate', () => {
  it.each(['', 'plain', METADATA, '{"a":"$5"}', '$context.stage.'])('knows %s', (template) => {
    expect(() => checkMappingTemplate(template)).not.toThrow();
  });

  it.each([
    '#set($a = 1)',
    '$input.body',
    '$context.path.substring(1)',
    '${context.path}',
    '$util.escapeJavaScript("a")',
  ])('refuses %s by name', (template) => {
    expect(() => checkMappingTemplate(template)).toThrow(/not supported by the local gateway/u);
  });
});
