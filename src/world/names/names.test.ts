import { createSocket, type Socket } from 'node:dgram';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { fakeNames } from './fake.ts';
import type { NamesAsked } from './port.ts';
import { resolvedNames } from './resolver.ts';

/** A name server of a few bytes: one name with two texts, one that refuses, all else is not there. */
function answer(query: Buffer): Buffer {
  const labels: string[] = [];
  let at = 12;
  while ((query[at] ?? 0) !== 0) {
    labels.push(query.toString('latin1', at + 1, at + 1 + (query[at] ?? 0)));
    at += 1 + (query[at] ?? 0);
  }
  const name = labels.join('.');
  const head = Buffer.from(query.subarray(0, at + 5));
  head[2] = 0x81;
  head[3] = name === 'known.example' ? 0x80 : name === 'broken.example' ? 0x85 : 0x83;
  const texts = name === 'known.example' ? [['one ', 'text'], ['two']] : [];
  head.writeUInt16BE(texts.length, 6);
  head.writeUInt32BE(0, 8);
  const records = texts.map((parts) => {
    const body = Buffer.concat(parts.map((p) => Buffer.concat([Buffer.from([p.length]), Buffer.from(p)])));
    return Buffer.concat([Buffer.from([0xc0, 12, 0, 16, 0, 1, 0, 0, 0, 60, 0, body.length]), body]);
  });
  return Buffer.concat([head, ...records]);
}

const at: { server?: Socket; real?: NamesAsked } = {};
beforeAll(async () => {
  const server = createSocket('udp4');
  server.on('message', (query, peer) => server.send(answer(query), peer.port, peer.address));
  await new Promise<void>((resolve) => { server.bind(0, '127.0.0.1', resolve); });
  at.server = server;
  at.real = resolvedNames([`127.0.0.1:${(server.address() as AddressInfo).port}`]);
});
afterAll(() => at.server?.close());

const published = fakeNames();
published.publish('known.example', 'one text', 'two');

describe.each([['the resolver', () => at.real as NamesAsked], ['the fake', () => published]])('names asked of %s', (kind, names) => {
  test('are the texts of a name, whole', async () => {
    expect(await names().texts('known.example')).toEqual(['one text', 'two']);
    expect(await names().texts('unknown.example')).toEqual([]);
  });
  test('nobody answering is no absence', async () => {
    if (kind === 'the fake') published.failNext();
    await expect(names().texts('broken.example')).rejects.toThrow();
  });
});
