/** Makes elements without a framework, and without markup in strings: text stays text. */

const SVG = 'http://www.w3.org/2000/svg';

/** Outlines on a 16 × 16 grid. */
const ICONS = {
  check: 'M3.5 8.5l3 3 6-7',
  cross: 'M4.5 4.5l7 7m0-7l-7 7',
  dash: 'M4.5 8h7',
  question: 'M6 6a2 2 0 1 1 2.6 1.9c-.4.2-.6.5-.6 1v.4M8 11.6v.1',
  dot: 'M8 7.5v1',
  client: 'M3 3.5h10v7H3zM6 13.5h4M8 10.5v3',
  gateway: 'M3 14V6.5a5 5 0 0 1 10 0V14M3 14h10M8 14V6',
  function: 'M4 13.5h1.4L8 6.5l2.6 7H12M6.2 3.5H7L8 6.5',
  backend:
    'M3 4.5C3 3.4 13 3.4 13 4.5v7c0 1.1-10 1.1-10 0zM3 8c0 1.1 10 1.1 10 0M3 4.5c0 1.1 10 1.1 10 0',
};

/**
 * An element. In `properties`, `class`, `data` (a map) and `on` (listeners by event) are special,
 * what is undefined or false is left out, and true stands for an attribute without a value.
 */
export function el(tag, properties = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (value === undefined || value === false) continue;
    if (name === 'class') element.className = value;
    else if (name === 'data') Object.assign(element.dataset, value);
    else if (name === 'on') {
      for (const [event, listener] of Object.entries(value)) {
        element.addEventListener(event, listener);
      }
    } else element.setAttribute(name, value === true ? '' : String(value));
  }
  element.append(...children.flat().filter((child) => child !== undefined && child !== false));
  return element;
}

/** An icon, which says nothing to a screen reader: the text beside it does. */
export function icon(name) {
  const svg = document.createElementNS(SVG, 'svg');
  svg.setAttribute('viewBox', '0 0 16 16');
  svg.setAttribute('class', 'icon');
  svg.setAttribute('aria-hidden', 'true');
  const path = document.createElementNS(SVG, 'path');
  path.setAttribute('d', ICONS[name]);
  svg.append(path);
  return svg;
}

/** The time of day of an RFC 3339 time, to the second. */
export function clockTime(at) {
  return new Date(at).toLocaleTimeString([], { hourCycle: 'h23' });
}

/** Text for screen readers alone. */
export function hidden(text) {
  return el('span', { class: 'visually-hidden' }, text);
}

/**
 * Replaces what is in `container`, and keeps the focus where it was: on the element with the same
 * `data-key`, or on `fallback` when that one is gone.
 */
export function replace(container, children, fallback) {
  const focused = container.contains(document.activeElement) ? document.activeElement : undefined;
  const key = focused?.dataset.key;
  container.replaceChildren(...children);
  if (focused === undefined) return;
  const again = [...container.querySelectorAll('[data-key]')].find(
    (element) => element.dataset.key === key,
  );
  (again ?? fallback)?.focus();
}
