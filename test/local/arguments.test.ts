import { readArguments, UsageError } from '../../local/arguments.ts';

it('chooses nothing by itself', () => {
  expect(readArguments([])).toMatchObject({
    help: false,
    strict: false,
    port: undefined,
    settings: {},
    stateFile: expect.stringMatching(/dist.local.state\.json$/u),
  });
});

it('reads every option', () => {
  expect(
    readArguments(
      '--strict --port 0 --set JWT_AUDIENCE=a,b --set JWKS_URI=http://x?a=b --state-file s'.split(
        ' ',
      ),
    ),
  ).toMatchObject({
    strict: true,
    port: 0,
    settings: { JWT_AUDIENCE: 'a,b', JWKS_URI: 'http://x?a=b' },
    stateFile: 's',
  });
});

it('takes a setting that is empty, which unsets it', () => {
  expect(readArguments(['--set', 'JWT_AUDIENCE=']).settings).toEqual({ JWT_AUDIENCE: '' });
});

it.each(['0', '65535'])('takes port %s', (port) => {
  expect(readArguments(['--port', port]).port).toBe(Number(port));
});

it.each([
  [['--port', '65536'], '--port 65536 is not a number from 0 to 65535'],
  [['--port', 'http'], '--port http is not a number from 0 to 65535'],
  [['--port', '3e3'], '--port 3e3 is not'],
  [['--port', ''], 'is not a number'],
  [['--set', 'REQUIRE_JTI'], '--set REQUIRE_JTI is not NAME=VALUE'],
  [['--set', 'REQUIRE_USER_IN_BD=true'], '--set REQUIRE_USER_IN_BD: there is no such setting'],
  [['--set', 'lower=1'], '--set lower=1 is not NAME=VALUE'],
  [['--stricter'], "Unknown option '--stricter'"],
  [['strict'], 'Unexpected argument'],
])('refuses %p by name', (argv, expected) => {
  expect(() => readArguments(argv)).toThrow(UsageError);
  expect(() => readArguments(argv)).toThrow(expected);
});
