/** What the page can ask for. Each route answers with JSON; state travels in whole snapshots. */
import { PutCommand } from '@aws-sdk/lib-dynamodb';
import { DISABLED_USER, KNOWN_USER, UNKNOWN_USER } from '../demo-users.ts';
import type { LocalStack } from '../stack.ts';
import { CHECK_GROUPS } from '../../lambda/explanations.ts';
import { EXPIRES_AT, TOKEN_ID, tokenIdOf } from '../../lambda/users/revocation-item.ts';
import { checksOf } from './checks.ts';
import {
  InputError,
  readOrder,
  readText,
  readToken,
  readTogglesChange,
  readUserChange,
  readUserId,
  readUserQuery,
  type Input,
} from './input.ts';
import type { Recorder } from './recorder.ts';
import { requestIdOf, send } from './send.ts';
import { configOf, createToggleBoard } from './toggles.ts';
import { addUser, changeUser, listUsers, removeUser } from './users.ts';
import { CHOICES, createWorkshop } from './workshop.ts';

/** Answers one call. `part` is the last one of the path, where the route leaves it open. */
type Route = (input: Input, part: string) => Promise<unknown>;

/** By method and path; `*` stands for one percent-encoded part. */
export type Routes = Readonly<Record<string, Route>>;

/** A revocation outlives every token that the workshop makes. */
const REVOCATION_SECONDS = 24 * 3600;

export function createRoutes(stack: LocalStack, recorder: Recorder): Routes {
  const workshop = createWorkshop(stack.identityProvider);
  const board = createToggleBoard(stack);
  const apis = new Map([['rest', `${stack.url}/whoami`]]);
  if (stack.httpUrl !== undefined) apis.set('http', `${stack.httpUrl}/whoami`);

  const state = async () => ({
    ...(await listUsers(stack)),
    toggles: board.read(),
    admin: board.admin,
    people: {
      known: KNOWN_USER,
      unknown: UNKNOWN_USER,
      disabled: DISABLED_USER,
      admin: board.admin,
    },
    settings: stack.settings(),
    revocation: stack.revokedTokensTableName !== undefined,
    apis: Object.fromEntries(apis),
    choices: CHOICES,
    groups: CHECK_GROUPS,
    checks: checksOf(undefined, configOf(stack)),
  });

  return {
    'GET /api/state': state,

    'POST /api/settings': async (input) => {
      const change = readTogglesChange(input);
      const problems = await board.change(change);
      if (problems.length > 0) throw new InputError(problems.join('; '), 409);
      const { strict, bootstrap, requireJti } = change;
      if (strict !== undefined) recorder.change(`REQUIRE_USER_IN_DB=${strict}`);
      if (bootstrap !== undefined) {
        recorder.change(`PLATFORM_ADMIN_EMAIL=${bootstrap ? board.admin : ''}`);
      }
      if (requireJti !== undefined) recorder.change(`REQUIRE_JTI=${requireJti}`);
      return state();
    },

    'GET /api/users': async (input) => listUsers(stack, readUserQuery(input)),

    'POST /api/users': async ({ id }) => {
      const userId = readUserId(id);
      if (!(await addUser(stack, userId))) throw new InputError(`${userId} has a row already`, 409);
      recorder.change(`${userId}: row added`);
      return state();
    },

    'PUT /api/users/*': async (input, part) => {
      const id = readUserId(part);
      const change = readUserChange(input);
      if (!(await changeUser(stack, id, change))) throw new InputError(`${id} has no row`, 404);
      const { active, admin, signOut } = change;
      if (active !== undefined) recorder.change(`${id}: ${active ? 'active' : 'disabled'}`);
      if (admin !== undefined) recorder.change(`${id}: ${admin ? 'admin' : 'no admin'}`);
      if (signOut === true) recorder.change(`${id}: signed out everywhere`);
      return state();
    },

    'DELETE /api/users/*': async (_input, part) => {
      const id = readUserId(part);
      await removeUser(stack, id);
      recorder.change(`${id}: row removed`);
      return state();
    },

    'POST /api/tokens': async (input) => workshop(readOrder(input)),

    'POST /api/requests': async (input) => {
      const url = apis.get(readText(input, 'api'));
      if (url === undefined) throw new InputError('There is no such API');
      const http = await send(url, readToken(input['token']));
      return { http, record: recorder.find(requestIdOf(http)) };
    },

    'POST /api/revocations': async (input) => {
      const { revokedTokensTableName: table } = stack;
      if (table === undefined) throw new InputError('Revocation is off', 409);
      const jti = readText(input, 'jti');
      const Item = {
        [TOKEN_ID]: tokenIdOf(readText(input, 'issuer'), jti),
        [EXPIRES_AT]: Math.floor(Date.now() / 1000) + REVOCATION_SECONDS,
      };
      await stack.client.send(new PutCommand({ TableName: table, Item }));
      recorder.change(`Token ${jti}: revoked`);
      return {};
    },
  };
}
