/**
 * Words that stand in records of one organisation and nowhere else: planted in every kind of record there is, so that
 * wherever one turns up before somebody else's eyes, something leaks.
 */
import { sql } from 'kysely';
import { asHub } from '#world/db/scope';
import type { Role } from '../../src/modules/parties/model.ts';
import type { TestHub } from '../hub.ts';
import { someone } from './someone.ts';

export interface Planted {
  /** By where they stand. */
  readonly canaries: ReadonlyMap<string, string>;
  /** What nobody may ever be told again: secrets of sessions, tokens, links, and keys. */
  readonly secrets: ReadonlyMap<string, string>;
}

const all: readonly Role[] = [
  'administrator', 'principal', 'duty-officer', 'feed-operator', 'constituent-admin', 'auditor', 'steward', 'psirt',
];

/** Plants what the hub's own people would write, through the doors that they would use. */
export async function plant(hub: TestHub, org: string): Promise<Planted> {
  const canaries = new Map<string, string>();
  const secrets = new Map<string, string>();
  const word = (where: string): string => {
    const made = `canary${org.replace('org_', '')}${where.replaceAll(/[^a-z]/gi, '')}x${canaries.size}q`.toLowerCase();
    canaries.set(where, made);
    return made;
  };
  const cookie = await someone(hub, `per_plant${org.slice(4)}`, org, all);
  secrets.set('session', cookie.split('=')[1] ?? '');
  const post = async (path: string, body: unknown): Promise<{ status: number; json: Record<string, never>; text: string }> => {
    const answer = await hub.ask('POST', path, body, { cookie });
    if (answer.status >= 300) throw new Error(`planting by ${path}: ${answer.text}`);
    return { status: answer.status, text: answer.text, json: /^application\/json/.test(answer.headers.get('content-type') ?? '') ? answer.json() : {} };
  };
  const at = <T>(value: unknown, ...path: string[]): T => path.reduce<unknown>((v, key) => (v as Record<string, unknown>)[key], value) as T;

  const introduced = await post('/api/organisations', {
    name: word('organisation.name'), nameLocal: word('organisation.local'), kind: 'vendor', country: 'VN',
  });
  const invited = await post('/api/invitations', { name: word('invitation.name'), email: `${word('invitation.email')}@a.example`, roles: ['engineer'] });
  secrets.set('invitation', at<string>(invited.json, 'link').split('#')[1] ?? '');
  const token = await post('/api/tokens', { name: word('token.name'), scopes: ['agreement.list'], days: 1 });
  secrets.set('token', at<string>(token.json, 'secret'));
  await post('/api/approvals', {
    operation: 'people.assign', input: { person: `per_plant${org.slice(4)}`, roles: ['administrator'] }, reason: word('approval.reason'),
  }).catch(() => canaries.delete('approval.reason'));
  const feed = await post('/api/feeds', { name: word('feed.name').slice(0, 40), title: word('feed.title'), shape: 'ndjson', sourceOrg: null });
  canaries.set('feed.name', (canaries.get('feed.name') ?? '').slice(0, 40));
  await post(`/api/feeds/${at<string>(feed.json, 'feed', 'id')}/batches?file=${word('batch.file')}.ndjson`, [
    JSON.stringify({
      time: '2026-06-14T00:00:00Z', ip: '198.51.100.77', domain: `${word('event.domain')}.example`, family: word('event.family'),
      type: word('event.type'), kind: 'infection',
    }),
    `{"no": "${word('quarantine.excerpt')}"`, '',
  ].join('\n'));
  const constituent = await post('/api/constituents', {
    name: word('constituent.name'), kind: 'ministry', org: null, sector: word('constituent.sector'), province: word('constituent.province'),
  });
  const id = at<string>(constituent.json, 'constituent', 'id');
  await post(`/api/constituents/${id}/assets`, { kind: 'domain', value: `${word('asset.domain')}.example`, from: '2026-01-01T00:00:00Z', to: null });
  await post(`/api/constituents/${id}/contacts`, {
    name: word('contact.name'), duty: 'security', email: `${word('contact.email')}@b.example`, language: 'en',
  }).catch(() => { canaries.delete('contact.name'); canaries.delete('contact.email'); });
  // For no constituent's eyes: those may fetch what the centre lets them.
  const blocking = await post('/api/blocking-lists', {
    name: `planted-${org.slice(4)}`, title: word('blocklist.title'), purpose: 'dns', readers: 'own',
  });
  await post(`/api/blocking-lists/${at<string>(blocking.json, 'list', 'id')}/entries`, {
    lines: `${word('blocklist.entry')}.example`, ground: word('blocklist.ground'), reason: word('blocklist.reason'),
    source: word('blocklist.source'), expiresAt: '2026-07-01',
  });
  await post('/api/agreements', {
    template: 'mou', counterpart: at<string>(introduced.json, 'id'), parts: ['transparency', 'information-sharing'], products: [word('agreement.product')],
    effectiveOn: '2026-01-01', expiresOn: '2030-01-01', zone: 'UTC',
  });
  await asHub('test', async () => {
    const { db } = hub.world;
    const planter = `per_plant${org.slice(4)}`;
    await sql`update people set name = ${word('person.name')}, email = ${`${word('person.email')}@c.example`} where id = ${planter}`
      .execute(db.as<object>());
    await sql`update sessions set device = ${word('session.device')} where person = ${planter}`.execute(db.as<object>());
    await hub.composition.sequencer.drain();
    const { rows } = await sql<{ subject: string; key: string }>`select subject, key from ledger_subject_keys where key is not null`.execute(db.as<object>());
    for (const row of rows) secrets.set(`key of ${row.subject}`, row.key);
    for (const table of ['sessions', 'tokens', 'invitations']) {
      const kept = await sql<{ id: string; d: string }>`select id, secret_sha256 as d from ${sql.table(table)}`.execute(db.as<object>());
      for (const row of kept.rows) secrets.set(`${table} ${row.id}`, row.d);
    }
  });
  return { canaries, secrets };
}

/** Canaries in a text, by where they stand. */
export function found(text: string, words: ReadonlyMap<string, string>): string[] {
  const low = text.toLowerCase();
  return [...words].filter(([, word]) => word !== '' && low.includes(word.toLowerCase())).map(([where]) => where);
}
