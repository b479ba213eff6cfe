/** Exported interfaces and classes of a source file, with their docstrings. */
import { parseSync, type Comment, type ParseResult } from 'oxc-parser';

/** A docstring, its lines joined into paragraphs. */
export interface Docs {
  readonly text: string;
  readonly defaultValue: string | undefined;
  readonly throws: string | undefined;
}

export interface Member {
  readonly kind: 'property' | 'method';
  readonly name: string;
  readonly isOptional: boolean;
  /** Of a property its type; of a method its parameters and what it returns. */
  readonly signature: string;
  readonly docs: Docs | undefined;
}

export interface Declaration {
  readonly kind: 'interface' | 'class';
  readonly name: string;
  /** What it extends, as written. */
  readonly bases: readonly string[];
  readonly docs: Docs | undefined;
  /** The public ones, less constructors. */
  readonly members: readonly Member[];
}

interface Span {
  readonly start: number;
  readonly end: number;
}

type Statement = ParseResult['program']['body'][number];
type InterfaceNode = Extract<Statement, { type: 'TSInterfaceDeclaration' }>;
type ClassNode = Extract<Statement, { superClass: unknown }>;

/** Every exported interface and class of `source`, by name. */
export function readDeclarations(source: string): ReadonlyMap<string, Declaration> {
  const { program, comments } = parseSync('source.ts', source);
  const reader = new Reader(source, comments);
  const declarations = new Map<string, Declaration>();
  for (const statement of program.body) {
    if (statement.type !== 'ExportNamedDeclaration') continue;
    const node = statement.declaration;
    if (node?.type !== 'TSInterfaceDeclaration' && node?.type !== 'ClassDeclaration') continue;
    const declaration =
      node.type === 'TSInterfaceDeclaration'
        ? reader.readInterface(node, statement)
        : reader.readClass(node, statement);
    declarations.set(declaration.name, declaration);
  }
  return declarations;
}

class Reader {
  readonly #source: string;
  readonly #comments: readonly Comment[];

  constructor(source: string, comments: readonly Comment[]) {
    this.#source = source;
    this.#comments = comments;
  }

  readInterface(node: InterfaceNode, statement: Span): Declaration {
    return {
      kind: 'interface',
      name: node.id.name,
      bases: node.extends.map((base) => this.#text(base)),
      docs: this.#docs(statement),
      members: node.body.body.flatMap((member) =>
        member.type === 'TSPropertySignature'
          ? [this.#property(member, member.typeAnnotation, member.optional)]
          : [],
      ),
    };
  }

  readClass(node: ClassNode, statement: Span): Declaration {
    const members: Member[] = [];
    for (const member of node.body.body) {
      if (!('accessibility' in member) || (member.accessibility ?? 'public') !== 'public') continue;
      if (member.type === 'PropertyDefinition') {
        members.push(this.#property(member, member.typeAnnotation, member.optional === true));
      } else if (member.type === 'MethodDefinition' && member.kind !== 'constructor') {
        members.push(this.#method(member));
      }
    }
    return {
      kind: 'class',
      name: node.id?.name ?? '',
      bases: node.superClass ? [this.#text(node.superClass)] : [],
      docs: this.#docs(statement),
      members,
    };
  }

  #property(
    member: Span & { readonly key: Span },
    type: Span | null | undefined,
    isOptional: boolean,
  ): Member {
    return {
      kind: 'property',
      name: this.#text(member.key),
      isOptional,
      signature: type ? this.#text(type).replace(/^:\s*/u, '') : '',
      docs: this.#docs(member),
    };
  }

  #method(
    member: Span & {
      readonly key: Span;
      readonly kind: string;
      readonly value: { readonly params: readonly Span[]; readonly returnType?: Span | null };
    },
  ): Member {
    const { params, returnType } = member.value;
    const result = returnType ? this.#text(returnType) : '';
    const parameters = params.map((parameter) => this.#text(parameter)).join(', ');
    return {
      kind: member.kind === 'get' ? 'property' : 'method',
      name: this.#text(member.key),
      isOptional: false,
      signature: member.kind === 'get' ? result.replace(/^:\s*/u, '') : `(${parameters})${result}`,
      docs: this.#docs(member),
    };
  }

  #text({ start, end }: Span): string {
    return this.#source.slice(start, end).replaceAll(/\s+/gu, ' ');
  }

  /** The docstring right before `node`, if there is one. */
  #docs({ start }: Span): Docs | undefined {
    const comment = this.#comments.findLast(({ end }) => end <= start);
    if (comment === undefined || !comment.value.startsWith('*')) return undefined;
    return this.#source.slice(comment.end, start).trim() === ''
      ? parseDocs(comment.value)
      : undefined;
  }
}

function parseDocs(comment: string): Docs {
  const lines = comment.split('\n').map((line) => line.replace(/^\s*\*+ ?/u, '').trim());
  const [text = '', ...tags] = lines
    .join('\n')
    .split(/^(?=@)/mu)
    .map((part) => part.trim().replaceAll(/(?<!\n)\n(?!\n)/gu, ' '));
  // A docstring may consist of tags alone.
  const all = text.startsWith('@') ? [text, ...tags] : tags;
  const tag = (name: string) =>
    all.find((part) => part.startsWith(`@${name} `))?.slice(name.length + 2);
  return {
    text: text.startsWith('@') ? '' : text,
    defaultValue: tag('default'),
    throws: tag('throws'),
  };
}
