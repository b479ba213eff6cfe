/**
 * What is made from the sources: parts of pages, between the comments `<!-- generated: NAME -->`
 * and `<!-- /generated -->`, and parts of other files.
 */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { constructReference } from './construct-reference.ts';
import { envExample, functionSettings, issuerMembers, stackSettings } from './configuration.ts';
import { reasons } from './decisions.ts';
import * as measurements from './measurements.ts';
import { ROOT } from './pages.ts';
import { withDocstrings } from './prop-docstrings.ts';

const PARTS: Readonly<Record<string, () => string>> = {
  'function-settings': functionSettings,
  'stack-settings': stackSettings,
  'issuer-members': issuerMembers,
  reasons,
  construct: constructReference,
  'cold-start-sentence': measurements.coldStartSentence,
  'measured-on': measurements.measuredOn,
  'cold-starts': measurements.coldStarts,
  'bundle-size': measurements.bundleSize,
  'warm-path': measurements.warmPath,
  'memory-sizes': measurements.memorySizes,
  cost: measurements.cost,
  'cost-by-scale': measurements.costByScale,
};

const PART = /^<!-- generated: (?<name>\S+) -->\n[\s\S]*?^<!-- \/generated -->$/gmu;

/**
 * The page with every generated part as it should be.
 *
 * @throws Error for a part of no known name
 */
export function withGeneratedParts(text: string): string {
  return text.replaceAll(PART, (_, name: string) => {
    const make = Object.hasOwn(PARTS, name) ? PARTS[name] : undefined;
    if (make === undefined) throw new Error(`There is no generated part ${name}`);
    return `<!-- generated: ${name} -->\n\n${make().trim()}\n\n<!-- /generated -->`;
  });
}

/** Every other generated file as it should be, by its path from the root. */
export function generatedFiles(): ReadonlyMap<string, string> {
  const read = (file: string) => readFileSync(path.join(ROOT, file), 'utf8');
  return new Map([['.env.example', envExample()], ...withDocstrings(read)]);
}
