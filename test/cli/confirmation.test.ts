import { PassThrough } from 'node:stream';
import { confirm, type Confirmation } from '../../cli/confirmation.ts';

const ASKED: Confirmation = { question: 'Go?', yes: false, withoutTerminal: 'refuse' };

function terminal(answer: string, isTTY = true) {
  const input = Object.assign(new PassThrough(), { isTTY });
  const output = Object.assign(new PassThrough(), { isTTY });
  input.end(answer);
  return { input, output };
}

describe('confirm', () => {
  it.each(['y\n', 'YES\n', ' y \n'])('goes on at the answer %j', async (answer) => {
    const streams = terminal(answer);
    await expect(confirm(ASKED, streams)).resolves.toBeUndefined();
    expect(String(streams.output.read())).toContain('Go? [y/N]');
  });

  it.each(['n\n', '\n', 'yep\n'])('writes nothing at the answer %j', async (answer) => {
    await expect(confirm(ASKED, terminal(answer))).rejects.toMatchObject({
      code: 'declined',
      exitCode: 130,
    });
  });

  it('asks nobody who has said yes', async () => {
    await expect(confirm({ ...ASKED, yes: true }, terminal(''))).resolves.toBeUndefined();
  });

  it('refuses where there is no terminal', async () => {
    await expect(confirm(ASKED, terminal('y\n', false))).rejects.toMatchObject({
      code: 'confirmation_missing',
      exitCode: 2,
    });
  });

  it('goes on without a terminal where that was agreed', async () => {
    const agreed = { ...ASKED, withoutTerminal: 'go on' } as const;
    await expect(confirm(agreed, terminal('', false))).resolves.toBeUndefined();
  });
});
