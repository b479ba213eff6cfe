/** The documentation as it stands, and that each check finds what it looks for. */
import {
  checkGeneratedFiles,
  checkFileNames,
  checkGeneratedParts,
  checkLinks,
  checkNames,
  checkScripts,
  checkSettingNames,
} from '../../tools/docs/checks.ts';
import { withGeneratedParts } from '../../tools/docs/generated-parts.ts';
import { parsePage, readPages } from '../../tools/docs/pages.ts';

const CHECKS = {
  checkLinks,
  checkGeneratedParts,
  checkSettingNames,
  checkNames,
  checkFileNames,
  checkGeneratedFiles,
  checkScripts,
};

describe('the pages', () => {
  it.each(Object.entries(CHECKS))('have no problem that %s finds', (_, check) => {
    expect(check(readPages())).toEqual([]);
  });

  it('are found', () => {
    const files = readPages().map(({ file }) => file);
    expect(files).toEqual(expect.arrayContaining(['docs/configuration.md', 'CHANGELOG.md']));
  });
});

describe('a check', () => {
  const problems = (check: keyof typeof CHECKS, text: string) =>
    CHECKS[check]([parsePage('docs/page.md', text)]);

  it.each([
    ['checkLinks', '[x](nowhere.md)'],
    ['checkLinks', '[x](#no-such-heading)'],
    ['checkLinks', '<img src="missing.svg">'],
    ['checkLinks', '| a |\n| - |\n| [x](nowhere.md) |'],
    ['checkLinks', '[x](http://insecure.example.com)'],
    ['checkSettingNames', 'Set REQUIRE_USER_IN_DATABASE.'],
    ['checkSettingNames', '```dotenv\nJWT_ISSUERS=x\n```'],
    ['checkNames', 'The reason is `user_not_in_database`.'],
    ['checkNames', 'The output is `MaximalRevocationDelay`.'],
    ['checkNames', 'Acknowledge `rollcall:strict.lockedOut`.'],
    ['checkScripts', 'Run `npm run docs:chekc`.'],
    ['checkFileNames', 'See `lambda/desicion.ts`.'],
    ['checkGeneratedParts', '<!-- generated: reasons -->\n\nold\n\n<!-- /generated -->'],
  ] as const)('%s finds the mistake in %j', (check, text) => {
    expect(problems(check, text)).toHaveLength(1);
  });

  it.each([
    ['checkLinks', '# A `code` Heading!\n\n[x](#a-code-heading)'],
    ['checkLinks', '<a id="here"></a>\n\n[x](#here)'],
    ['checkLinks', '[x](../package.json) and [y](https://example.com/)'],
    ['checkSettingNames', 'Set REQUIRE_USER_IN_DB.'],
    ['checkNames', 'The reason is `user_not_in_db`, with `--json` and `a b_c d`.'],
    ['checkScripts', 'Run `npm run -s rollcall -- doctor`.'],
    ['checkFileNames', 'See `decision.ts`, and `infra/app.ts`.'],
  ] as const)('%s finds nothing wrong with %j', (check, text) => {
    expect(problems(check, text)).toEqual([]);
  });

  it('refuses a generated part that nobody makes', () => {
    expect(() => withGeneratedParts('<!-- generated: nothing -->\n<!-- /generated -->')).toThrow(
      'no generated part nothing',
    );
  });
});
