/** Tells what happened: to screen readers as it happens, and errors to everybody. */
import { el } from './dom.js';

const announcer = document.getElementById('announcer');
const alerts = document.getElementById('alerts');

/** Read out when the reader is free. */
export function announce(text) {
  announcer.textContent = text;
}

/** Shown until it is dismissed, and read out at once. */
export function alertAll(text) {
  const dismiss = el('button', { type: 'button', class: 'quiet' }, 'Dismiss');
  const alert = el('div', { class: 'alert' }, el('p', {}, text), dismiss);
  dismiss.addEventListener('click', () => alert.remove());
  alerts.replaceChildren(alert);
}

/** Runs what a control does; what fails is told. Undefined then. */
export async function attempt(work) {
  try {
    const result = await work();
    alerts.replaceChildren();
    return result;
  } catch (error) {
    alertAll(error instanceof Error ? error.message : String(error));
    return undefined;
  }
}
