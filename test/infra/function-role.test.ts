import { RemovalPolicy, Stack } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import { Key } from 'aws-cdk-lib/aws-kms';
import { RetentionDays } from 'aws-cdk-lib/aws-logs';
import { functionRole, type LogOptions } from '../../infra/function-role.ts';
import { testApp } from './support/synth.ts';

const theirs = (): Stack => new Stack(testApp(), 'Theirs');

function template(options: Partial<LogOptions> = {}, stack = theirs()): Template {
  functionRole(stack, 'Runs something', { retention: RetentionDays.ONE_MONTH, ...options });
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
    ['is kept when the stack goes', {}, 'Retain'],
    ['goes with the stack when told', { removalPolicy: RemovalPolicy.DESTROY }, 'Delete'],
  ])('has a log group that %s', (_, options, DeletionPolicy) => {
    template(options).hasResource('AWS::Logs::LogGroup', {
      DeletionPolicy,
      Properties: { RetentionInDays: 30 },
    });
  });

  it('encrypts the log with a key of this app, which lets CloudWatch Logs use it', () => {
    const stack = theirs();
    const made = template({ encryptionKey: new Key(stack, 'Key') }, stack);
    const [key] = Object.keys(made.findResources('AWS::KMS::Key'));
    made.hasResourceProperties('AWS::Logs::LogGroup', {
      KmsKeyId: { 'Fn::GetAtt': [key, 'Arn'] },
    });
    made.hasResourceProperties('AWS::KMS::Key', {
      KeyPolicy: {
        Statement: Match.arrayWith([
          Match.objectLike({
            Effect: 'Allow',
            Principal: {
              Service: {
                'Fn::Join': ['', ['logs.', { Ref: 'AWS::Region' }, '.', { Ref: 'AWS::URLSuffix' }]],
              },
            },
            Action: Match.arrayWith(['kms:Decrypt', 'kms:Encrypt', 'kms:GenerateDataKey*']),
            Condition: {
              ArnLike: { 'kms:EncryptionContext:aws:logs:arn': Match.anyValue() },
            },
          }),
        ]),
      },
    });
  });

  it('takes a key of another app as it is', () => {
    const stack = theirs();
    const arn = 'arn:aws:kms:eu-west-1:111122223333:key/k-1';
    const made = template({ encryptionKey: Key.fromKeyArn(stack, 'Key', arn) }, stack);
    made.hasResourceProperties('AWS::Logs::LogGroup', { KmsKeyId: arn });
  });
});
