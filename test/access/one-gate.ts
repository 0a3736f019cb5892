/**
 * One gate: for random objects, collections and people, every way to read gives the same answer, and it is the answer that the bare
 * rules give: one's own organisation sees what it holds, named eyes what is RED, and the other side of an agreement what a collection
 * of it carries. What one way shows and another hides is how markings leak.
 */
import { createHash } from 'node:crypto';
import { expect } from 'vitest';
import { draws } from '../../src/modules/agreements/decide/testing.ts';
import { indicator, uuidAt } from '../../src/modules/exchange/testing.ts';
import { tlp2Markings } from '#kit/stix/tlp';
import type { Answer, TestHub } from '../hub.ts';

const levels = ['clear', 'green', 'amber', 'amber+strict', 'red'] as const;
const taxii = 'application/taxii+json;version=2.1';

interface Thing { readonly id: string; readonly level: number; readonly owner: string; readonly address: string; readonly by: string }
interface Shelf { readonly id: string; readonly owner: string; readonly partner: string; readonly ceiling: number; readonly root: string;
  readonly since: number }
interface Person { readonly id: string; readonly org: string; readonly cookie: string; readonly reads: boolean }

/** What the rules say: whether somebody may read a thing at all, and through which collection of another. */
function mayRead({ org, id, reads }: Person, thing: Thing, shelves: readonly Shelf[]): boolean {
  if (!reads) return false;
  if (thing.owner === org) return thing.level < 4 || thing.by === id;
  return shelves.some((s) => s.owner === thing.owner && s.partner === org && thing.level < 4 && thing.level <= s.ceiling);
}

/** Asks every read path about `triples` random pairs of a person and a thing; answers how many answers were compared. */
export async function compareReadPaths(hub: TestHub, seed: number, triples: number): Promise<{ compared: number; seen: number }> {
  const d = draws(seed);
  const people: Person[] = await Promise.all(([
    ['per_lan', 'org_hub', true], ['per_minh', 'org_hub', false], ['per_keller', 'org_kestrel', true], ['per_rivera', 'org_meridian', true],
    ['per_hung', 'org_mintransit', true], ['per_thao', 'org_hub', false],
  ] as const).map(async ([id, org, reads]) => ({ id, org, reads, cookie: await hub.as(id) })));
  const colleague = await hub.enter({ id: 'per_gate', organisation: 'org_hub', roles: ['duty-officer'] });
  people.push({ id: 'per_gate', org: 'org_hub', reads: true, cookie: colleague });
  const owners = people.filter((p) => ['per_lan', 'per_keller', 'per_rivera'].includes(p.id));
  const shelves: Shelf[] = [];
  const open = async (by: Person, agreement: string, partner: string, ceiling: number): Promise<void> => {
    const label = (levels[ceiling] as string).toUpperCase();
    const answer = await hub.ask('POST', '/api/collections', { agreement, ceiling: label, title: `${by.org} ${label}` }, { cookie: by.cookie });
    expect([answer.status, answer.text]).toEqual([201, answer.text]);
    shelves.push({ id: answer.json<{ collection: { id: string } }>().collection.id, owner: by.org, partner, ceiling, root: agreement, since: 0 });
  };
  const [lan, keller, rivera] = owners as [Person, Person, Person];
  await open(lan, 'agr_kestrel', 'org_kestrel', 1);
  await open(keller, 'agr_kestrel', 'org_hub', 2);
  const things: Thing[] = [];
  for (const owner of owners) {
    const made = Array.from({ length: 60 }, (_, i): Thing => {
      const n = 0x900000 + owners.indexOf(owner) * 1000 + i;
      return { id: `indicator--${uuidAt(n)}`, level: d.int(5), owner: owner.org, by: owner.id,
        address: `10.${(n >> 16) & 255}.${(n >> 8) & 255}.${n & 255}` };
    });
    const lines = made.map((t) => JSON.stringify(indicator(Number.parseInt(t.id.slice(-12), 16), {
      // Half of them are marked in a part only: the narrowest part counts.
      ...(d.chance(0.5) ? { object_marking_refs: [tlp2Markings[levels[t.level] ?? 'red'].id] }
        : { object_marking_refs: [tlp2Markings.clear.id], granular_markings: [{ marking_ref: tlp2Markings[levels[t.level] ?? 'red'].id,
          selectors: ['name'] }] }),
    }))).join('\n');
    const answer = await hub.ask('POST', '/api/threats/imports?source=own', lines, { cookie: owner.cookie,
      headers: { 'content-type': 'application/x-ndjson' } });
    expect(answer.text).toContain('"accepted":60');
    things.push(...made);
  }
  // One more is opened once everything is there: what it carries is filled in.
  await open(rivera, 'agr_meridian', 'org_hub', 2);
  const told = { compared: 0, seen: 0 };
  for (let i = 0; i < triples; i++) {
    const [person, thing] = [d.pick(people), d.pick(things)];
    const expected = mayRead(person, thing, shelves);
    const answers = await everyWay(hub, person, thing, shelves);
    expect([person.id, thing, ...answers.map((a) => `${a.way} ${String(a.seen)}`)])
      .toEqual([person.id, thing, ...answers.map((a) => `${a.way} ${String(expected && a.through !== false)}`)]);
    told.compared += answers.length;
    if (expected) told.seen++;
  }
  return told;
}

interface Way { readonly way: string; readonly seen: boolean;
  /** False where this way goes through something that does not carry the thing. */ readonly through?: boolean }

async function everyWay(hub: TestHub, person: Person, thing: Thing, shelves: readonly Shelf[]): Promise<Way[]> {
  const get = (path: string): Promise<Answer> => hub.ask('GET', path, undefined, { cookie: person.cookie,
    headers: { accept: `application/json, ${taxii}` } });
  const has = (answer: Answer): boolean => answer.status < 300 && answer.text.includes(thing.id);
  const ways: Way[] = [
    { way: 'search', seen: has(await get(`/api/threats?q=${encodeURIComponent(`Indicator ${Number.parseInt(thing.id.slice(-12), 16)}`)}`)) },
    { way: 'view', seen: has(await get(`/api/threats/${thing.id}`)) },
    {
      way: 'look-up', seen: has(await hub.ask('POST', '/api/lookup', { values: [thing.address], all: false }, { cookie: person.cookie })),
    },
  ];
  const asked = await hub.ask('POST', '/misp/attributes/restSearch', { value: thing.address }, { cookie: person.cookie });
  ways.push({ way: 'MISP attributes', seen: asked.status < 300 && asked.text.includes(thing.id.slice(-36)) });
  ways.push({ way: 'MISP attribute', seen: (await get(`/misp/attributes/view/${thing.id.slice(-36)}`)).status === 200 });
  // What is RED goes into no export; who may make none is not asked.
  const given = await hub.ask('POST', '/api/exports/preview', {
    form: 'csv', ceiling: 'AMBER+STRICT', words: `Indicator ${Number.parseInt(thing.id.slice(-12), 16)}`,
  }, { cookie: person.cookie });
  const beginning = given.status === 200 ? given.json<{ beginning: string }>().beginning : '';
  ways.push({ way: 'export', seen: beginning.includes(thing.id), through: given.status !== 403 && thing.level < 4 });
  for (const shelf of shelves) {
    const base = `/taxii2/${shelf.root}/collections/${shelf.id}`;
    const through = shelf.owner === thing.owner && thing.level < 4 && thing.level <= shelf.ceiling && (shelf.partner === person.org
      || shelf.owner === person.org);
    for (const [way, path] of [
      ['objects', `${base}/objects/?match[id]=${thing.id}`], ['manifest', `${base}/manifest/?match[id]=${thing.id}`], ['object',
        `${base}/objects/${thing.id}/`],
      ['search in it', `/api/threats?collection=${shelf.id}&q=Indicator`],
    ] as const) {
      // A search shows a page of fifty: it is asked for one that is certainly there, or not at all.
      const path2 = way === 'search in it' ? `${path}%20${Number.parseInt(thing.id.slice(-12), 16)}` : path;
      ways.push({ way: `${way} of ${shelf.owner}`, seen: has(await get(path2)), through });
    }
    // What no report lists stands in the event of its day, and there in the hashes of its values.
    const md5 = createHash('md5').update(thing.address).digest('hex');
    const hashes = await get(`/misp/feed/${shelf.id}/hashes.csv`);
    ways.push({ way: `MISP feed of ${shelf.owner}`, seen: hashes.status === 200 && hashes.text.includes(md5), through });
    const versions = await get(`${base}/objects/${thing.id}/versions/`);
    ways.push({ way: `versions of ${shelf.owner}`, seen: versions.status === 200, through });
  }
  return ways;
}
