/** The form controls that several parts of the page share. */
import { el } from './dom.js';

/** A switch: a checkbox to the browser, `role="switch"` to a screen reader. */
export function toggle({ key, label, hint, checked, onChange, compact = false }) {
  const input = el('input', {
    type: 'checkbox',
    role: 'switch',
    class: 'switch',
    checked,
    data: { key },
    ...(hint !== undefined && { 'aria-describedby': `${key}-hint` }),
    on: {
      change: (event) => {
        // Shows what is, not what was asked for, until the answer is here.
        const wanted = event.target.checked;
        event.target.checked = !wanted;
        onChange(wanted);
      },
    },
  });
  input.checked = checked;
  return el(
    'div',
    { class: compact ? 'toggle compact' : 'toggle' },
    el('label', {}, input, el('span', { class: 'toggle-label' }, ...[label].flat())),
    hint !== undefined && el('p', { class: 'hint', id: `${key}-hint` }, ...[hint].flat()),
  );
}

/** A labelled choice; `options` are texts by value. */
export function choice({ name, label, options }) {
  const id = `choice-${name}`;
  return el(
    'div',
    { class: 'field' },
    el('label', { for: id }, label),
    el(
      'select',
      { id, name },
      ...Object.entries(options).map(([value, text]) => el('option', { value }, text)),
    ),
  );
}

/** A small button beside others. */
export function button(label, onClick, properties = {}) {
  return el(
    'button',
    { type: 'button', class: 'quiet', on: { click: onClick }, ...properties },
    label,
  );
}
