/** The live feed: every request to the APIs, whoever sent it, and what was changed in between. */
import { verdictOf } from './answer.js';
import { clockTime, el, hidden } from './dom.js';

const list = document.getElementById('feed');
const status = document.getElementById('connection');
const MAX_ROWS = 100;

/**
 * Listens until the page closes; the browser connects again by itself.
 *
 * @param onSelect told of the request that was chosen
 * @param onChange called when the users or the settings were changed, here or elsewhere
 */
export function listen({ onSelect, onChange }) {
  const source = new EventSource('/api/events');
  source.addEventListener('open', () => {
    // What happened meanwhile is not known, nor whether it is the same server.
    if (status.dataset.connected === 'lost') onChange();
    connected(true);
  });
  source.addEventListener('error', () => connected(false));
  source.addEventListener('message', ({ data }) => {
    const record = JSON.parse(data);
    list.querySelector('.empty')?.remove();
    list.prepend(row(record, onSelect));
    while (list.children.length > MAX_ROWS) list.lastElementChild.remove();
    if (record.type === 'change') onChange();
  });
}

function connected(isConnected) {
  status.textContent = isConnected ? 'Live' : 'Disconnected';
  status.dataset.connected = isConnected ? 'true' : 'lost';
}

function row(record, onSelect) {
  const time = el('time', { datetime: record.at }, clockTime(record.at));
  if (record.type !== 'request') {
    const { type, text, securityEvent } = record;
    return el(
      'li',
      { class: 'feed-row', data: { type } },
      time,
      el('span', { class: 'badge' }, type === 'notice' ? 'log' : 'set'),
      el(
        'span',
        { class: 'feed-text' },
        securityEvent && el('code', {}, securityEvent.security_event),
        ` ${text}`,
      ),
    );
  }
  const { exchange, decision, securityEvent } = record;
  const who = securityEvent?.user_id;
  return el(
    'li',
    { class: 'feed-row', data: { type: 'request', tone: verdictOf(record).tone } },
    el(
      'button',
      { type: 'button', on: { click: () => onSelect(record) } },
      time,
      el('span', { class: 'badge' }, String(exchange.status)),
      el(
        'span',
        { class: 'feed-text' },
        el('code', {}, decision?.reason ?? 'refused by the gateway'),
        who && el('span', { class: 'sub' }, who),
        hidden(', show this request'),
      ),
    ),
  );
}
