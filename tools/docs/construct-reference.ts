/** The reference of what the package exports, from the docstrings of the sources. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { readDeclarations, type Declaration, type Docs, type Member } from './docstrings.ts';
import { ROOT } from './pages.ts';

/** What is described, in this order. */
const DESCRIBED: readonly (readonly [file: string, names: readonly string[]])[] = [
  ['rollcall-authorizer.ts', ['RollcallAuthorizer']],
  ['rollcall-authorizer-props.ts', ['RollcallAuthorizerProps']],
  ['settings/authorizer-settings.ts', ['AuthorizerSettings']],
  ['authorizer-function.ts', ['AuthorizerFunctionOptions']],
  ['apis/attached-authorizers.ts', ['CachingOptions', 'RequestOptions', 'PlacementOptions']],
  ['operations/alarms.ts', ['AlarmThresholds']],
  ['apis/gateway-responses.ts', ['GatewayResponsesProps']],
  ['apis/resource-metadata.ts', ['ProtectedResourceProps']],
  ['users-table.ts', ['UsersTable', 'UsersTableProps', 'RevokedTokensTable', 'DurableTableProps']],
  ['operations/monitoring.ts', ['RollcallDashboard', 'RollcallDashboardProps']],
  ['authorizer-stack.ts', ['AuthorizerStack', 'AuthorizerStackProps']],
];

/** @throws Error for a prop without a docstring */
export function constructReference(): string {
  return DESCRIBED.flatMap(([file, names]) => {
    const declarations = readDeclarations(readFileSync(path.join(ROOT, 'infra', file), 'utf8'));
    return names.map((name) => {
      const declaration = declarations.get(name);
      if (declaration === undefined) throw new Error(`infra/${file} does not export ${name}`);
      return describe(declaration);
    });
  }).join('\n\n');
}

function describe({ kind, name, bases, docs, members }: Declaration): string {
  const properties = members.filter((member) => member.kind === 'property');
  const methods = members.filter((member) => member.kind === 'method');
  return [
    `### ${name}`,
    bases.length > 0
      ? `${kind === 'class' ? 'Class' : 'Interface'}, extends ${bases.map(code).join(', ')}.`
      : '',
    paragraphs(docs),
    properties.length > 0 ? propertyTable(name, kind, properties) : '',
    ...methods.map(
      (method) =>
        `#### ${name}.${method.name}()\n\n${code(method.name + method.signature)}\n\n${paragraphs(method.docs)}`,
    ),
  ]
    .filter((part) => part !== '')
    .join('\n\n');
}

function paragraphs(docs: Docs | undefined): string {
  if (docs === undefined) return '';
  const throws = docs.throws === undefined ? [] : [`Throws ${docs.throws}.`];
  return [docs.text, ...throws].filter((part) => part !== '').join('\n\n');
}

function propertyTable(
  owner: string,
  kind: Declaration['kind'],
  members: readonly Member[],
): string {
  const isClass = kind === 'class';
  const rows = members.map((member) => {
    const { name, isOptional, signature, docs } = member;
    if (docs === undefined && !isClass) throw new Error(`${owner}.${name} has no docstring`);
    const cells = [code(name), code(signature), cell(docs?.text ?? '')];
    if (!isClass) cells.push(isOptional ? defaultOf(docs) : 'required');
    return `| ${cells.join(' | ')} |`;
  });
  const heads = ['Property', 'Type', 'What it is', ...(isClass ? [] : ['Default'])];
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  return [line(heads), line(heads.map(() => '---')), ...rows].join('\n');
}

/** A value, or after a dash the behaviour in words. */
function defaultOf(docs: Docs | undefined): string {
  const text = docs?.defaultValue ?? '';
  if (text.startsWith('- ')) return cell(text.slice(2));
  const [value = '', ...words] = text.split(' - ');
  return cell([code(value), ...words].join(', '));
}

function code(text: string): string {
  return `\`${text.replaceAll('|', '\\|')}\``;
}

function cell(text: string): string {
  return text.replaceAll('|', '\\|').replaceAll('\n', ' ');
}
