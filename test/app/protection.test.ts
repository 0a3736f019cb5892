import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { retention } from '../../src/app/compose.ts';
import { sweepRetention } from '../../src/modules/parties/protection/actions.ts';
import { testHub, type TestHub } from '../hub.ts';

const at: { hub?: TestHub } = {};
const hub = (): TestHub => at.hub as TestHub;
beforeAll(async () => { at.hub = await testHub(); });
afterAll(() => at.hub?.close());
const count = async (text: string): Promise<number> =>
  Number((await sql.raw<{ n: string }>(`select count(*) as n from ${text}`).execute(hub().world.db.as<object>())).rows[0]?.n);
const sweep = (): Promise<number> => sweepRetention(hub().world, retention);

describe('a record past its time', () => {
  test('goes with its tombstone and a fact, not a day earlier, and once', async () => {
    const cookie = await hub().as('per_thao');
    await hub().ask('POST', '/api/invitations', { name: 'Nobody Yet', roles: ['engineer'] }, { cookie });
    // Seven days until it expires, ninety until its time is over.
    hub().world.clock.advance(96 * 86_400_000);
    expect([await sweep(), await count('invitations')]).toEqual([0, 1]);
    hub().world.clock.advance(2 * 86_400_000);
    expect([await sweep(), await count('invitations')]).toEqual([1, 0]);
    expect([await sweep(), await count('tombstones')]).toEqual([0, 1]);
    const { rows } = await sql<{ sha256: string; class: string; why: string }>`select sha256, class, why from tombstones`.execute(hub().world.db.as<object>());
    expect(rows).toEqual([{ sha256: expect.stringMatching(/^[0-9a-f]{64}$/), class: 'invitations', why: 'retention' }]);
    await hub().composition.sequencer.drain();
    const facts = (await hub().ask('GET', '/api/facts?class=retention.swept', undefined, { cookie: await hub().as('per_thao') }))
      .json<{ facts: { body: unknown }[] }>().facts;
    expect(facts.map((f) => f.body)).toEqual([{ class: 'invitations', days: 90, records: 1, sha256: expect.any(String) }]);
  });

  test('stays as long as a hold keeps it: of the person, or of the whole organisation', async () => {
    for (const subject of ['per_thao', 'org_hub']) {
      const cookie = await hub().as('per_thao');
      await hub().ask('POST', '/api/invitations', { name: 'Kept', roles: ['engineer'] }, { cookie });
      const hold = (await hub().ask('POST', '/api/holds', { subject, reason: 'proceedings' }, { cookie })).json<{ id: string }>();
      hub().world.clock.advance(400 * 86_400_000);
      expect([subject, await sweep(), await count('invitations')]).toEqual([subject, 0, 1]);
      const shown = (await hub().ask('GET', '/api/protection', undefined, { cookie: await hub().as('per_thao') }))
        .json<{ classes: { name: string; held: number }[] }>();
      expect(shown.classes.find((c) => c.name === 'invitations')?.held).toBe(1);
      await sql`update legal_holds set lifted_at = now() where id = ${hold.id}`.execute(hub().world.db.as<object>());
      expect([subject, await sweep(), await count('invitations')]).toEqual([subject, 1, 0]);
    }
  });
});
