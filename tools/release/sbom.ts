/**
 * The bill of materials of a bundle (CycloneDX): what npm knows of the packages whose code is in
 * it, and of no others. Without a serial number and a time, so that it can be made again.
 */
import { spawnSync } from 'node:child_process';
import type { BundledPackage } from '../package/notices.ts';

interface Component {
  readonly 'bom-ref': string;
  readonly name: string;
  readonly version: string;
  readonly scope?: string;
  readonly properties?: unknown;
}

interface BillOfMaterials {
  readonly serialNumber?: string;
  readonly metadata: { readonly component: Component; readonly [member: string]: unknown };
  readonly components: readonly Component[];
  readonly dependencies: readonly { readonly ref: string; readonly dependsOn: readonly string[] }[];
}

/**
 * The bill of materials of `product`, which bundles `packages`.
 *
 * @throws Error if npm does not know one of them
 */
export function billOfMaterials(
  root: string,
  product: string,
  packages: readonly BundledPackage[],
): object {
  const { serialNumber: _random, ...bom } = askNpm(root);
  const { timestamp: _now, ...metadata } = bom.metadata as Readonly<Record<string, unknown>>;
  const wanted = new Set(packages.map(({ name, version }) => `${name}@${version}`));
  const refs = new Set<string>();
  const components: Component[] = [];
  for (const { properties: _path, scope: _dev, ...component } of bom.components) {
    if (!wanted.delete(`${component.name}@${component.version}`)) continue;
    refs.add(component['bom-ref']);
    components.push(component);
  }
  if (wanted.size > 0) throw new Error(`npm does not know ${[...wanted].join(', ')}`);
  const self = { ...bom.metadata.component, name: product, type: 'application' };
  return {
    ...bom,
    metadata: { ...metadata, component: self },
    components,
    dependencies: [
      { ref: self['bom-ref'], dependsOn: [...refs] },
      ...bom.dependencies
        .filter(({ ref }) => refs.has(ref))
        .map(({ ref, dependsOn }) => ({
          ref,
          dependsOn: dependsOn.filter((other) => refs.has(other)),
        })),
    ],
  };
}

function askNpm(root: string): BillOfMaterials {
  const { status, stdout, stderr } = spawnSync(
    'npm',
    ['sbom', '--sbom-format', 'cyclonedx', '--package-lock-only'],
    {
      cwd: root,
      encoding: 'utf8',
      maxBuffer: 64 * 1024 * 1024,
      shell: process.platform === 'win32',
    },
  );
  if (status !== 0) throw new Error(`npm sbom failed: ${stderr}`);
  return JSON.parse(stdout) as BillOfMaterials;
}
