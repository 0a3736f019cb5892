import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { gapsOf } from '../clocks-store.ts';
import { asLines, centre, ctipRow, openField, type Field } from '../testing.ts';
import { watchFeeds } from './watch.ts';

const at = { field: null as Field | null };
const field = (): Field => at.field as Field;
const hour = 3_600_000;
const facts = async (feed: string): Promise<string[]> => (await field().db.as<{ facts_outbox: { fact: unknown; seq: string } }>()
  .selectFrom('facts_outbox').select('fact').orderBy('seq').execute())
  .map(({ fact }) => fact as { class: string; subject: string }).filter((f) => f.subject === feed).map((f) => f.class);
const rows = asLines(Array.from({ length: 5 }, (_, i) => ctipRow(i)));
const round = (): Promise<void> => watchFeeds(field().parts);

beforeAll(async () => { at.field = await openField(); });
afterAll(async () => { await at.field?.close(); });

describe('a feed whose provider keeps 72 hours (F40)', () => {
  it('away for 80 hours has lost 8; it grows while away, is final when it is back, and no round changes it again', async () => {
    const feed = await field().addFeed({ name: 'hourly', shape: 'ctip', windowHours: 72 });
    await field().ingest(feed, rows);
    await round();
    expect(await gapsOf(field().db, centre, feed)).toEqual([]);
    field().clock.advance(80 * hour);
    await round();
    await round();
    expect((await gapsOf(field().db, centre, feed)).map((g) => [g.hours, g.closedAt])).toEqual([[8, null]]);
    field().clock.advance(hour);
    await field().ingest(feed, rows);
    await round();
    const [gap] = await gapsOf(field().db, centre, feed);
    expect([gap?.hours, gap?.closedAt === null]).toEqual([9, false]);
    await round();
    expect(await gapsOf(field().db, centre, feed)).toEqual([gap]);
    expect((await facts(feed)).filter((c) => c.startsWith('feed.gap'))).toEqual(['feed.gap-opened', 'feed.gap-closed']);
  });

  it('loses the same where no round ran meanwhile, since its deliveries tell', async () => {
    const feed = await field().addFeed({ name: 'asleep', shape: 'ctip', windowHours: 72 });
    await field().ingest(feed, rows);
    field().clock.advance(80 * hour);
    await field().ingest(feed, rows);
    await round();
    expect((await gapsOf(field().db, centre, feed)).map((g) => [g.hours, g.closedAt === null])).toEqual([[8, false]]);
  });

  it('pulled five times for the same hour counts once', async () => {
    const feed = await field().addFeed({ name: 'again', shape: 'ctip', windowHours: 72 });
    const stored: number[] = [];
    for (let i = 0; i < 5; i++) stored.push((await field().ingest(feed, rows)).counts.stored);
    expect(stored).toEqual([5, 0, 0, 0, 0]);
    await round();
    expect(await gapsOf(field().db, centre, feed)).toEqual([]);
  });
});

describe('a feed that is late (F41)', () => {
  it('every three hours: nothing at three hours sharp, the alarm at three and a half, with when it was due', async () => {
    const feed = await field().addFeed({ name: 'three-hourly', shape: 'ctip', cadenceHours: 3 });
    await field().ingest(feed, rows);
    const came = field().clock.now();
    field().clock.advance(3 * hour);
    await round();
    expect((await facts(feed)).filter((c) => c !== 'batch.stored')).toEqual([]);
    field().clock.advance(hour / 2);
    await round();
    await round();
    const said = (await field().db.as<{ facts_outbox: { fact: unknown; seq: string } }>().selectFrom('facts_outbox').select('fact').execute())
      .map(({ fact }) => fact as { class: string; subject: string; body: object }).filter((f) => f.class === 'feed.late' && f.subject === feed);
    expect(said.map((f) => f.body)).toEqual([{ feed: 'three-hourly', due: new Date(came + 3 * hour).toISOString(), hours: 0.5 }]);
  });

  it('is said to be so once, and once that it came again; a clock set back says nothing', async () => {
    const feed = await field().addFeed({ name: 'daily', shape: 'ctip', cadenceHours: 24 });
    await field().ingest(feed, rows);
    const late = async (): Promise<string[]> => (await facts(feed)).filter((c) => c !== 'batch.stored');
    field().clock.advance(23 * hour);
    await round();
    expect(await late()).toEqual([]);
    field().clock.advance(4.5 * hour);
    await round();
    await round();
    expect(await late()).toEqual(['feed.late']);
    field().clock.advance(-5 * hour);
    await round();
    expect(await late()).toEqual(['feed.late']);
    field().clock.advance(6 * hour);
    await field().ingest(feed, rows);
    await round();
    expect(await late()).toEqual(['feed.late', 'feed.came-again']);
  });
});
