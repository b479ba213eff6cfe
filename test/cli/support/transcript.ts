/** Transcripts in a Markdown section: the `console` blocks, command by command, with their output. */

export interface Command {
  /** After the `$`. */
  readonly command: string;
  /** What follows it, as it stands in the document. */
  readonly output: string;
}

/** Text between a heading of the second level and the next. */
export function sectionOf(markdown: string, heading: string): string {
  const [, section] = markdown.split(`\n## ${heading}\n`);
  if (section === undefined) throw new Error(`There is no section "${heading}"`);
  return section.split('\n## ')[0] ?? '';
}

/** Every command of the section's `console` blocks, in order. */
export function commandsOf(section: string): readonly Command[] {
  const blocks = [...section.matchAll(/^```console\n(.*?)^```$/gmsu)].map(
    ([, block = '']) => block,
  );
  return blocks.flatMap((block) =>
    block
      .split(/^\$ /mu)
      .slice(1)
      .map((part) => {
        const end = /(?<!\\)\n/u.exec(part)?.index ?? part.length;
        return { command: part.slice(0, end), output: part.slice(end + 1) };
      }),
  );
}

/** The section with other outputs below its commands, given in order. */
export function withOutputs(section: string, outputs: readonly string[]): string {
  let text = section;
  let from = 0;
  for (const [index, { command, output }] of commandsOf(section).entries()) {
    const shown = `$ ${command}\n${output}`;
    const at = text.indexOf(shown, from);
    const replacement = `$ ${command}\n${outputs[index] ?? ''}`;
    text = text.slice(0, at) + replacement + text.slice(at + shown.length);
    from = at + replacement.length;
  }
  return text;
}
