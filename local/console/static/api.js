/** Calls to the console's own server, and nobody else. */

/** The server refused, or is gone; the message is for people. */
export class CallError extends Error {
  name = 'CallError';
}

async function call(method, path, body) {
  let response;
  try {
    response = await fetch(path, {
      method,
      ...(body !== undefined && {
        headers: { 'Content-Type': 'application/json' },
        body: JSON.stringify(body),
      }),
    });
  } catch {
    throw new CallError('The console does not answer. Is npm start still running?');
  }
  const answer = await response.json();
  if (!response.ok) throw new CallError(answer.error);
  return answer;
}

const userPath = (id) => `/api/users/${encodeURIComponent(id)}`;

export const readState = () => call('GET', '/api/state');
export const readUsers = (search, page) =>
  call('GET', `/api/users?${new URLSearchParams({ search, page })}`);
export const changeSettings = (change) => call('POST', '/api/settings', change);
export const addUser = (id) => call('POST', '/api/users', { id });
export const changeUser = (id, change) => call('PUT', userPath(id), change);
export const removeUser = (id) => call('DELETE', userPath(id), {});
export const makeToken = (order) => call('POST', '/api/tokens', order);
export const sendRequest = (api, token) => call('POST', '/api/requests', { api, token });
export const revokeToken = (issuer, jti) => call('POST', '/api/revocations', { issuer, jti });
