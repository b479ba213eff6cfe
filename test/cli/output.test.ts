import { CliError, EXIT } from '../../cli/errors.ts';
import { counted, fitTable, isoTime, Output, table } from '../../cli/output.ts';

/** What `act` writes to the two streams, standard error being a terminal or not. */
function written(act: (output: Output) => void, json = false, isTTY = false) {
  const streams = { stdout: '', stderr: '' };
  const original = process.stderr.isTTY;
  const spies = (['stdout', 'stderr'] as const).map((name) =>
    jest.spyOn(process[name], 'write').mockImplementation((chunk) => {
      streams[name] += String(chunk);
      return true;
    }),
  );
  process.stderr.isTTY = isTTY;
  try {
    act(new Output(json));
  } finally {
    for (const spy of spies) spy.mockRestore();
    process.stderr.isTTY = original;
  }
  return streams;
}

describe('Output', () => {
  const result = { data: { key: 'a' }, text: ['one', 'two'] };
  const error = new CliError(EXIT.refused, 'user_exists', 'a has a row', 'Look at it', {
    key: 'a',
  });

  it('prints lines for people', () => {
    expect(written((output) => output.result(result))).toEqual({
      stdout: 'one\ntwo\n',
      stderr: '',
    });
  });

  it('prints one document for programs, and whether the answer is yes', () => {
    const yes = written((output) => output.result(result), true);
    expect(JSON.parse(yes.stdout)).toEqual({ ok: true, key: 'a' });
    const no = written((output) => output.result({ ...result, exitCode: EXIT.no }), true);
    expect(JSON.parse(no.stdout)).toEqual({ ok: false, key: 'a' });
  });

  it('prints an error in one line, and for programs as a document too', () => {
    expect(written((output) => output.error(error))).toEqual({
      stdout: '',
      stderr: 'rollcall: a has a row. Look at it.\n',
    });
    expect(JSON.parse(written((output) => output.error(error), true).stdout)).toEqual({
      ok: false,
      error: { code: 'user_exists', message: 'a has a row', remedy: 'Look at it' },
      key: 'a',
    });
  });

  it('prints no character that would steer a terminal, wherever it came from', () => {
    const evil = '\u001B[2Ja\u202Eb\u009Bc';
    const said = written((output) => {
      output.note(evil);
      output.result({ data: {}, text: [evil] });
      output.error(new CliError(EXIT.refused, 'x', evil, 'y'));
    });
    const shown = String.raw`\u{1b}[2Ja\u{202e}b\u{9b}c`;
    expect(said).toEqual({
      stdout: `${shown}\n`,
      stderr: `${shown}\nrollcall: ${shown}. y.\n`,
    });
  });

  it('writes such characters as escapes in JSON, which is the same document', () => {
    const data = { key: '\u001B\u202E\u009B\u{E0001}é' };
    const { stdout } = written((output) => output.result({ data, text: [] }), true);
    expect(stdout).not.toMatch(/[\p{Cf}\u0080-\u009F]/u);
    expect(JSON.parse(stdout)).toEqual({ ok: true, ...data });
  });

  it('draws a bar on a terminal, and clears it before it prints', () => {
    const { stdout, stderr } = written(
      (output) => {
        output.progress('importing', 500, 1000);
        output.result(result);
      },
      false,
      true,
    );
    expect(stderr).toBe('\rimporting [############------------] 500/1,000 50 %\r\u001B[K');
    expect(stdout).toBe('one\ntwo\n');
  });

  it('tells the first and the last of its progress where there is no terminal', () => {
    const { stderr } = written((output) => {
      for (const done of [0, 1, 2, 3]) output.progress('importing', done, 3);
    });
    expect(stderr).toMatch(/^(?:importing 1\/3\n)?importing 3\/3\n$/u);
  });
});

describe('table', () => {
  it('makes columns as wide as their widest cell, every character visible', () => {
    expect(
      table([
        ['a', 'bb'],
        ['c\u001B[2Jcc', 'd'],
      ]),
    ).toEqual(['a             bb', String.raw`c\u{1b}[2Jcc  d`]);
  });
});

describe('fitTable', () => {
  const rows = [
    ['key', 'full_name', 'ok'],
    ['a'.repeat(40), 'b'.repeat(20), 'yes'],
  ];

  it('cuts the widest columns until a line fits', () => {
    const lines = fitTable(rows, 40);
    expect(lines.map((line) => line.length)).toEqual([expect.any(Number), 40]);
    expect(lines[1]).toMatch(/^a+… {2}b+… {2}yes$/u);
  });

  it('cuts nothing where it fits, and where nobody says how wide a line may be', () => {
    expect(fitTable(rows, 67)).toEqual(table(rows));
    expect(fitTable(rows, undefined)).toEqual(table(rows));
  });
});

describe('isoTime', () => {
  it('leaves out what is zero', () => {
    expect(isoTime(1_700_000_000)).toBe('2023-11-14T22:13:20Z');
  });
});

describe('counted', () => {
  it.each([
    [0, '0 rows'],
    [1, '1 row'],
    [2, '2 rows'],
  ])('counts %d', (count, text) => {
    expect(counted(count, 'row')).toBe(text);
  });

  it('takes another word for many', () => {
    expect([counted(1, 'warns', 'warn'), counted(2, 'warns', 'warn')]).toEqual([
      '1 warns',
      '2 warn',
    ]);
  });
});
