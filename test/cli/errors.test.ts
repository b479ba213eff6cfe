import { CliError, EXIT, toCliError } from '../../cli/errors.ts';

const named = (name: string, more: object = {}): Error =>
  Object.assign(new Error('it says a secret'), { name, ...more });

describe('toCliError', () => {
  it('hands on an error of the command line', () => {
    const error = new CliError(EXIT.usage, 'x', 'y', 'z');
    expect(toCliError(error)).toBe(error);
  });

  it.each([
    ['ResourceNotFoundException', 'table_missing'],
    ['AccessDeniedException', 'access_denied'],
    ['AccessDenied', 'access_denied'],
    ['UnauthorizedOperation', 'access_denied'],
    ['ExpiredTokenException', 'access_denied'],
    ['CredentialsProviderError', 'access_denied'],
    ['ThrottlingException', 'throttled'],
    ['ProvisionedThroughputExceededException', 'throttled'],
    ['TimeoutError', 'timeout'],
    ['TypeError', 'internal_error'],
  ])('reads %s as %s', (name, code) => {
    expect(toCliError(named(name))).toMatchObject({ code, exitCode: EXIT.failed });
  });

  it('reads a failed connection, also to several addresses', () => {
    const refused = named('Error', { code: 'ECONNREFUSED' });
    expect(toCliError(refused).code).toBe('connection');
    expect(toCliError(new AggregateError([refused])).code).toBe('connection');
  });

  it.each(['ENOENT', 'EACCES', 'ENOSPC'])('reads %s as a matter of files', (code) => {
    expect(toCliError(named('Error', { code })).code).toBe('file_unusable');
  });

  it('reads an answer of the service that has no name here', () => {
    const error = named('LimitReachedException', { $metadata: { httpStatusCode: 400 } });
    expect(toCliError(error)).toMatchObject({
      code: 'http_status',
      message: 'AWS answered with an error (LimitReachedException)',
    });
  });

  it.each(['TypeError', 'AccessDeniedException', 'ValidationException'])(
    'never repeats what %s says',
    (name) => {
      const { message, remedy } = toCliError(named(name, { $metadata: { httpStatusCode: 400 } }));
      expect(message + remedy).not.toContain('secret');
    },
  );

  it('takes anything that was thrown', () => {
    expect(toCliError('a secret')).toMatchObject({ code: 'internal_error' });
    expect(toCliError(undefined).message).not.toContain('secret');
  });
});
