/**
 * The small part of API Gateway's mapping templates (Velocity) that is served here: text with
 * `$context` variables, and `replaceAll` on one. Anything else is rejected, by name.
 *
 * @see https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-mapping-template-reference.html
 */
import { printed, UnsupportedTemplateError } from '../../template/properties.ts';
import { lookUp } from '../common/identity-source.ts';

const REFERENCE =
  /\$context((?:\.[A-Za-z]\w*)+?)(?:\.replaceAll\("([^"]*)","([^"]*)"\))?(?![\w(]|\.[A-Za-z])/gu;

/** @throws UnsupportedTemplateError for what is not text or a reference that is known here */
export function checkMappingTemplate(template: string): void {
  const rest = template.replaceAll(REFERENCE, '');
  const [unknown] = /[#$][A-Za-z{!].{0,40}/su.exec(rest) ?? [];
  if (unknown !== undefined) {
    throw new UnsupportedTemplateError(
      `A mapping template has ${JSON.stringify(unknown)}, which is not supported by the local gateway`,
    );
  }
}

/** The text that a template makes; what `$context` does not have leaves nothing. */
export function renderMappingTemplate(
  template: string,
  context: Readonly<Record<string, unknown>>,
): string {
  return template.replaceAll(
    REFERENCE,
    (_whole, path: string, pattern: string | undefined, replacement: string | undefined) => {
      const value = lookUp(context, path.slice(1));
      const text = value === undefined || value === null ? '' : printed(value);
      return pattern === undefined
        ? text
        : // oxlint-disable-next-line require-unicode-regexp -- Java's syntax, which the flag refuses in part
          text.replaceAll(new RegExp(pattern, 'g'), () => replacement ?? '');
    },
  );
}
