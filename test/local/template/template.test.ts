import { deployment } from '../../../local/template/physical-ids.ts';
import { ResolvedTemplate, type TemplateJson } from '../../../local/template/template.ts';

const TEMPLATE: TemplateJson = {
  Parameters: {
    Version: { Default: '/cdk-bootstrap/version' },
    Given: {},
  },
  Mappings: { Sizes: { small: { memory: 128 } } },
  Conditions: {
    Here: { 'Fn::Equals': [{ Ref: 'AWS::Region' }, 'us-east-1'] },
    There: { 'Fn::Not': [{ Condition: 'Here' }] },
    Both: { 'Fn::And': [{ Condition: 'Here' }, { Condition: 'There' }] },
    Either: { 'Fn::Or': [{ Condition: 'Here' }, { Condition: 'There' }] },
  },
  Resources: {
    Fn: { Type: 'AWS::Lambda::Function', Properties: {} },
    Live: {
      Type: 'AWS::Lambda::Alias',
      Properties: { FunctionName: { Ref: 'Fn' }, Name: 'live' },
    },
    Users: { Type: 'AWS::DynamoDB::GlobalTable', Properties: {} },
    Named: { Type: 'AWS::DynamoDB::Table', Properties: { TableName: 'people' } },
    Api: { Type: 'AWS::ApiGateway::RestApi' },
    Elsewhere: { Type: 'AWS::DynamoDB::Table', Condition: 'There' },
    Loop: { Type: 'AWS::DynamoDB::Table', Properties: { TableName: { Ref: 'Loop' } } },
    Odd: { Type: 'AWS::Odd::Thing' },
  },
  Outputs: {
    Region: { Value: { Ref: 'AWS::Region' } },
    Gone: { Condition: 'There', Value: 'x' },
  },
};

const template = new ResolvedTemplate(TEMPLATE, deployment('Demo'));

describe('intrinsic functions', () => {
  it.each<[string, unknown, unknown]>([
    ['Ref of a pseudo parameter', { Ref: 'AWS::Partition' }, 'aws'],
    ['Ref of a parameter with a default', { Ref: 'Version' }, '/cdk-bootstrap/version'],
    ['Ref of a resource without a name', { Ref: 'Users' }, 'Demo-Users'],
    ['Ref of a resource with a name', { Ref: 'Named' }, 'people'],
    [
      'Ref of an alias',
      { Ref: 'Live' },
      'arn:aws:lambda:us-east-1:000000000000:function:Demo-Fn:live',
    ],
    [
      'GetAtt in a list',
      { 'Fn::GetAtt': ['Fn', 'Arn'] },
      'arn:aws:lambda:us-east-1:000000000000:function:Demo-Fn',
    ],
    [
      'GetAtt in a text',
      { 'Fn::GetAtt': 'Users.Arn' },
      'arn:aws:dynamodb:us-east-1:000000000000:table/Demo-Users',
    ],
    ['Join', { 'Fn::Join': ['-', ['a', { Ref: 'AWS::Region' }]] }, 'a-us-east-1'],
    ['Select of a Split', { 'Fn::Select': [1, { 'Fn::Split': [':', 'a:b:c'] }] }, 'b'],
    [
      'Sub',
      { 'Fn::Sub': '${AWS::Region}/${Users.Arn}/${!Literal}' },
      'us-east-1/arn:aws:dynamodb:us-east-1:000000000000:table/Demo-Users/${Literal}',
    ],
    [
      'Sub with variables',
      { 'Fn::Sub': ['${a}${Named}', { a: { Ref: 'Users' } }] },
      'Demo-Userspeople',
    ],
    ['FindInMap', { 'Fn::FindInMap': ['Sizes', 'small', 'memory'] }, 128],
    ['If, true', { 'Fn::If': ['Here', 'yes', 'no'] }, 'yes'],
    ['If, false', { 'Fn::If': ['There', 'yes', 'no'] }, 'no'],
    ['And', { 'Fn::If': ['Both', 'yes', 'no'] }, 'no'],
    ['Or', { 'Fn::If': ['Either', 'yes', 'no'] }, 'yes'],
    ['Base64', { 'Fn::Base64': 'a' }, 'YQ=='],
    ['a map with two members', { Ref: 'Users', other: 1 }, { Ref: 'Users', other: 1 }],
    ['what is nested', { a: [{ Ref: 'Users' }] }, { a: ['Demo-Users'] }],
    ['NoValue in a map', { a: { Ref: 'AWS::NoValue' }, b: 1 }, { b: 1 }],
    ['NoValue in a list', [{ Ref: 'AWS::NoValue' }, 1], [1]],
  ])('resolves %s', (_what, expression, expected) => {
    expect(template.resolve(expression)).toEqual(expected);
  });

  it.each<[string, unknown, string]>([
    ['a function that it does not know', { 'Fn::ImportValue': 'x' }, 'Fn::ImportValue'],
    ['an attribute that it does not know', { 'Fn::GetAtt': ['Odd', 'Size'] }, 'Odd.Size'],
    ['a resource that is not there', { Ref: 'Nowhere' }, 'Nowhere'],
    ['a parameter without a default', { Ref: 'Given' }, 'Given'],
    ['a name that refers to itself', { Ref: 'Loop' }, 'circular'],
  ])('refuses %s by name', (_what, expression, expected) => {
    expect(() => template.resolve(expression)).toThrow(expected);
  });
});

describe('resources and outputs', () => {
  it('leaves out what its condition excludes', () => {
    const names = template.resourcesOfType('AWS::DynamoDB::GlobalTable').map((r) => r.logicalId);
    expect(names).toEqual(['Users']);
    expect(
      new ResolvedTemplate(
        { ...TEMPLATE, Resources: { Elsewhere: { Type: 'X', Condition: 'There' } } },
        deployment('Demo'),
      ).resourcesOfType('X'),
    ).toEqual([]);
    expect(template.outputs()).toEqual({ Region: 'us-east-1' });
  });

  it('gives the same ids on every run, and others to another stack', () => {
    const again = new ResolvedTemplate(TEMPLATE, deployment('Demo'));
    const other = new ResolvedTemplate(TEMPLATE, deployment('Other'));
    expect(again.resource('Api').physicalId).toBe(template.resource('Api').physicalId);
    expect(other.resource('Api').physicalId).not.toBe(template.resource('Api').physicalId);
  });

  it('gives an API an id of ten small letters and digits', () => {
    expect(template.resource('Api').physicalId).toMatch(/^[a-z0-9]{10}$/u);
  });
});
