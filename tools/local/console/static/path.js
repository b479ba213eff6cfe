/** The way of a request as a picture: how far it came, and through which checks. */
import { el, hidden, icon } from './dom.js';

const STATES = {
  passed: { icon: 'check', text: 'passed' },
  failed: { icon: 'cross', text: 'failed' },
  not_reached: { icon: 'dot', text: 'not reached' },
  off: { icon: 'dash', text: 'not asked for' },
  unknown: { icon: 'question', text: 'could not be checked' },
};

/** The four stations: client, gateway, authorizer, backend. */
export function stations({ exchange, decision }) {
  const { authorizer, method, path, status } = exchange;
  const asked =
    authorizer !== undefined && !authorizer.cached && authorizer.status !== 'no_identity';
  const allowed =
    authorizer === undefined || authorizer.verdict === 'allowed' || isSimpleYes(authorizer);
  const list = [
    { name: 'Client', icon: 'client', state: 'passed', text: `${method} ${path}` },
    {
      name: 'API Gateway',
      icon: 'gateway',
      state: authorizer?.status === 'no_identity' ? 'failed' : 'passed',
      text: gatewayText(authorizer),
    },
    {
      name: 'Authorizer',
      icon: 'function',
      state: !asked
        ? 'off'
        : allowed
          ? 'passed'
          : decision?.outcome === 'unavailable'
            ? 'unknown'
            : 'failed',
      text: asked ? authorizerText(authorizer, decision) : 'Not asked',
    },
    {
      name: 'Backend',
      icon: 'backend',
      state: allowed ? 'passed' : 'not_reached',
      text: allowed ? `Answered ${status}` : 'Not reached',
    },
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

function gatewayText(authorizer) {
  if (authorizer === undefined) return 'The route has no authorizer';
  if (authorizer.status === 'no_identity') return 'Refused it: no token that looks like one';
  return authorizer.cached ? 'Answered from its cache' : 'Asked the authorizer';
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
      return `${answer?.form === 'simple' ? `isAuthorized: ${answer.isAuthorized}` : (answer?.statements?.[0]?.Effect ?? '')}: ${reason}`;
  }
}

function isSimpleYes({ answer }) {
  return answer?.form === 'simple' && answer.isAuthorized;
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
  );
}

function checkItem({ reason, title, state, note }, number) {
  const { icon: iconName, text } = STATES[state];
  const item = el(
    'li',
    { class: 'check', data: { state, reason }, ...(note && { title: note }) },
    el('span', { class: 'check-icon' }, icon(iconName)),
    el(
      'span',
      { class: 'check-text' },
      el('span', { class: 'check-title' }, title),
      hidden(`: ${text}${note ? `, ${note}` : ''}. `),
      el('code', {}, reason),
    ),
  );
  // One after the other, as they were made.
  item.style.setProperty('--step', String(number));
  return item;
}
