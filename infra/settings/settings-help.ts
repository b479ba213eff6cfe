/** The settings as a terminal shows them: what their tables say of each, in lines. */
import { plainText } from '../../lambda/explanations.ts';
import type { DescribedSetting } from './stack-settings.ts';

/** Name, summary and default of each setting. */
export function settingsHelp(settings: readonly DescribedSetting[]): string {
  return settings
    .map(({ name, summary, default: fallback, whenUnset = 'none' }) => {
      const value = fallback === undefined ? `Unset: ${whenUnset}.` : `Default: ${fallback}.`;
      return `  ${name}\n${wrapped(plainText(`${summary} ${value}`), '      ')}`;
    })
    .join('\n');
}

const WIDTH = 100;

/** `text` in lines of at most 100 characters, each after `prefix`. */
export function wrapped(text: string, prefix: string): string {
  const lines: string[] = [];
  for (const word of text.split(' ')) {
    const line = lines.at(-1);
    if (line !== undefined && prefix.length + line.length + 1 + word.length <= WIDTH) {
      lines[lines.length - 1] = `${line} ${word}`;
    } else lines.push(word);
  }
  return lines.map((line) => prefix + line).join('\n');
}
