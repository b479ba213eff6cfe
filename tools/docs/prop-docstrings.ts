/**
 * Docstrings in the sources that are made from the tables of settings: a prop says what its
 * setting says. Whatever else stands in the sources is left as it is.
 */
import { parseSync } from 'oxc-parser';
import { wrapped } from '../../infra/settings/settings-help.ts';
import { memberDocstrings, propDocstrings } from './configuration.ts';

/** Interfaces with props that stand for settings. */
const PROPS: readonly (readonly [file: string, name: string])[] = [
  ['infra/settings/authorizer-settings.ts', 'AuthorizerSettings'],
  ['infra/rollcall-authorizer-props.ts', 'RollcallAuthorizerProps'],
  ['infra/apis/gateway-responses.ts', 'GatewayResponsesProps'],
  ['infra/authorizer-stack.ts', 'AuthorizerStackProps'],
];

const ENTRY = ['lambda/settings/trusted-issuers.ts', 'IssuerEntry'] as const;

/**
 * The files with every docstring as it should be.
 *
 * @throws Error for a prop that none of them has
 */
export function withDocstrings(read: (file: string) => string): ReadonlyMap<string, string> {
  const made = new Map<string, string>();
  const missing = propDocstrings();
  const found = new Set<string>();
  for (const [file, name] of PROPS) {
    made.set(file, withMembers(read(file), name, missing, found));
  }
  const members = memberDocstrings();
  made.set(ENTRY[0], withMembers(read(ENTRY[0]), ENTRY[1], members, found));
  const lost = [...missing.keys(), ...members.keys()].filter((prop) => !found.has(prop));
  if (lost.length > 0) throw new Error(`No props have a member ${lost.join(', ')}`);
  return made;
}

/** `source` with the docstrings of the members of one of its interfaces. */
function withMembers(
  source: string,
  interfaceName: string,
  docstrings: ReadonlyMap<string, string>,
  found: Set<string>,
): string {
  const { program, comments } = parseSync('source.ts', source);
  let text = source;
  const declarations = program.body.flatMap((statement) =>
    statement.type === 'ExportNamedDeclaration' &&
    statement.declaration?.type === 'TSInterfaceDeclaration' &&
    statement.declaration.id.name === interfaceName
      ? statement.declaration.body.body
      : [],
  );
  // From the end, so that what comes before keeps its place.
  for (const member of declarations.toReversed()) {
    if (member.type !== 'TSPropertySignature') continue;
    const name = source.slice(member.key.start, member.key.end);
    const docstring = docstrings.get(name);
    if (docstring === undefined) continue;
    found.add(name);
    const comment = comments.findLast(({ end }) => end <= member.start);
    const isOfMember =
      comment !== undefined && source.slice(comment.end, member.start).trim() === '';
    const start = isOfMember ? comment.start : member.start;
    text = `${text.slice(0, start)}${asComment(docstring)}\n  ${text.slice(member.start)}`;
  }
  return text;
}

/** On one line where it fits, as the formatter leaves it. */
function asComment(docstring: string): string {
  const oneLine = `  /** ${docstring} */`;
  if (!docstring.includes('\n') && oneLine.length <= 100) return oneLine.trim();
  const lines = docstring.split('\n').map((line) => wrapped(line, '   * '));
  return `/**\n${lines.join('\n')}\n   */`;
}
