/** CloudFormation in YAML, with the short forms of its functions. */
import { parse, type CollectionTag, type ScalarTag } from 'yaml';
import type { TemplateJson } from '../../local/template/template.ts';

const FUNCTIONS = ['Sub', 'GetAtt', 'Join', 'Select', 'Split', 'If', 'Not', 'Equals', 'And', 'Or'];

const longForm = (name: string) => (['Ref', 'Condition'].includes(name) ? name : `Fn::${name}`);

const scalarTag = (name: string): ScalarTag => ({
  tag: `!${name}`,
  resolve: (text: string) => ({
    [longForm(name)]: name === 'GetAtt' ? text.split(/\.(.*)/su).slice(0, 2) : text,
  }),
});

const listTag = (name: string): CollectionTag => ({
  tag: `!${name}`,
  collection: 'seq',
  resolve: (list) => ({ [longForm(name)]: list.toJSON() as unknown }),
});

/** Parses a template as CloudFormation does. */
export function parseTemplate(text: string): TemplateJson {
  return parse(text, {
    version: '1.1',
    schema: 'core',
    customTags: [...['Ref', 'Condition', ...FUNCTIONS].map(scalarTag), ...FUNCTIONS.map(listTag)],
  }) as TemplateJson;
}
