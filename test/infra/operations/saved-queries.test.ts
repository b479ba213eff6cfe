import { Stack } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import { LogGroup } from 'aws-cdk-lib/aws-logs';
import { SavedQueries } from '../../../infra/operations/saved-queries.ts';
import { testApp } from '../support/synth.ts';

const stack = new Stack(testApp(), 'Theirs');
const logGroup = new LogGroup(stack, 'Logs');
new SavedQueries(stack, 'Queries', logGroup);
const template = Template.fromStack(stack);

function query(name: string): readonly string[] {
  const [found] = Object.values(
    template.findResources('AWS::Logs::QueryDefinition', {
      Properties: { Name: `Theirs/${name}` },
    }),
  ) as { readonly Properties: { readonly QueryString: string } }[];
  return (found?.Properties.QueryString ?? '').split(/\n\|\s*/u);
}

describe('SavedQueries', () => {
  it('finds who was rejected by strict mode, the latest first', () => {
    expect(query('Rejected by strict mode')).toEqual([
      'fields @timestamp, user_id, issuer, source_ip, api_id, request_id',
      'filter security_event = "user_not_in_db_rejected"',
      'sort @timestamp desc',
      'limit 200',
    ]);
  });

  it('finds who used bootstrap', () => {
    expect(query('Bootstrap entries')).toContain(
      'filter security_event = "platform_admin_bootstrap"',
    );
  });

  it('counts denials by reason, the most frequent first', () => {
    expect(query('Denials by reason')).toEqual([
      'filter outcome in ["unauthenticated", "forbidden"]',
      'stats count(*) as denials, count_distinct(user_id) as users by reason',
      'sort denials desc',
    ]);
  });

  it('counts what could not be checked by its cause', () => {
    expect(query('Could not be checked')).toEqual([
      'filter outcome = "unavailable"',
      'stats count(*) as requests by reason, cause, attribute, bin(5m)',
    ]);
  });

  it('holds up no deployment where CloudFormation does not know it', () => {
    template.allResources('AWS::Logs::QueryDefinition', {
      Condition: Match.stringLikeRegexp('AreKnown'),
    });
  });

  it('looks at the log of the function alone', () => {
    template.allResourcesProperties('AWS::Logs::QueryDefinition', {
      LogGroupNames: [stack.resolve(logGroup.logGroupName)],
    });
  });
});
