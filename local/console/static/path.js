/** The way of a request as a picture: how far it came, and through which checks. */
import { el, hidden, icon } from './dom.js';

const STATES = {
  passed: { icon: 'check', text: 'passed' },
  failed: { icon: 'cross', text: 'failed' },
  not_reached: { icon: 'dot', text: 'not reached' },
  off: {
    icon: 'dash',
    text: 'not asked for',
    meaning: 'the settings turn it off, or there is no row',
  },
  unknown: { icon: 'question', text: 'could not be checked' },
};

/** The four stations: client, gateway, authorizer, backend. */
export function stations({ exchange, decision }) {
  const { authorizer, method, path, status } = exchange;
  const list = [
    { name: 'Client', icon: 'client', state: 'passed', text: `${method} ${path}` },
    { name: 'API Gateway', icon: 'gateway', ...gatewayStation(authorizer) },
    { name: 'Authorizer', icon: 'function', ...authorizerStation(authorizer, decision) },
    { name: 'Backend', icon: 'backend', ...backendStation(authorizer, status) },
  ];
  return el(
    'ol',
    { class: 'stations', 'aria-label': 'How far the request came' },
    ...list.map((station) =>
      el(
        'li',
        { class: 'station', data: { state: station.state } },
        el('span', { class: 'station-icon' }, icon(station.icon)),
        el('strong', {}, station.name),
        el('span', { class: 'sub' }, station.text),
      ),
    ),
  );
}

function gatewayStation(authorizer) {
  if (authorizer === undefined) return { state: 'passed', text: 'Asked no authorizer' };
  if (authorizer.status === 'no_identity') {
    return { state: 'failed', text: 'Refused it: no token that looks like one' };
  }
  if (!authorizer.cached) return { state: 'passed', text: 'Asked the authorizer' };
  return { state: isYes(authorizer) ? 'passed' : 'failed', text: 'Answered from its cache' };
}

function authorizerStation(authorizer, decision) {
  if (authorizer === undefined || authorizer.cached || authorizer.status === 'no_identity') {
    return { state: 'off', text: 'Not asked' };
  }
  const no = decision?.outcome === 'unavailable' ? 'unknown' : 'failed';
  return { state: isYes(authorizer) ? 'passed' : no, text: authorizerText(authorizer, decision) };
}

function backendStation(authorizer, status) {
  if (authorizer === undefined) return { state: 'off', text: `The answer was ${status}` };
  return isYes(authorizer)
    ? { state: 'passed', text: `Answered ${status}` }
    : { state: 'not_reached', text: 'Not reached' };
}

function authorizerText({ status, answer }, decision) {
  const reason = decision?.reason ?? '';
  switch (status) {
    case 'unauthorized':
      return `Threw “Unauthorized”: ${reason}`;
    case 'failed':
    case 'misconfigured':
      return `Failed: ${reason}`;
    default:
      return `${saidOf(answer)}: ${reason}`;
  }
}

function saidOf({ form, isAuthorized, statements }) {
  return form === 'simple' ? `isAuthorized: ${isAuthorized}` : (statements[0]?.Effect ?? 'Nothing');
}

function isYes({ verdict, answer }) {
  return verdict === 'allowed' || (answer?.form === 'simple' && answer.isAuthorized);
}

/** Every check in order, in its chapter. */
export function checkList(checks, groups) {
  let number = 0;
  return el(
    'div',
    { class: 'chapters' },
    ...Object.entries(groups).map(([group, title]) => {
      const own = checks.filter((check) => check.group === group);
      const start = number + 1;
      number += own.length;
      const id = `chapter-${group}`;
      return el(
        'section',
        { class: `chapter chapter-${group}`, 'aria-labelledby': id },
        el('h4', { id }, title),
        el('ol', { start }, ...own.map((check, index) => checkItem(check, start + index))),
      );
    }),
    legend(checks),
  );
}

/** What the marks mean, of those that are there. */
function legend(checks) {
  const present = Object.entries(STATES).filter(([name]) =>
    checks.some(({ state }) => state === name),
  );
  return el(
    'ul',
    { class: 'legend', 'aria-label': 'What the marks mean' },
    ...present.map(([state, { icon: iconName, text, meaning }]) =>
      el(
        'li',
        { class: 'mark', data: { state } },
        el('span', { class: 'check-icon' }, icon(iconName)),
        meaning === undefined ? text : `${text}: ${meaning}`,
      ),
    ),
  );
}

function checkItem({ reason, title, state, note }, number) {
  const { icon: iconName, text } = STATES[state];
  const item = el(
    'li',
    { class: 'check', data: { state, reason } },
    el('span', { class: 'check-icon' }, icon(iconName)),
    el(
      'span',
      { class: 'check-text' },
      el('span', { class: 'check-title' }, title),
      hidden(`: ${text}. `),
      el('code', {}, reason),
      note && el('span', { class: 'check-note' }, note),
    ),
  );
  // One after the other, as they were made.
  item.style.setProperty('--step', String(number));
  return item;
}
