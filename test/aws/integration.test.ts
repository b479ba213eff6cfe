/** The integration test is synthesized here, so that it deploys when somebody has an account. */
import { SynthesisMessageLevel } from 'aws-cdk-lib/cx-api';
import { testApp } from '../infra/support/synth.ts';
import { integrationTest } from './integration.ts';

const app = testApp();
integrationTest(app);
const assembly = app.synth();
type Resources = Readonly<
  Record<string, { Type: string; DeletionPolicy?: string; Properties?: Record<string, unknown> }>
>;
const resources = assembly.stacksRecursively.flatMap(({ template }) =>
  Object.values((template as { Resources: Resources }).Resources),
);
const ofType = (type: string) => resources.filter(({ Type }) => Type === type);

it('has an issuer, the authorizer and the probes, and a stack that asks', () => {
  const names = assembly.stacks.map(({ stackName }) => stackName);
  expect(names).toEqual(
    expect.arrayContaining([
      'RollcallIntegration',
      'RollcallProbes',
      expect.stringMatching(/Assert/u),
    ]),
  );
});

it('asks over HTTP, with what it expects of each answer', () => {
  const calls = ofType('Custom::DeployAssert@HttpCall');
  expect(calls).toHaveLength(19);
  for (const { Properties } of calls) expect(Properties).toHaveProperty('expected');
});

it('keeps nothing', () => {
  const kept = resources.filter(
    ({ DeletionPolicy, Properties }) =>
      (DeletionPolicy ?? 'Delete') !== 'Delete' ||
      JSON.stringify(Properties ?? {}).includes('"DeletionProtectionEnabled":true'),
  );
  expect(kept).toEqual([]);
});

it('changes nothing of the account', () => {
  expect(ofType('AWS::ApiGateway::Account')).toEqual([]);
});

it('synthesizes without an error', () => {
  const errors = assembly.stacks.flatMap(({ messages }) =>
    messages.filter(({ level }) => level === SynthesisMessageLevel.ERROR),
  );
  expect(errors).toEqual([]);
});

it('is in strict mode', () => {
  const functions = JSON.stringify(ofType('AWS::Lambda::Function'));
  expect(functions).toContain('"REQUIRE_USER_IN_DB":"true"');
});
