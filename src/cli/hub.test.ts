/** What a command does where the hub tells it to wait. */
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { hubAt } from './hub.ts';

const at: { server?: Server; waits: (number | null)[]; bodies: string[] } = { waits: [], bodies: [] };
beforeAll(async () => {
  const server = createServer((request, response) => {
    const pieces: Buffer[] = [];
    request.on('data', (piece: Buffer) => pieces.push(piece)).on('end', () => {
      at.bodies.push(Buffer.concat(pieces).toString());
      const wait = at.waits.shift() ?? null;
      if (wait !== null) response.writeHead(429, { 'retry-after': String(wait) });
      response.end(wait === null ? '{"done":true}\n' : JSON.stringify({ title: 'Too much.', hint: `Try again in ${wait} seconds.` }));
    });
  });
  at.server = server;
  await new Promise<void>((resolve) => { server.listen(0, '127.0.0.1', resolve); });
});
afterAll(() => at.server?.close());
const hub = () => hubAt(`http://127.0.0.1:${(at.server?.address() as AddressInfo).port}`, 'token');

test('it waits and sends the whole again, a stream too', async () => {
  Object.assign(at, { waits: [0, 0], bodies: [] });
  expect(await hub().ask('POST', '/x', { a: 1 })).toEqual({ done: true });
  Object.assign(at, { waits: [0] });
  const lines: string[] = [];
  async function* source(): AsyncGenerator<Uint8Array> {
    yield new TextEncoder().encode('one ');
    yield new TextEncoder().encode('two');
  }
  await hub().stream('/y', source, (line) => lines.push(line));
  expect(lines).toEqual(['{"done":true}']);
  expect(at.bodies).toEqual(['{"a":1}', '{"a":1}', '{"a":1}', 'one two', 'one two']);
});

test('it does not wait for ever, and says what the hub said', async () => {
  Object.assign(at, { waits: [3_600] });
  await expect(hub().ask('GET', '/x')).rejects.toThrow('Too much. Try again in 3600 seconds.');
});
