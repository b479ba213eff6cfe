/** The zip of a release: what is in it, and that nothing else decides its bytes. */
import { unzipSync } from 'fflate';
import { zip } from '../../tools/release/zip.ts';

const FILES = { 'index.mjs': 'export const handler = 1;\n', LICENSE: 'Apache-2.0\n' };

describe('zip', () => {
  it('gives back what went in', () => {
    const files = unzipSync(zip(FILES));
    const texts = Object.entries(files).map(([name, contents]) => [
      name,
      Buffer.from(contents).toString(),
    ]);
    expect(Object.fromEntries(texts)).toEqual(FILES);
  });

  it('does not depend on the order of the files', () => {
    const reversed = Object.fromEntries(Object.entries(FILES).toReversed());
    expect(zip(reversed)).toEqual(zip(FILES));
  });

  it('does not depend on the time', () => {
    jest.useFakeTimers({ now: new Date('2031-05-06T07:08:09Z') });
    try {
      const later = zip(FILES);
      jest.useRealTimers();
      expect(zip(FILES)).toEqual(later);
    } finally {
      jest.useRealTimers();
    }
  });

  it('says 1980-01-01 00:00:00 of every file', () => {
    const bytes = Buffer.from(zip(FILES));
    // Local file header: signature, version, flags, method, then time and date.
    expect(bytes.readUInt32LE(0)).toBe(0x04034b50);
    expect([bytes.readUInt16LE(10), bytes.readUInt16LE(12)]).toEqual([0, (1 << 5) | 1]);
  });
});
