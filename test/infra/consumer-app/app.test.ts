import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { Template } from 'aws-cdk-lib/assertions';
import { contextOfCdkJson, ROOT, variables } from '../support/synth.ts';

describe("somebody else's app", () => {
  const outdir = mkdtempSync(path.join(os.tmpdir(), 'rollcall-consumer-'));
  const { status, stderr } = spawnSync(
    process.execPath,
    ['--import', 'tsx', path.join(import.meta.dirname, 'app.ts')],
    {
      cwd: ROOT,
      encoding: 'utf8',
      env: {
        ...process.env,
        CDK_OUTDIR: outdir,
        CDK_CONTEXT_JSON: JSON.stringify(contextOfCdkJson()),
      },
    },
  );
  const template = (): Template =>
    Template.fromJSON(
      JSON.parse(readFileSync(path.join(outdir, 'Orders.template.json'), 'utf8')) as object,
    );

  it('synthesizes without a warning', () => {
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  });

  it('puts the authorizer in front of a route of the API that exists', () => {
    template().hasResourceProperties('AWS::ApiGateway::Authorizer', { RestApiId: 'abc1234567' });
    template().hasResourceProperties('AWS::ApiGateway::Method', {
      RestApiId: 'abc1234567',
      HttpMethod: 'GET',
      AuthorizationType: 'CUSTOM',
    });
  });

  it('asks the table that exists', () => {
    expect(variables(template())).toEqual({
      JWT_ISSUER: 'https://idp.example.com/',
      JWT_AUDIENCE: 'orders',
      USER_CLAIM: 'email',
      REQUIRE_USER_IN_DB: 'true',
      USERS_TABLE_NAME: 'people',
      USERS_TABLE_KEY: 'email',
    });
  });

  it('makes neither a table nor an API', () => {
    template().resourceCountIs('AWS::DynamoDB::GlobalTable', 0);
    template().resourceCountIs('AWS::DynamoDB::Table', 0);
    template().resourceCountIs('AWS::ApiGateway::RestApi', 0);
  });

  it('comes with its alarms and no dashboard', () => {
    template().resourceCountIs('AWS::CloudWatch::Alarm', 9);
    template().resourceCountIs('AWS::CloudWatch::Dashboard', 0);
  });
});
