/** The pages of the documentation, read as Markdown. */
import GithubSlugger from 'github-slugger';
import { lexer, walkTokens, type Token } from 'marked';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';

export const ROOT = path.resolve(import.meta.dirname, '../..');

const TOP_PAGES = ['README.md', 'CHANGELOG.md', 'CONTRIBUTING.md', 'SECURITY.md'];

/** Folders whose pages are documentation as well. */
const FOLDERS = ['docs', 'examples'];

export interface CodeBlock {
  /** What stands behind the fence: `ts`, `bash`, … */
  readonly language: string;
  readonly text: string;
}

export interface Page {
  /** Relative to the root, with slashes. */
  readonly file: string;
  readonly text: string;
  /** As GitHub makes them of the headings, and those that the page sets itself. */
  readonly anchors: ReadonlySet<string>;
  /** Targets of links and images, as written. */
  readonly links: readonly string[];
  readonly codeBlocks: readonly CodeBlock[];
  /** Texts between backticks, outside of code blocks. */
  readonly codeSpans: readonly string[];
}

/** Every page, by name. */
export function readPages(root = ROOT): readonly Page[] {
  const docs = FOLDERS.filter((folder) => existsSync(path.join(root, folder))).flatMap((folder) =>
    readdirSync(path.join(root, folder), { recursive: true, encoding: 'utf8' })
      .filter((name) => name.endsWith('.md'))
      .map((name) => path.posix.join(folder, name.replaceAll(path.sep, '/'))),
  );
  return [...TOP_PAGES.filter((name) => existsSync(path.join(root, name))), ...docs.sort()].map(
    (file) => parsePage(file, readFileSync(path.join(root, file), 'utf8')),
  );
}

export function parsePage(file: string, text: string): Page {
  const slugger = new GithubSlugger();
  const anchors = new Set<string>();
  const links: string[] = [];
  const codeBlocks: CodeBlock[] = [];
  const codeSpans: string[] = [];
  const read = (token: Token): void => {
    switch (token.type) {
      case 'heading':
        anchors.add(slugger.slug(plainText(token.tokens ?? [])));
        break;
      case 'link':
      case 'image':
        links.push(String(token['href']));
        break;
      case 'code':
        codeBlocks.push({ language: String(token['lang'] ?? ''), text: String(token['text']) });
        break;
      case 'codespan':
        codeSpans.push(String(token['text']));
        break;
      case 'html':
        for (const [, id = ''] of token.raw.matchAll(/\bid="([^"]+)"/gu)) anchors.add(id);
        for (const [, target = ''] of token.raw.matchAll(/\b(?:src|href|srcset)="([^"]+)"/gu)) {
          links.push(target);
        }
        break;
      default:
    }
  };
  void walkTokens(lexer(text), read);
  return { file, text, anchors, links, codeBlocks, codeSpans };
}

/** A heading as it is read, without its marks. */
function plainText(tokens: readonly Token[]): string {
  return tokens
    .map((token) =>
      'tokens' in token && token.tokens !== undefined
        ? plainText(token.tokens)
        : String('text' in token ? token.text : ''),
    )
    .join('');
}
