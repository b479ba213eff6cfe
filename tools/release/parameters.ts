/**
 * The settings as parameters of a CloudFormation template: `JwtIssuer` for `JWT_ISSUER`, and so on.
 * Made from the tables of settings, so that a new setting is a parameter without anyone adding it.
 */
import { CfnCondition, CfnParameter, CfnRule, Fn, Token } from 'aws-cdk-lib';
import { Construct } from 'constructs';
import {
  ALL_SETTINGS,
  type DescribedSetting,
  type StackSettingName,
} from '../../infra/settings/stack-settings.ts';
import { boolean } from '../../lambda/settings/grammar.ts';
import { SETTING_NAMES } from '../../lambda/settings/table.ts';

/** Settings of the stack that the template has as well: it makes the tables and the alarms. */
const OF_THE_STACK = ['USERS_TABLE_KMS_KEY_ARN', 'ROLLCALL_ALARM_TOPIC_ARN'] as const;

/** A setting that the template has a parameter for. */
export type ParameterSetting = (typeof SETTING_NAMES)[number] | (typeof OF_THE_STACK)[number];

/** Settings of the stack that say how to make its APIs, or how to synthesize; the template does neither. */
export const WITHOUT_PARAMETER: Readonly<
  Record<Exclude<StackSettingName, (typeof OF_THE_STACK)[number]>, string>
> = {
  ROLLCALL_STACK_NAME: 'the deployment names the stack',
  ROLLCALL_REST_AUTHORIZER: 'the API is yours',
  ROLLCALL_HTTP_API: 'the API is yours',
  ROLLCALL_WEBSOCKET_API: 'the API is yours',
  ROLLCALL_CACHE_TTL_SECONDS: 'the authorizer of the API is yours',
  ROLLCALL_MAX_REVOCATION_DELAY_SECONDS: 'it is checked at synthesis',
  ROLLCALL_DENIED_STATUS_CODE: 'the gateway responses of the API are yours',
  ROLLCALL_CORS_ORIGIN: 'the gateway responses of the API are yours',
  ROLLCALL_PROTECTED_RESOURCE: 'the API is yours',
  ROLLCALL_CLOUDWATCH_ROLE: 'the API is yours',
};

/** `JwtIssuer` for `JWT_ISSUER`. */
export function parameterName(setting: string): string {
  return setting
    .split('_')
    .map((word) => word.charAt(0) + word.slice(1).toLowerCase())
    .join('');
}

/** The settings that are parameters, in the order of the reference. */
export const PARAMETER_SETTINGS: readonly DescribedSetting[] = ALL_SETTINGS.filter(
  ({ name }) => !Object.hasOwn(WITHOUT_PARAMETER, name),
);

/** A parameter for each setting, with a condition that holds if it has a value. */
export class SettingParameters extends Construct {
  readonly #parameters = new Map<string, CfnParameter>();
  readonly #conditions = new Map<string, CfnCondition>();

  constructor(scope: Construct, id: string) {
    super(scope, id);
    for (const setting of PARAMETER_SETTINGS) this.#add(setting);
    this.#addRules();
  }

  /** The value as it was given, possibly empty. */
  value(setting: ParameterSetting): string {
    return member(this.#parameters, setting).valueAsString;
  }

  /** The condition that holds if the setting has a value. */
  isSet(setting: ParameterSetting): CfnCondition {
    return member(this.#conditions, setting);
  }

  /** `whenSet` if the setting has a value, else `otherwise`; nothing at all by default. */
  either(setting: ParameterSetting, whenSet: unknown, otherwise: unknown = NO_VALUE): unknown {
    return Fn.conditionIf(this.isSet(setting).logicalId, whenSet, otherwise);
  }

  /** The variables of the function: those that have a value, and no others. */
  environment(
    tables: Readonly<Partial<Record<ParameterSetting, unknown>>>,
  ): Readonly<Record<string, unknown>> {
    return Object.fromEntries(
      SETTING_NAMES.map((name) => [name, tables[name] ?? this.either(name, this.value(name))]),
    );
  }

  #add(setting: DescribedSetting): void {
    const { name, grammar } = setting;
    const logicalId = parameterName(name);
    const parameter = new CfnParameter(this, logicalId, {
      type: 'String',
      default: '',
      description: description(setting),
      // The function refuses to start with any other value.
      ...(grammar === boolean && {
        allowedPattern: '^(?:[Tt][Rr][Uu][Ee]|[Ff][Aa][Ll][Ss][Ee])?$',
        constraintDescription: 'true, false or nothing',
      }),
    });
    parameter.overrideLogicalId(logicalId);
    const condition = new CfnCondition(this, `Has${logicalId}`, {
      expression: Fn.conditionNot(Fn.conditionEquals(parameter.valueAsString, '')),
    });
    condition.overrideLogicalId(`Has${logicalId}`);
    this.#parameters.set(name, parameter);
    this.#conditions.set(name, condition);
  }

  /** What the function would refuse to start with fails the deployment before it begins. */
  #addRules(): void {
    const isEmpty = (name: ParameterSetting) => Fn.conditionEquals(this.value(name), '');
    const oneOf = (...names: readonly ParameterSetting[]) =>
      Fn.conditionNot(Fn.conditionAnd(...names.map(isEmpty)));
    new CfnRule(this, 'HasIssuer', {
      assertions: [
        {
          assert: oneOf('JWT_ISSUER', 'TRUSTED_ISSUERS'),
          assertDescription: 'Give JwtIssuer, or TrustedIssuers for several.',
        },
        {
          assert: Fn.conditionOr(isEmpty('JWT_ISSUER'), isEmpty('TRUSTED_ISSUERS')),
          assertDescription: 'JwtIssuer and TrustedIssuers exclude each other.',
        },
      ],
    }).overrideLogicalId('HasIssuer');
    new CfnRule(this, 'HasAudience', {
      ruleCondition: Fn.conditionNot(isEmpty('JWT_ISSUER')),
      assertions: [
        {
          assert: oneOf('JWT_AUDIENCE', 'JWT_CLIENT_ID'),
          assertDescription: 'Give JwtAudience, JwtClientId or both.',
        },
      ],
    }).overrideLogicalId('HasAudience');
  }
}

export const NO_VALUE = { Ref: 'AWS::NoValue' };

/** In plain words: CloudFormation shows no Markdown. */
function description({ name, summary, default: fallback, whenUnset }: DescribedSetting): string {
  const unset = fallback ?? whenUnset ?? 'none';
  return `${name}: ${summary} Unset: ${unset}.`.replaceAll('`', '');
}

function member<T>(members: ReadonlyMap<string, T>, name: string): T {
  const found = members.get(name);
  if (found === undefined) throw new Error(`${name} is no parameter`);
  return found;
}

/** A value of CloudFormation as a string that the CDK passes on. */
export function asText(value: unknown): string {
  return Token.asString(value);
}
