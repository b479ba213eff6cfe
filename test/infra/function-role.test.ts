import { RemovalPolicy, Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { RetentionDays } from 'aws-cdk-lib/aws-logs';
import { functionRole } from '../../infra/function-role.ts';
import { testApp } from './support/synth.ts';

function template(...policy: RemovalPolicy[]): Template {
  const stack = new Stack(testApp(), 'Theirs');
  functionRole(stack, 'Runs something', RetentionDays.ONE_MONTH, ...policy);
  return Template.fromStack(stack);
}

describe('functionRole', () => {
  it('lets the function write to its own log group and do nothing else', () => {
    const made = template();
    const [group] = Object.keys(made.findResources('AWS::Logs::LogGroup'));
    made.hasResourceProperties('AWS::IAM::Policy', {
      PolicyDocument: {
        Statement: [
          {
            Sid: 'WriteOwnLogs',
            Effect: 'Allow',
            Action: ['logs:CreateLogStream', 'logs:PutLogEvents'],
            Resource: { 'Fn::GetAtt': [group, 'Arn'] },
          },
        ],
      },
    });
  });

  it('says what the role is for', () => {
    template().hasResourceProperties('AWS::IAM::Role', { Description: 'Runs something' });
  });

  it.each([
    ['is kept when the stack goes', [], 'Retain'],
    ['goes with the stack when told', [RemovalPolicy.DESTROY], 'Delete'],
  ])('has a log group that %s', (_, policy, DeletionPolicy) => {
    template(...policy).hasResource('AWS::Logs::LogGroup', {
      DeletionPolicy,
      Properties: { RetentionInDays: 30 },
    });
  });
});
