/** Every `dotenv` sample of the pages is read by the grammar that the deployment reads it with. */
import { loadSettings } from '../../infra/load-settings.ts';
import { readPages } from '../../tools/docs/pages.ts';

const samples = readPages().flatMap(({ file, codeBlocks }) =>
  codeBlocks
    .filter(({ language }) => language === 'dotenv')
    .map(({ text }, index) => [`${file} #${index + 1}`, text] as const),
);

/** What a sample about something else leaves out. */
const ISSUER = 'JWT_ISSUER=https://idp.example.com/\nJWT_AUDIENCE=https://api.example.com\n';

it('finds the samples', () => {
  expect(samples.length).toBeGreaterThan(10);
});

it.each(samples)('accepts the settings in %s', (_, text) => {
  const complete = /^(?:JWT_ISSUER|TRUSTED_ISSUERS)=/mu.test(text);
  expect(loadSettings({}, complete ? text : ISSUER + text).unknownNames).toEqual([]);
});
