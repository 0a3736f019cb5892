import { createHmac } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { fakeBlobs } from '#world/blobs/fake';
import { fakeClock } from '#world/clock';
import { testDb } from '#world/db/testing';
import type { Db } from '#world/db/port';
import { fakeOutbound } from '#world/http/fake';
import { idsFrom } from '#world/ids';
import { fakeMail } from '#world/mail/fake';
import { fakeNames } from '#world/names/fake';
import { seededRandom } from '#world/random';
import { contactsOf, insertContact } from '../store/contacts.ts';
import { constituentsMigrations } from '../store/index.ts';
import { enqueue, insertWebhook, messagesOf, takeDue, type Outgoing } from '../store/messages.ts';
import { insertConstituent } from '../store/registry.ts';
import type { ConstituentsParts } from './parts.ts';
import { sendDue } from './sending.ts';

const at: { db?: Db } = {};
const db = (): Db => at.db as Db;
const clock = fakeClock('2026-06-15T02:00:00.000Z');
const mail = fakeMail();
const hooks = { status: 500 };
const outbound = fakeOutbound(() => ({ status: hooks.status }));
const ids = idsFrom(clock, seededRandom('sending'));
const nothing = async (): Promise<never> => { throw new Error('not asked here'); };
const parts = (): ConstituentsParts => ({
  db: db(), blobs: fakeBlobs(), clock, ids, centre: 'one', names: fakeNames(), mail, outbound,
  observed: { slice: nothing, count: nothing, infected: nothing },
  hub: { name: 'Centre', origin: 'https://hub.example', zone: 'UTC' },
});
const minutes = (n: number): void => clock.advance(n * 60_000);

beforeAll(async () => {
  at.db = await testDb(constituentsMigrations);
  await insertConstituent(db(), 'one', {
    id: 'con_a', name: 'A', kind: 'ministry', org: null, sector: null, province: null, createdAt: clock.iso(),
  });
});
afterAll(() => at.db?.close());

async function put(name: string, change: Partial<Outgoing> = {}): Promise<string> {
  const contact = `cnt_${name}`;
  await insertContact(db(), 'one', {
    id: contact, constituent: 'con_a', name, duty: 'technical', email: `${name}@gov.example`, language: 'en', addedAt: clock.iso(), confirmedAt: clock.iso(),
  });
  const message: Outgoing = {
    id: `msg_${name}`, scope: 'one', constituent: 'con_a', purpose: 'notice', channel: 'e-mail', contact, webhook: null, toName: name,
    toAddress: `${name}@gov.example`, language: 'en', subject: 'Notice', body: 'See {{link}}', notices: [], key: name, messageId: `${name}@hub.example`,
    dueAt: clock.iso(), pgpKey: null, ...change,
  };
  await enqueue(db(), [message, message], clock.iso());
  return message.id;
}
const stateOf = async (id: string) => {
  const found = (await messagesOf(db(), 'one', { limit: 100 })).find((m) => m.id === id);
  return [found?.state, found?.attempts];
};
const lettersTo = (name: string) => mail.letters.filter((l) => l.to.address === `${name}@gov.example`);

describe('the outbox', () => {
  test('sends once what is put in twice under one key, at its hour and not before', async () => {
    const id = await put('once', { dueAt: '2026-06-15T03:00:00.000Z' });
    expect(await sendDue(parts())).toEqual({ sent: 0, failed: 0, unsure: 0 });
    minutes(60);
    expect(await sendDue(parts())).toEqual({ sent: 1, failed: 0, unsure: 0 });
    await sendDue(parts());
    expect(lettersTo('once')).toHaveLength(1);
    expect(lettersTo('once')[0]?.text).toMatch(/https:\/\/hub\.example\/notice#[\w-]{43}$/);
    expect(await stateOf(id)).toEqual(['sent', 1]);
    expect((await messagesOf(db(), 'one', { limit: 100 }))[0]?.text).toBe('See {{link}}');
  });

  test('a process that dies between sending and writing leaves an unsure message: no double within six hours, then the same Message-ID', async () => {
    const id = await put('died');
    // What the dead process did: it took the message, sent it, and never wrote what came of it.
    await db().transaction((tx) => takeDue(tx, clock.iso()));
    mail.letters.push({ messageId: 'died@hub.example', to: { name: 'died', address: 'died@gov.example' }, subject: '', text: '', date: '', pgpKey: null });
    await sendDue(parts());
    expect(await stateOf(id)).toEqual(['sending', 1]);
    minutes(11);
    await sendDue(parts());
    expect(await stateOf(id)).toEqual(['unsure', 1]);
    minutes(300);
    await sendDue(parts());
    expect(lettersTo('died')).toHaveLength(1);
    minutes(61);
    await sendDue(parts());
    expect(lettersTo('died').map((l) => l.messageId)).toEqual(['died@hub.example', 'died@hub.example']);
    expect(await stateOf(id)).toEqual(['sent', 2]);
  });

  test('a connection that broke off after the letter is not tried again at once', async () => {
    const id = await put('cut');
    mail.fail('cut@gov.example', 'unknown');
    await sendDue(parts());
    await sendDue(parts());
    expect([await stateOf(id), lettersTo('cut').length]).toEqual([['unsure', 1], 1]);
    mail.fail('cut@gov.example', null);
  });

  test('a busy server is tried again with growing patience, then it has failed', async () => {
    const id = await put('busy');
    mail.fail('busy@gov.example', 'later');
    await sendDue(parts());
    expect(await stateOf(id)).toEqual(['waiting', 1]);
    await sendDue(parts());
    expect(await stateOf(id)).toEqual(['waiting', 1]);
    for (const wait of [1, 5, 15, 60, 180, 360, 720, 1440]) {
      minutes(wait);
      await sendDue(parts());
    }
    expect(await stateOf(id)).toEqual(['failed', 9]);
    mail.fail('busy@gov.example', null);
  });

  test('an address that is gone marks its contact', async () => {
    const id = await put('gone');
    mail.fail('gone@gov.example', 'refused');
    await sendDue(parts());
    expect(await stateOf(id)).toEqual(['failed', 1]);
    expect((await contactsOf(db(), 'one', ['con_a'], clock.now())).find((c) => c.id === 'cnt_gone')?.state).toBe('bouncing');
  });

  test('replicas take different messages, and each goes once', async () => {
    for (let i = 0; i < 12; i++) await put(`many${i}`);
    await Promise.all([sendDue(parts()), sendDue(parts()), sendDue(parts())]);
    for (let i = 0; i < 12; i++) expect(lettersTo(`many${i}`), `many${i}`).toHaveLength(1);
  });

  test('a webhook is signed over id, time and body, by its own secret', async () => {
    await insertWebhook(db(), 'one', { id: 'whk_a', constituent: 'con_a', url: 'https://hooks.example/x', secret: 's3cret', addedAt: clock.iso() });
    const id = await put('hook', { channel: 'webhook', webhook: 'whk_a', contact: null, toAddress: 'https://hooks.example/x' });
    await sendDue(parts());
    expect(await stateOf(id)).toEqual(['waiting', 1]);
    hooks.status = 204;
    minutes(2);
    await sendDue(parts());
    expect(await stateOf(id)).toEqual(['sent', 2]);
    const { headers, body } = outbound.asked.at(-1) as { headers: Record<string, string>; body: string };
    const signed = createHmac('sha256', 's3cret').update(`hook.${headers['webhook-timestamp']}.${body}`).digest('base64');
    expect(headers['webhook-signature']).toBe(`v1,${signed}`);
    expect(headers['webhook-id']).toBe('hook');
  });
});
