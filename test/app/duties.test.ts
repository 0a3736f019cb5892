/** Separation of duties (F97, OV-05): the matrix as data, held at every assignment, in every case, and over the demonstration. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { people } from '../../src/app/demo/story.ts';
import { outline } from '../../src/app/outline.ts';
import { takeDuty } from '../../src/modules/parties/duties-store.ts';
import { Role } from '../../src/modules/parties/model.ts';
import { conflictsOf, duties, exclusions, givesRight, roleMatrix, type Duty } from '../../src/modules/parties/roles.ts';
import { testHub, type Answer, type TestHub } from '../hub.ts';

const at: { hub?: TestHub } = {};
const hub = (): TestHub => at.hub as TestHub;
const code = (answer: Answer): string => answer.json<{ code: string }>().code;
const excluded = (one: string, other: string): boolean => exclusions.some(({ role, excludes }) =>
  (role === one && excludes.some((e) => e === other)) || (role === other && excludes.some((e) => e === one)));
const pairs = Role.options.flatMap((one, i) => Role.options.slice(i + 1).map((other) => [one, other] as const));

beforeAll(async () => { at.hub = await testHub(); });
afterAll(() => at.hub?.close());

describe('the matrix', () => {
  test('excludes some pairs and not most; nobody excludes themselves', () => {
    const count = pairs.filter(([one, other]) => conflictsOf([one, other]).length > 0).length;
    expect([count > 20, count < pairs.length / 2, exclusions.every((e) => !e.excludes.includes(e.role))]).toEqual([true, true, true]);
  });
  test('nobody of the demonstration violates it', () => {
    expect(people.filter((p) => conflictsOf(p.roles).length > 0).map((p) => p.id)).toEqual([]);
  });
  test('a monitor has no right to any act that writes, and neither has whoever holds no role', () => {
    const writes = outline().filter((o) => o.endpoint.method !== 'GET' && ['role', 'mandate'].includes(o.endpoint.needs.by));
    expect(writes.length).toBeGreaterThan(20);
    expect(writes.filter((o) => givesRight(['monitor'], o.endpoint.needs.right)).map((o) => o.id)).toEqual([]);
  });
  test('docs/access.md prints the role matrix, the exclusions and the two-person acts as they are', () => {
    const page = readFileSync(join(import.meta.dirname, '..', '..', 'docs', 'access.md'), 'utf8');
    const rows = (heading: string): string[] => (page.split(/^## /m).find((s) => s.startsWith(heading)) ?? '').split('\n')
      .filter((line) => line.startsWith('| ')).slice(1);
    expect(rows('Roles')).toEqual(Object.entries(roleMatrix).map(([right, roles]) => `| \`${right}\` | ${roles.join(', ')} |`));
    expect(rows('Separation of duties')).toEqual(exclusions.map((e) => `| ${e.role} | ${e.excludes.join(', ')} | ${e.why} |`));
    const two = outline().filter((o) => o.endpoint.needs.approval).map((o) => o.id);
    expect(rows('Two people').map((row) => /`([\w.-]+)`/.exec(row)?.[1])).toEqual(two);
  });
});

describe('at assignment', () => {
  test('every pair of roles, by role change and by invitation: refused exactly where the matrix excludes it', async () => {
    const cookie = await hub().as('per_thao');
    const wrong: string[] = [];
    for (const [one, other] of pairs) {
      const [assigned, invited] = [
        await hub().ask('PUT', '/api/people/per_lan/roles', { roles: [one, other] }, { cookie }),
        await hub().ask('POST', '/api/invitations', { name: 'x', roles: [one, other] }, { cookie }),
      ];
      for (const answer of [assigned, invited]) {
        const refused = answer.status === 403 && code(answer) === 'person.duties-conflict';
        if (refused !== excluded(one, other)) wrong.push(`${one}+${other}: ${answer.text.slice(0, 120)}`);
      }
    }
    expect(wrong).toEqual([]);
  });
});

describe('in one case', () => {
  const take = (object: string, duty: Duty, person: string): Promise<string> => {
    const { db, clock } = hub().world;
    return db.transaction((tx) => takeDuty(tx, { noun: 'case', object, duty, person, org: 'org_hub', at: clock.iso() }))
      .then(() => 'taken', (error: { code?: string }) => error.code ?? String(error));
  };
  test('nobody has two parts, whichever comes first; the same part twice, or in another case, is no matter', async () => {
    for (const first of duties) {
      for (const second of duties) {
        const object = `${first}-${second}`;
        expect(await take(object, first, 'per_lan')).toBe('taken');
        expect([first, second, await take(object, second, 'per_lan')])
          .toEqual([first, second, first === second ? 'taken' : 'duty.conflict']);
        expect(await take(object, second, 'per_minh')).toBe('taken');
      }
    }
  });
  test('a second account of the same person is the same person; of two at one moment one is refused', async () => {
    await hub().enter({ id: 'per_onea', organisation: 'org_hub', email: 'one@centre.example' });
    await hub().enter({ id: 'per_oneb', organisation: 'org_hub', email: 'ONE@centre.example' });
    expect(await take('twins', 'requester', 'per_onea')).toBe('taken');
    expect(await take('twins', 'authoriser', 'per_oneb')).toBe('duty.conflict');
    const both = await Promise.all([take('race', 'requester', 'per_lan'), take('race', 'monitor', 'per_lan')]);
    expect(both.sort()).toEqual(['duty.conflict', 'taken']);
  });
});

describe('OV-05: what a monitor does', () => {
  test('each look is a fact; at an agreement, the other party’s auditors read it too', async () => {
    const monitor = await hub().enter({ id: 'per_watcher', organisation: 'org_hub', roles: ['monitor'] });
    expect((await hub().ask('GET', '/api/agreements/agr_kestrel', undefined, { cookie: monitor })).status).toBe(200);
    await hub().composition.sequencer.drain();
    const auditor = await hub().enter({ id: 'per_kestrel-auditor', organisation: 'org_kestrel', roles: ['auditor'] });
    const read = await hub().ask('GET', '/api/facts?class=monitor.looked&subject=agr_kestrel', undefined, { cookie: auditor });
    expect(read.json<{ facts: { org: string }[] }>().facts.map((f) => f.org)).toEqual(['org_hub']);
    const writes = [
      ['/api/approvals', { operation: 'x', input: {}, reason: 'none' }], ['/api/agreements/agr_kestrel/end', { reason: 'because' }],
    ] as const;
    for (const [path, body] of writes) {
      expect(code(await hub().ask('POST', path, body, { cookie: monitor }))).toBe('role.missing');
    }
  });
});
