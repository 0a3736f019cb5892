import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { fakeOutbound } from '../http/fake.ts';
import { fakeMailboxes } from './fake.ts';
import { imapMailboxes } from './imap.ts';
import type { Mailboxes, MailboxPlace } from './port.ts';
import { certificate, mailServer, type MailServer, type ServedLetter } from './testing.ts';

const long = Array.from({ length: 5000 }, (_, i) => `2026-06-14 01:00:00,203.0.113.${i % 256},x${i}\n`).join('');
const letters: readonly ServedLetter[] = [
  { uid: 3, from: 'Reports@Provider.example', subject: 'Report of the night', parts: [
    { type: 'text/plain', encoding: '7bit', text: 'See https://dl.provider.example/abc\r\n' },
    { type: 'application/zip', encoding: 'base64', fileName: 'report.csv', text: long },
  ] },
  { uid: 8, from: 'other@else.example', subject: 'a single part', parts: [{ type: 'text/plain', encoding: '7bit', text: 'hello\r\n' }] },
];
const servers: { tls?: MailServer; raised?: MailServer } = {};
const tls = (): MailServer => servers.tls as MailServer;
const raised = (): MailServer => servers.raised as MailServer;
beforeAll(async () => {
  servers.tls = await mailServer();
  servers.raised = await mailServer({ startTls: true });
  tls().letters = letters;
  raised().letters = letters;
});
afterAll(async () => {
  await servers.tls?.close();
  await servers.raised?.close();
});

const located = { locate: async () => '127.0.0.1' };
const imap = imapMailboxes({ outbound: located, ca: certificate });
const at = (server: MailServer, secure = true): MailboxPlace =>
  ({ host: 'mail.example', port: server.port, secure, user: 'feeds', password: 'letters', mailbox: 'INBOX' });
const text = async (bytes: AsyncIterable<Uint8Array>): Promise<string> => {
  const pieces: Uint8Array[] = [];
  for await (const piece of bytes) pieces.push(piece);
  return Buffer.concat(pieces).toString('latin1');
};
const reasonOf = (work: Promise<unknown>): Promise<unknown> => work.then(() => 'done', (error: { reason?: string }) => error.reason ?? error);

function fake(): Mailboxes {
  const boxes = fakeMailboxes();
  for (const { from, subject, parts } of letters) {
    boxes.deliver({ from, subject, parts: parts.map(({ type, fileName = null, text: bytes }) =>
      ({ type, fileName, attached: fileName !== null, bytes: Buffer.from(bytes) })) });
  }
  return boxes;
}

describe.each([
  ['IMAP over TLS', () => imap, () => at(tls())], ['IMAP raised to TLS', () => imap, () => at(raised(), false)], ['the fake', fake, () => at(tls())],
] as const)('mailboxes by %s', (_, open, place) => {
  test('letters come in their order, after the last one seen, with their parts', async () => {
    const box = await open().open(place());
    const all = await box.after(0, 10);
    expect(all.map(({ from, subject }) => [from, subject])).toEqual([
      [['reports@provider.example'], 'Report of the night'], [['other@else.example'], 'a single part'],
    ]);
    const [first, second] = all;
    if (!first || !second) throw new Error('no letters');
    expect(first.parts.map(({ type, fileName, attached }) => [type, fileName, attached])).toEqual([
      ['text/plain', null, false], ['application/zip', 'report.csv', true],
    ]);
    expect(await text(box.read(first.uid, first.parts[1]?.part ?? ''))).toBe(long);
    expect(await text(box.read(first.uid, first.parts[0]?.part ?? ''))).toContain('https://dl.provider.example/abc');
    expect(await text(box.read(second.uid, second.parts[0]?.part ?? ''))).toBe('hello\r\n');
    expect((await box.after(first.uid, 10)).map((letter) => letter.uid)).toEqual([second.uid]);
    expect((await box.after(0, 1)).map((letter) => letter.uid)).toEqual([first.uid]);
    expect(await box.after(second.uid, 10)).toEqual([]);
    await box.close();
  });
});

describe('IMAP', () => {
  test('reads only: nothing is selected for writing, marked or fetched so that it would be', () => {
    const asked = [...tls().asked, ...raised().asked];
    expect(asked.some((words) => words.startsWith('EXAMINE'))).toBe(true);
    expect(asked.filter((words) => /^SELECT|STORE|COPY|MOVE|EXPUNGE|BODY\[/i.test(words))).toEqual([]);
    expect(raised().asked.indexOf('STARTTLS')).toBeLessThan(raised().asked.findIndex((words) => words.startsWith('LOGIN')));
  });
  test('says who is at fault', async () => {
    expect(await reasonOf(imap.open({ ...at(tls()), password: 'wrong' }))).toBe('refused');
    expect(await reasonOf(imap.open({ ...at(tls()), mailbox: 'Nowhere' }))).toBe('refused');
    expect(await reasonOf(imapMailboxes({ outbound: located }).open(at(tls())))).toBe('refused');
    expect(await reasonOf(imap.open({ ...at(tls()), host: 'other.example' }))).toBe('refused');
    expect(await reasonOf(imap.open({ ...at(tls()), port: 1 }))).toBe('unreachable');
    expect(await reasonOf(imapMailboxes({ outbound: fakeOutbound() }).open({ ...at(tls()), host: '10.0.0.1', port: 993 }))).toBe('blocked');
  });
  test('a letter that breaks off is an error and not a short file', async () => {
    const box = await imap.open(at(tls()));
    tls().breakOff();
    expect(await reasonOf(text(box.read(3, '2')))).toBe('unreachable');
    await box.close();
  });
  test('a new numbering shows, and a stopped reader lets go', async () => {
    tls().uidValidity = 8;
    const stop = new AbortController();
    const box = await imap.open({ ...at(tls()), signal: stop.signal });
    expect(box.uidValidity).toBe('8');
    stop.abort();
    expect(await reasonOf(box.after(0, 10))).toBe('unreachable');
    await box.close();
  });
});

test('the fake fails on command', async () => {
  const boxes = fakeMailboxes();
  boxes.fail('refused');
  expect(await reasonOf(boxes.open(at(tls())))).toBe('refused');
  expect(await reasonOf(boxes.open(at(tls())))).toBe('done');
});
