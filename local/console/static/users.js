/** The users table: a row a person, with switches. */
import * as api from './api.js';
import { announce, attempt } from './announce.js';
import { button, toggle } from './controls.js';
import { el, hidden, replace } from './dom.js';

const list = document.getElementById('user-list');
const form = document.getElementById('add-user');
const input = document.getElementById('new-user');

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
}

export function showUsers({ users }, onState) {
  const rows = users.map((user) => userRow(user, onState));
  replace(
    list,
    rows.length > 0 ? rows : [el('li', { class: 'empty' }, 'Nobody has a row.')],
    input,
  );
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
