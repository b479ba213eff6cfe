/** Puts the page together. */
import { readState } from './api.js';
import { attempt } from './announce.js';
import { revealAnswer, showAnswer, showChecks } from './answer.js';
import { listen } from './feed.js';
import { showSettings } from './settings.js';
import { setUpUsers, showUsers } from './users.js';
import { setUpWorkshop, showPeople } from './workshop.js';

/** What this page sent itself, by request id: the feed knows neither tokens nor bodies. */
const sentHere = new Map();

const state = await attempt(readState);
if (state !== undefined) {
  const { groups } = state;
  setUpUsers(show);
  setUpWorkshop(state, (answer) => {
    sentHere.set(answer.record.exchange.requestId, answer);
    showAnswer(answer, groups);
    revealAnswer();
  });
  show(state);
  showChecks(state.checks, groups);
  listen({
    onSelect: (record) => {
      showAnswer(sentHere.get(record.exchange.requestId) ?? { record }, groups);
      document.getElementById('answer-title').focus({ preventScroll: true });
      revealAnswer();
    },
    onChange: () => void attempt(readState).then((latest) => latest && show(latest)),
  });
}

function show(latest) {
  showUsers(latest, show);
  showSettings(latest, show);
  showPeople(latest);
}
