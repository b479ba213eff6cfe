import { readStackSettings, STACK_SETTINGS } from '../../../infra/settings/stack-settings.ts';

const read = (env: Record<string, string>) => readStackSettings(env);

describe('readStackSettings', () => {
  it('has a REST API with a TOKEN authorizer, uncached, answering 401, when nothing is set', () => {
    expect(read({})).toEqual({
      problems: [],
      present: new Set(),
      settings: {
        USERS_TABLE_KMS_KEY_ARN: undefined,
        ROLLCALL_STACK_NAME: 'Rollcall',
        ROLLCALL_REST_AUTHORIZER: 'token',
        ROLLCALL_HTTP_API: false,
        ROLLCALL_WEBSOCKET_API: false,
        ROLLCALL_CACHE_TTL_SECONDS: 0,
        ROLLCALL_MAX_REVOCATION_DELAY_SECONDS: undefined,
        ROLLCALL_DENIED_STATUS_CODE: 401,
        ROLLCALL_CORS_ORIGIN: undefined,
        ROLLCALL_PROTECTED_RESOURCE: false,
        ROLLCALL_ALARM_TOPIC_ARN: undefined,
        ROLLCALL_CLOUDWATCH_ROLE: true,
      },
    });
  });

  it.each([
    ['USERS_TABLE_KMS_KEY_ARN', 'arn:aws-cn:kms:cn-north-1:111122223333:key/mrk-1'],
    ['ROLLCALL_STACK_NAME', 'a'.repeat(128)],
    ['ROLLCALL_REST_AUTHORIZER', 'request'],
    ['ROLLCALL_HTTP_API', 'TRUE'],
    ['ROLLCALL_WEBSOCKET_API', 'False'],
    ['ROLLCALL_CACHE_TTL_SECONDS', '3600'],
    ['ROLLCALL_MAX_REVOCATION_DELAY_SECONDS', '86400'],
    ['ROLLCALL_DENIED_STATUS_CODE', '403'],
    ['ROLLCALL_CORS_ORIGIN', '*'],
    ['ROLLCALL_CORS_ORIGIN', 'http://localhost:5173'],
    ['ROLLCALL_PROTECTED_RESOURCE', 'true'],
    ['ROLLCALL_ALARM_TOPIC_ARN', 'arn:aws:sns:eu-west-1:111122223333:my-alarms_1'],
    ['ROLLCALL_CLOUDWATCH_ROLE', 'false'],
  ])('accepts %s=%s', (name, value) => {
    expect(read({ [name]: value }).problems).toEqual([]);
  });

  it.each([
    ['USERS_TABLE_KMS_KEY_ARN', 'arn:aws:kms:eu-west-1:111122223333:alias/users'],
    ['USERS_TABLE_KMS_KEY_ARN', 'key-1'],
    ['ROLLCALL_STACK_NAME', 'a'.repeat(129)],
    ['ROLLCALL_STACK_NAME', '1st'],
    ['ROLLCALL_REST_AUTHORIZER', 'TOKEN'],
    ['ROLLCALL_HTTP_API', ''],
    ['ROLLCALL_WEBSOCKET_API', 'yes'],
    ['ROLLCALL_CACHE_TTL_SECONDS', '3601'],
    ['ROLLCALL_CACHE_TTL_SECONDS', '-1'],
    ['ROLLCALL_MAX_REVOCATION_DELAY_SECONDS', '86401'],
    ['ROLLCALL_DENIED_STATUS_CODE', '404'],
    ['ROLLCALL_CORS_ORIGIN', 'https://app.example.com/'],
    ['ROLLCALL_CORS_ORIGIN', 'https://a.example.com, https://b.example.com'],
    ['ROLLCALL_CORS_ORIGIN', 'null'],
    ['ROLLCALL_PROTECTED_RESOURCE', ''],
    ['ROLLCALL_ALARM_TOPIC_ARN', 'arn:aws:sqs:eu-west-1:111122223333:queue'],
    ['ROLLCALL_CLOUDWATCH_ROLE', ''],
  ])('refuses %s=%s by its name, without repeating the value', (name, value) => {
    const { problems } = read({ [name]: value });
    expect(problems).toHaveLength(1);
    expect(problems[0]?.startsWith(`${name} must be `)).toBe(true);
  });

  it.each(Object.keys(STACK_SETTINGS).filter((name) => !/_(?:API|ROLE|RESOURCE)$/u.test(name)))(
    'takes an empty %s for none',
    (name) => {
      expect(read({ [name]: '' })).toEqual(read({}));
    },
  );
});
