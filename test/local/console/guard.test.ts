import type { IncomingHttpHeaders } from 'node:http';
import { refusalOf, SECURITY_HEADERS } from '../../../local/console/guard.ts';

const PORT = 3003;
const HOST = `127.0.0.1:${PORT}`;
/** What a browser sends with a call of the page itself. */
const OWN: IncomingHttpHeaders = {
  host: HOST,
  origin: `http://${HOST}`,
  'sec-fetch-site': 'same-origin',
  'sec-fetch-mode': 'cors',
  'content-type': 'application/json',
};
const status = (method: string, headers: IncomingHttpHeaders) =>
  refusalOf(method, headers, PORT)?.status;

it.each(['POST', 'PUT', 'DELETE'])('lets the page itself %s', (method) => {
  expect(status(method, OWN)).toBeUndefined();
});

it('lets somebody type the address, or follow a link to it', () => {
  const typed = { host: HOST, 'sec-fetch-site': 'none', 'sec-fetch-mode': 'navigate' };
  expect(status('GET', typed)).toBeUndefined();
  expect(status('GET', { ...typed, 'sec-fetch-site': 'cross-site' })).toBeUndefined();
});

it('lets a client that is no browser read', () => {
  expect(status('GET', { host: HOST })).toBeUndefined();
});

it('answers to localhost as well', () => {
  const host = `localhost:${PORT}`;
  expect(status('POST', { ...OWN, host, origin: `http://${host}` })).toBeUndefined();
});

it.each([
  'rebound.example.com',
  `rebound.example.com:${PORT}`,
  '127.0.0.1',
  '127.0.0.1:80',
  `127.0.0.1:${PORT}.example.com`,
  '',
])('refuses the host %p, whatever the method', (host) => {
  expect(status('GET', { host })).toBe(421);
  expect(status('POST', { ...OWN, host, origin: `http://${host}` })).toBe(421);
});

it('refuses a request without a host', () => {
  expect(status('GET', {})).toBe(421);
});

it.each([
  ['another site', 'https://evil.example'],
  ['another port of this machine', 'http://127.0.0.1:3000'],
  ['another scheme', `https://${HOST}`],
  ['its other name', `http://localhost:${PORT}`],
  ['an opaque origin', 'null'],
  ['no origin', undefined],
])('refuses a change that %s asks for', (_name, origin) => {
  const { origin: _, ...headers } = OWN;
  expect(status('POST', origin === undefined ? headers : { ...headers, origin })).toBe(403);
});

it.each(['cross-site', 'same-site', 'none'])('refuses a change with Sec-Fetch-Site: %s', (site) => {
  expect(status('POST', { ...OWN, 'sec-fetch-site': site })).toBe(403);
});

it.each(['cross-site', 'same-site'])('refuses to be read with Sec-Fetch-Site: %s', (site) => {
  expect(status('GET', { host: HOST, 'sec-fetch-site': site, 'sec-fetch-mode': 'cors' })).toBe(403);
  expect(status('GET', { host: HOST, 'sec-fetch-site': site, 'sec-fetch-mode': 'no-cors' })).toBe(
    403,
  );
});

it.each([
  'text/plain',
  'application/x-www-form-urlencoded',
  'multipart/form-data; boundary=x',
  undefined,
])('refuses a change whose body is %s', (type) => {
  const { 'content-type': _, ...headers } = OWN;
  expect(status('POST', type === undefined ? headers : { ...headers, 'content-type': type })).toBe(
    415,
  );
});

it('treats methods that it does not know as changes', () => {
  expect(status('PATCH', { host: HOST })).toBe(403);
  expect(status('OPTIONS', { host: HOST })).toBe(403);
});

it('allows nothing inline and nothing from elsewhere', () => {
  const policy = SECURITY_HEADERS['Content-Security-Policy'] ?? '';
  expect(policy).toContain("default-src 'none'");
  expect(policy).not.toMatch(/unsafe|https?:|\*|data:/u);
});
