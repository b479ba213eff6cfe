/** The token workshop: the form, and the requests that it sends. */
import * as api from './api.js';
import { announce, attempt } from './announce.js';
import { button, choice } from './controls.js';
import { el } from './dom.js';

const LABELS = { issuer: 'Issuer', expiry: 'Expiry', jti: 'Token id', tampering: 'Tampering' };

const form = document.getElementById('workshop');
const fields = document.getElementById('token-choices');
const apiChoices = document.getElementById('api-choices');
const people = document.getElementById('people');
const scenarios = document.getElementById('scenarios');
const again = document.getElementById('send-again');
const revoke = document.getElementById('revoke');
const copy = document.getElementById('copy-curl');

/** The token that was sent last, as the server made it. */
let last;
/** Where it was sent. */
let lastUrl;

/** @param onAnswer told of each answer, with the token that was sent */
export function setUpWorkshop(state, onAnswer) {
  for (const [name, options] of Object.entries(state.choices)) {
    fields.append(choice({ name, label: LABELS[name], options }));
  }
  for (const [name, url] of Object.entries(state.apis)) {
    const input = el('input', {
      type: 'radio',
      name: 'api',
      value: name,
      checked: name === 'rest',
    });
    const text = el('span', {}, name === 'rest' ? 'REST API' : 'HTTP API');
    apiChoices.append(el('label', { title: url }, input, text));
  }
  const submit = () => send(() => api.makeToken(chosen()), onAnswer);
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    void submit();
  });
  again.addEventListener('click', () => void send(() => last, onAnswer));
  revoke.addEventListener('click', () => void revokeLast());
  copy.addEventListener('click', () => void copyAsCurl());
  setUpScenarios(state, submit);
}

/** Offers everybody there is, and those whom the examples are about. */
export function showPeople({ users, people: known }) {
  const ids = new Set([...users.map(({ id }) => id), ...Object.values(known)]);
  people.replaceChildren(...[...ids].map((id) => el('option', { value: id })));
}

function chosen() {
  const { user, ...choices } = Object.fromEntries(new FormData(form));
  return {
    user: user.trim(),
    ...Object.fromEntries(Object.keys(LABELS).map((name) => [name, choices[name]])),
  };
}

async function send(getToken, onAnswer) {
  form.setAttribute('aria-busy', 'true');
  const target = new FormData(form).get('api');
  const sent = await attempt(async () => {
    const made = await getToken();
    return { made, ...(await api.sendRequest(target, made.token)) };
  });
  form.removeAttribute('aria-busy');
  if (sent === undefined) return;
  last = sent.made;
  lastUrl = sent.http.url;
  copy.disabled = false;
  again.disabled = false;
  revoke.disabled = !isRevocable(last);
  onAnswer(sent);
}

async function revokeLast() {
  const { iss, jti } = last.payload;
  const done = await attempt(() => api.revokeToken(iss, jti));
  if (done === undefined) return;
  announce('The token is revoked. Send it again to see.');
  revoke.disabled = true;
  again.focus();
}

async function copyAsCurl() {
  const header =
    last.token === undefined ? '' : ` -H ${quoted(`Authorization: Bearer ${last.token}`)}`;
  const copied = await attempt(async () => {
    try {
      await navigator.clipboard.writeText(`curl -i${header} ${quoted(lastUrl)}`);
    } catch {
      throw new Error('The browser does not let this page write to the clipboard.');
    }
    return true;
  });
  if (copied) announce('Copied. The command has the token in it.');
}

/** For a shell, which reads everything but a single quote as it is. */
function quoted(text) {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}

function isRevocable({ payload }) {
  return typeof payload?.jti === 'string' && typeof payload.iss === 'string';
}

/** One press each: the form is filled in, and sent. */
function setUpScenarios({ people: known, choices }, submit) {
  const asIssued = Object.fromEntries(
    Object.entries(choices).map(([name, options]) => [name, Object.keys(options)[0]]),
  );
  const examples = [
    ['On the list', { user: known.known }],
    ['Not on the list', { user: known.unknown }],
    ['Disabled', { user: known.disabled }],
    ['Platform admin', { user: known.admin }],
    ['Forged payload', { user: known.known, tampering: 'payload' }],
    ['Expired', { user: known.known, expiry: 'expired' }],
    ['No token', { user: known.known, tampering: 'no_token' }],
  ];
  scenarios.replaceChildren(
    ...examples.map(([label, values]) =>
      el(
        'li',
        {},
        button(
          label,
          () => {
            for (const [name, value] of Object.entries({ ...asIssued, ...values })) {
              form.elements.namedItem(name).value = value;
            }
            void submit();
          },
          { class: 'chip' },
        ),
      ),
    ),
  );
}
