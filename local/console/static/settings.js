/** The settings that can be switched, and the environment that the function has by them. */
import * as api from './api.js';
import { announce, attempt } from './announce.js';
import { toggle } from './controls.js';
import { el, replace } from './dom.js';

const list = document.getElementById('settings-list');
const environment = document.getElementById('environment');
const mode = document.getElementById('mode');

export function showSettings({ toggles, admin, settings }, onState) {
  const change = async (what, body) => {
    const state = await attempt(() => api.changeSettings(body));
    if (state === undefined) return;
    onState(state);
    announce(`${what}. The function starts anew.`);
  };
  const code = (text) => el('code', {}, text);
  replace(list, [
    toggle({
      key: 'strict',
      label: 'Strict mode',
      hint: [code('REQUIRE_USER_IN_DB'), ' Nobody enters without a row, the admin included.'],
      checked: toggles.strict,
      onChange: (strict) => void change(`Strict mode ${strict ? 'on' : 'off'}`, { strict }),
    }),
    toggle({
      key: 'bootstrap',
      label: 'Bootstrap',
      hint: [
        code('PLATFORM_ADMIN_EMAIL'),
        ` ${admin} may enter without a row${toggles.strict ? ', were strict mode off.' : '.'}`,
      ],
      checked: toggles.bootstrap,
      onChange: (bootstrap) => void change(`Bootstrap ${bootstrap ? 'on' : 'off'}`, { bootstrap }),
    }),
    toggle({
      key: 'requireJti',
      label: 'Require a token id',
      hint: [code('REQUIRE_JTI'), ' A token without a jti cannot be revoked by itself.'],
      checked: toggles.requireJti,
      onChange: (requireJti) =>
        void change(`Token ids ${requireJti ? 'required' : 'optional'}`, { requireJti }),
    }),
  ]);
  mode.textContent = toggles.strict ? 'strict' : toggles.bootstrap ? 'bootstrap' : 'not strict';
  mode.dataset.mode = toggles.strict ? 'strict' : 'open';
  environment.replaceChildren(
    ...Object.entries(settings).flatMap(([name, value]) => [
      el('dt', {}, name),
      el('dd', {}, value === '' ? '(unset)' : value),
    ]),
  );
}
