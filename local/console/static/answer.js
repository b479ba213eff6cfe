/** The answer to a request: the verdict, the picture, and every document that was exchanged. */
import { announce } from './announce.js';
import { clockTime, el } from './dom.js';
import { codeBlock, highlighted, jsonBlock, printed } from './json-view.js';
import { checkList, stations } from './path.js';

const section = document.getElementById('answer');
const body = document.getElementById('answer-body');

const VERDICTS = {
  allow: { word: 'Allowed', tone: 'good' },
  forbidden: { word: 'Denied', tone: 'bad' },
  unauthenticated: { word: 'Not authenticated', tone: 'bad' },
  unavailable: { word: 'Could not check', tone: 'odd' },
};

/**
 * @param answer `record`, and of a request that was sent here also `http` and `made`, the token
 */
export function showAnswer({ record, http, made }, groups) {
  const verdict = verdictOf(record);
  section.dataset.tone = verdict.tone;
  body.replaceChildren(
    banner(record, verdict, http),
    stations(record),
    checkList(record.checks, groups),
    el(
      'div',
      { class: 'documents' },
      paper('HTTP answer', httpPaper(record, http)),
      paper('The authorizer’s answer, as the gateway read it', policyPaper(record)),
      paper('Security event', eventPaper(record)),
      paper('The token, decoded', tokenPaper(made)),
    ),
  );
  const { reason } = record.decision ?? {};
  announce(
    `${record.exchange.status}, ${verdict.word}${reason ? `: ${reason}. ${record.decision.detail}` : ''}.`,
  );
}

/** Scrolls to the verdict, if it is out of sight: on a phone the form stands above it. */
export function revealAnswer() {
  const { top, bottom } = body.firstElementChild.getBoundingClientRect();
  if (top >= 0 && bottom <= window.innerHeight) return;
  const isStill = matchMedia('(prefers-reduced-motion: reduce)').matches;
  section.scrollIntoView({ block: 'start', behavior: isStill ? 'instant' : 'smooth' });
}

/** What will be checked, before anything was. */
export function showChecks(checks, groups) {
  body.replaceChildren(
    el(
      'p',
      { class: 'empty waiting' },
      'Nothing sent yet. Choose an example above, or send a request: it will be checked in this order.',
    ),
    checkList(checks, groups),
  );
}

export function verdictOf({ decision, exchange: { authorizer, status } }) {
  if (decision !== undefined) return VERDICTS[decision.outcome];
  if (authorizer?.status === 'no_identity') return VERDICTS.unauthenticated;
  return status < 400 ? { word: 'Answered', tone: 'good' } : { word: 'Refused', tone: 'odd' };
}

/** Why there is no decision to tell of. */
function withoutDecision({ authorizer }) {
  return authorizer?.status === 'no_identity'
    ? 'The gateway refused the request itself: the function was not asked, and wrote no event.'
    : 'No authorizer was asked, so nothing was checked.';
}

function banner({ exchange, decision, at }, { word }, http) {
  const facts = [
    exchange.api === 'rest' ? 'REST API' : exchange.api === 'http' ? 'HTTP API' : 'WebSocket API',
    http && `${http.durationMs} ms`,
    clockTime(at),
  ];
  return el(
    'div',
    { class: 'banner' },
    el('span', { class: 'status' }, String(exchange.status)),
    el(
      'div',
      { class: 'verdict' },
      el('strong', {}, word),
      el(
        'p',
        {},
        decision ? el('code', {}, decision.reason) : withoutDecision(exchange),
        decision && ` · ${decision.detail}`,
      ),
      decision &&
        decision.outcome !== 'allow' &&
        el('p', { class: 'advice' }, `${decision.meaning} ${decision.remedy}`),
    ),
    el('p', { class: 'facts' }, facts.filter(Boolean).join(' · ')),
  );
}

function paper(title, content) {
  return el('section', { class: 'paper' }, el('h4', {}, title), content);
}

function httpPaper({ exchange }, http) {
  if (http === undefined) {
    return el(
      'p',
      { class: 'empty' },
      `Status ${exchange.status}. It was not this page that asked.`,
    );
  }
  const lines = http.headers.flatMap(([name, value]) => [
    el('span', { class: 'json-name' }, name),
    `: ${value}\n`,
  ]);
  return codeBlock(
    'HTTP answer',
    `HTTP/1.1 ${http.status} ${http.statusText}\n`,
    ...lines,
    '\n',
    ...prettyBody(http.body),
  );
}

function prettyBody(text) {
  try {
    return highlighted(printed(JSON.parse(text)));
  } catch {
    return [text];
  }
}

function policyPaper({ exchange: { authorizer } }) {
  if (authorizer?.answer !== undefined) {
    return jsonBlock('The authorizer’s answer', asAnswered(authorizer.answer));
  }
  const why = {
    no_identity: 'Nothing: it was not asked.',
    unauthorized: 'No policy: it threw “Unauthorized”, the only way to a 401 on this kind of API.',
  };
  return el(
    'p',
    { class: 'empty' },
    why[authorizer?.status] ?? `Nothing. ${authorizer?.problem ?? 'The route has no authorizer.'}`,
  );
}

/** In the shape of an authorizer's answer; the gateway has read single values as lists of one. */
function asAnswered({ form, statements, principalId, context, ...rest }) {
  if (form !== 'policy') return { ...rest, context };
  return { principalId, policyDocument: { Statement: statements }, context };
}

function eventPaper({ securityEvent, exchange }) {
  if (securityEvent !== undefined) {
    // What makes metrics of the line is for CloudWatch, and longer than the event.
    const { _aws, ...event } = securityEvent;
    return jsonBlock('Security event', event);
  }
  const cached = exchange.authorizer?.cached === true;
  return el(
    'p',
    { class: 'empty' },
    cached ? 'None: the answer was cached.' : 'None: the function was not asked.',
  );
}

function tokenPaper(made) {
  if (made === undefined) return el('p', { class: 'empty' }, 'Known only to who sent it.');
  if (made.token === undefined) return el('p', { class: 'empty' }, 'None was sent.');
  if (made.payload === undefined) return codeBlock('The token', made.token);
  const [header, payload, signature] = made.token.split('.');
  const shorten = (text) => (text.length > 600 ? `${text.slice(0, 600)}…` : text);
  const claims = Object.fromEntries(
    Object.entries(made.payload).map(([name, value]) => [
      name,
      typeof value === 'string' ? shorten(value) : value,
    ]),
  );
  return el(
    'div',
    { class: 'token' },
    jsonBlock('The token, decoded', { header: made.header, payload: claims }),
    el(
      'p',
      { class: 'raw-token' },
      el('span', { class: 'part-header' }, header),
      '.',
      el('span', { class: 'part-payload' }, shorten(payload)),
      '.',
      el('span', { class: 'part-signature' }, signature === '' ? '(no signature)' : signature),
    ),
  );
}
