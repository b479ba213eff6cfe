/** The users table: a row per person, with switches; one page at a time, and a search. */
import * as api from './api.js';
import { announce, attempt } from './announce.js';
import { button, toggle } from './controls.js';
import { el, hidden, replace } from './dom.js';

const list = document.getElementById('user-list');
const form = document.getElementById('add-user');
const input = document.getElementById('new-user');
const search = document.getElementById('search-users');
const count = document.getElementById('user-count');
const paging = document.getElementById('user-paging');

/** What is shown, and what is asked for when something has changed. */
let page = 1;
/** Of the latest request: an answer that it has overtaken is not shown. */
let asked = 0;

/** @param onState told of the state that a change led to */
export function setUpUsers(onState) {
  const add = async (id) => {
    const done = await change(`${id} added`, () => api.addUser(id), onState);
    if (done) input.value = '';
  };
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    void add(input.value.trim());
  });
  search.addEventListener('input', () => void turnTo(1, onState));
}

/** Shows another page of what is searched for; the first when `number` is 1. */
async function turnTo(number, onState) {
  page = number;
  const own = ++asked;
  const found = await attempt(() => api.readUsers(search.value, page));
  if (found !== undefined && own === asked) show(found, onState);
}

/** Shows the users of a new state: its first page, unless another one is looked at. */
export function showUsers(state, onState) {
  if (page === 1 && search.value === '') {
    asked += 1;
    show(state, onState);
  } else void turnTo(page, onState);
}

function show({ users, found, total, page: number, pages }, onState) {
  page = number;
  const rows = users.map((user) => userRow(user, onState));
  const nobody = total === 0 ? 'Nobody has a row.' : 'Nobody is found.';
  replace(list, rows.length > 0 ? rows : [el('li', { class: 'empty' }, nobody)], input);
  count.textContent = found === total ? counted(total) : `${found} of ${counted(total)}`;
  paging.hidden = pages === 1;
  const turn = (label, key, to) =>
    button(label, () => void turnTo(to, onState), {
      class: 'secondary small',
      disabled: to < 1 || to > pages,
      data: { key },
    });
  replace(
    paging,
    [
      turn('Previous', 'previous page', number - 1),
      el('span', { class: 'sub' }, `Page ${number} of ${pages}`),
      turn('Next', 'next page', number + 1),
    ],
    search,
  );
}

function counted(rows) {
  return rows === 1 ? '1 row' : `${rows} rows`;
}

function userRow({ id, active, admin, fullName, roles }, onState) {
  const put = (what, body) => void change(what, () => api.changeUser(id, body), onState);
  const of = (label) => [label, hidden(` (${id})`)];
  return el(
    'li',
    { class: active ? 'user' : 'user inactive' },
    el('span', { class: 'avatar', 'aria-hidden': 'true' }, initials(fullName ?? id)),
    el(
      'div',
      { class: 'who' },
      el('strong', {}, fullName ?? id),
      el(
        'span',
        { class: 'sub' },
        [fullName && id, ...roles].filter(Boolean).join(' · ') || 'no roles',
      ),
    ),
    el(
      'div',
      { class: 'user-controls' },
      toggle({
        key: `active ${id}`,
        label: of('Active'),
        checked: active,
        compact: true,
        onChange: (value) => put(`${id} ${value ? 'active' : 'disabled'}`, { active: value }),
      }),
      toggle({
        key: `admin ${id}`,
        label: of('Admin'),
        checked: admin,
        compact: true,
        onChange: (value) => put(`${id} ${value ? 'is' : 'is no'} admin`, { admin: value }),
      }),
      el(
        'span',
        { class: 'user-actions' },
        button('Sign out', () => put(`${id} signed out`, { signOut: true }), {
          title: 'Deny every token issued until now',
          'aria-label': `Sign out ${id}: deny every token issued until now`,
          data: { key: `sign out ${id}` },
        }),
        button('Remove', () => void change(`${id} removed`, () => api.removeUser(id), onState), {
          'aria-label': `Remove ${id}`,
          data: { key: `remove ${id}` },
        }),
      ),
    ),
  );
}

async function change(what, work, onState) {
  const state = await attempt(work);
  if (state === undefined) return false;
  onState(state);
  announce(what);
  return true;
}

function initials(name) {
  const words = name.split(/[\s@._-]+/u).filter(Boolean);
  const [first = '?', second = ''] = name.includes('@') ? [words[0]] : [words[0], words.at(-1)];
  return (first.slice(0, 1) + second.slice(0, 1)).toUpperCase();
}
