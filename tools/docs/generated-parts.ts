/**
 * The parts of pages that are made from the sources. They stand between two comments,
 * `<!-- generated: NAME -->` and `<!-- /generated -->`, in pages that are otherwise written by hand.
 */
import { constructReference } from './construct-reference.ts';
import { issuerMembers, functionSettings, stackSettings } from './configuration.ts';
import { reasons } from './decisions.ts';

const PARTS: Readonly<Record<string, () => string>> = {
  'function-settings': functionSettings,
  'stack-settings': stackSettings,
  'issuer-members': issuerMembers,
  reasons,
  construct: constructReference,
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
