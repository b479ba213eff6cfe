import {
  listen,
  portAfter,
  PortTakenError,
  type Listening,
} from '../../../local/runtime/listen.ts';

const open: Listening[] = [];
const answer = () => undefined;

async function start(...arguments_: Parameters<typeof listen>) {
  const listening = await listen(...arguments_);
  open.push(listening);
  return listening;
}

afterEach(async () => {
  await Promise.all(open.splice(0).map((listening) => listening.close()));
});

it('listens on loopback alone', async () => {
  const { server, url, port } = await start(answer, { port: 0 });
  expect(server.address()).toMatchObject({ address: '127.0.0.1', port });
  expect(url).toBe(`http://127.0.0.1:${port}`);
});

it('refuses a port that is taken, by its number', async () => {
  const { port } = await start(answer, { port: 0 });
  await expect(listen(answer, { port })).rejects.toThrow(PortTakenError);
  await expect(listen(answer, { port })).rejects.toThrow(`Port ${port} is in use`);
});

it('takes the next free port when that will do', async () => {
  const { port } = await start(answer, { port: 0 });
  const next = await start(answer, { port, orNextFree: true });
  expect(next.port).toBeGreaterThan(port);
});

it('goes on from the last port with any free one', () => {
  expect(portAfter(65_534).port).toBe(65_535);
  expect(portAfter(65_535).port).toBe(0);
});

it('ends open connections when it is closed', async () => {
  const listening = await start((_request, response) => response.write('x'), { port: 0 });
  const response = await fetch(listening.url);
  await Promise.all(open.splice(0).map(({ close }) => close()));
  await expect(response.text()).rejects.toThrow('terminated');
});
