import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { loadSettings } from '../../../infra/load-settings.ts';
import { isRunning, readAssembly, unsetSettings } from '../../../local/template/synthesize.ts';

describe('the settings that the app sees', () => {
  const given = { JWT_ISSUER: 'https://issuer.example', JWT_AUDIENCE: 'demo' };

  it('are those of the local stack, whatever a .env file says', () => {
    const shell = { ...unsetSettings(), ...given };
    const dotenv = `
      REQUIRE_USER_IN_DB=true
      JWT_TOKEN_USE=access
      USERS_TABLE_NAME=mine
      USERS_TABLE_PERSISTENT=false
      REQUIRE_JTI=not a boolean
      PLATFORM_ADMIN_EMAIL=me@example.com
      ROLLCALL_STACK_NAME=Mine
      ROLLCALL_HTTP_API=true
      ROLLCALL_CACHE_TTL_SECONDS=60`;
    const withFile = loadSettings(shell, dotenv);
    const withoutFile = loadSettings(given);
    expect(withFile.stackName).toBe(withoutFile.stackName);
    expect(withFile.props).toEqual(withoutFile.props);
  });
});

describe('an assembly', () => {
  let directory: string;

  beforeEach(() => {
    directory = mkdtempSync(path.join(tmpdir(), 'assembly-'));
  });

  afterEach(() => {
    rmSync(directory, { recursive: true, force: true });
  });

  const write = (file: string, content: unknown) => {
    mkdirSync(path.dirname(path.join(directory, file)), { recursive: true });
    writeFileSync(path.join(directory, file), JSON.stringify(content));
  };
  const stack = (file: string) => ({
    type: 'aws:cloudformation:stack',
    properties: { templateFile: file, stackName: 'Named' },
  });

  it('gives the template and the directories of its assets', async () => {
    write('manifest.json', {
      artifacts: {
        Tree: { type: 'cdk:tree' },
        One: stack('One.template.json'),
        'One.assets': { type: 'cdk:asset-manifest', properties: { file: 'One.assets.json' } },
      },
    });
    write('One.template.json', { Resources: {} });
    write('One.assets.json', {
      files: {
        abc: {
          source: { path: 'asset.abc', packaging: 'zip' },
          destinations: { here: { objectKey: 'abc.zip' } },
        },
      },
    });
    const assembly = await readAssembly(directory);
    expect(assembly).toMatchObject({ stackName: 'Named', template: { Resources: {} } });
    expect(assembly.assetPath('abc.zip')).toBe(path.join(directory, 'asset.abc'));
    expect(assembly.assetPath('other.zip')).toBeUndefined();
  });

  it.each([0, 2])('with %i stacks is refused', async (count) => {
    const artifacts = Object.fromEntries(
      Array.from({ length: count }, (_, index) => [`S${index}`, stack(`S${index}.json`)]),
    );
    write('manifest.json', { artifacts });
    await expect(readAssembly(directory)).rejects.toThrow(`Expected one stack, found ${count}`);
  });
});

it('knows a process that runs from one that does not', () => {
  expect(isRunning(process.pid)).toBe(true);
  expect(isRunning(2 ** 30)).toBe(false);
});
