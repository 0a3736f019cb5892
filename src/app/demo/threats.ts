/**
 * The story's threat information: what the centre holds and shares with its endpoint vendor, what both vendors share with the centre,
 * and one offer that nobody may take in by itself. All of it is invented; addresses and names are those of documentation.
 */
import { asHub } from '#world/db/scope';
import { stateFact } from '#world/facts';
import { lineOf, setLine, writeAlert } from '#modules/alerts/index';
import { beginRecall, deliver, insertCollection, ownCollections, piecesOf, sourceNamed, newUuid, type ExchangeParts } from '#modules/exchange/index';
import { Refusal } from '#kit/refusal';
import { tlp2Markings, type TlpLevel } from '#kit/stix/tlp';
import { centre } from './story.ts';

type Thing = Readonly<Record<string, unknown>>;

export const idOf = (type: string, n: number): string => `${type}--5e000000-0000-4000-8000-${String(n).padStart(12, '0')}`;
const marked = (level: TlpLevel): Thing => ({ object_marking_refs: [tlp2Markings[level]['id']] });

function maker(owner: number, at: string) {
  const identity = idOf('identity', owner);
  const common = { spec_version: '2.1', created: at, modified: at, created_by_ref: identity };
  return {
    identity: (name: string): Thing => ({ ...common, type: 'identity', id: identity, name, identity_class: 'organization', created_by_ref: identity,
      ...marked('clear') }),
    thing: (type: string, n: number, level: TlpLevel, more: Thing): Thing => ({ type, id: idOf(type, n), ...common, ...marked(level), ...more }),
    indicator: (n: number, level: TlpLevel, name: string, pattern: string): Thing => ({
      type: 'indicator', id: idOf('indicator', n), ...common, ...marked(level), name, pattern, pattern_type: 'stix', valid_from: at,
      indicator_types: ['malicious-activity'],
    }),
    joins: (n: number, level: TlpLevel, from: string, how: string, to: string): Thing => ({
      type: 'relationship', id: idOf('relationship', n), ...common, ...marked(level), relationship_type: how, source_ref: from, target_ref: to,
    }),
  };
}

function ofCentre(): Thing[] {
  const { identity, thing, indicator, joins } = maker(1, '2026-03-02T03:00:00.000Z');
  const [family, tool, actor] = [idOf('malware', 1), idOf('tool', 1), idOf('threat-actor', 1)];
  const names = ['bến-cảng.example', 'cap-nhat.example', 'van-don.example', 'thu-tuc.example'];
  return [
    identity('National Cyber Security Centre'),
    thing('threat-actor', 1, 'amber', { name: 'Sóng Ngầm', aliases: ['Undertow'], threat_actor_types: ['crime-syndicate'],
      description: 'Steals shipping documents from port operators and transit offices.' }),
    thing('malware', 1, 'green', { name: 'Cá Đuối', aliases: ['Stingray'], is_family: true, malware_types: ['remote-access-trojan'],
      description: 'A remote access trojan that hides in update programs of freight software.' }),
    thing('tool', 1, 'green', { name: 'Lưới', description: 'Copies documents to a share and encrypts the archive.' }),
    joins(1, 'amber', actor, 'uses', family), joins(2, 'green', family, 'uses', tool),
    ...names.map((name, i) => indicator(10 + i, 'green', `Command server ${name}`, `[domain-name:value = '${name}']`)),
    ...Array.from({ length: 6 }, (_, i) => indicator(20 + i, 'green', `Command server 198.51.100.${40 + i}`, `[ipv4-addr:value = '198.51.100.${40 + i}']`)),
    ...Array.from({ length: 10 }, (_, i) => joins(30 + i, 'green', idOf('indicator', i < 4 ? 10 + i : 16 + i), 'indicates', family)),
    thing('report', 1, 'amber+strict', { name: 'Thefts of shipping documents, first quarter', published: '2026-03-02T03:00:00.000Z',
      report_types: ['campaign'],
      object_refs: [actor, family, tool], description: 'For the centre and the ministry of transit alone.' }),
  ];
}

function ofKestrel(): Thing[] {
  const { identity, thing, indicator, joins } = maker(2, '2026-05-11T08:30:00.000Z');
  const family = idOf('malware', 200);
  return [
    identity('Kestrel Endpoint Security'),
    thing('malware', 200, 'amber', { name: 'GlassEel', is_family: true, malware_types: ['downloader'],
      description: 'Fetches Stingray; seen in eleven countries since April.' }),
    ...Array.from({ length: 8 }, (_, i) => indicator(200 + i, 'amber', `GlassEel download 203.0.113.${60 + i}`,
      `[ipv4-addr:value = '203.0.113.${60 + i}']`)),
    indicator(210, 'amber', 'GlassEel loader', `[file:hashes.'SHA-256' = '${'5a'.repeat(32)}']`),
    ...Array.from({ length: 9 }, (_, i) => joins(200 + i, 'amber', idOf('indicator', i < 8 ? 200 + i : 210), 'indicates', family)),
  ];
}

function ofMeridian(): Thing[] {
  const { identity, thing } = maker(3, '2026-06-01T12:00:00.000Z');
  const cve = (n: number, name: string, description: string): Thing => thing('vulnerability', n, 'green', {
    name, description, external_references: [{ source_name: 'cve', external_id: name }],
  });
  return [
    identity('Meridian Platforms'),
    cve(300, 'CVE-2099-10001', 'Meridian OS: a crafted name of a printer runs code in the spooler. Fixed in the June update.'),
    cve(301, 'CVE-2099-10002', 'Meridian Office: a macro is trusted after its document was moved. Fixed in the June update.'),
  ];
}

/** Somebody else’s word on the centre’s object: set aside, to be decided. */
const contradicting = (): Thing => ({ ...ofCentre()[2], modified: '2026-05-20T00:00:00.000Z', name: 'Cá Đuối 2' });

async function* lines(things: readonly Thing[]): AsyncGenerator<Uint8Array> {
  yield Buffer.from(things.map((o) => `${JSON.stringify(o)}\n`).join(''));
}

interface Share { readonly org: string; readonly person: string; readonly agreement: string; readonly partner: string; readonly title: string;
  readonly alias: string; readonly ceiling: 'GREEN' | 'AMBER'; readonly accepts: boolean; readonly things: readonly Thing[] }

/** Writes it once: a start cut short goes on with what is missing. */
export function writeThreats(parts: ExchangeParts): Promise<void> {
  return asHub('the demonstration’s threat information', async () => {
    const shares: readonly Share[] = [
      { org: centre, person: 'per_lan', agreement: 'agr_kestrel', partner: 'org_kestrel', title: 'Indicators for our partners', alias: 'indicators',
        ceiling: 'GREEN', accepts: true, things: ofCentre() },
      { org: 'org_kestrel', person: 'per_keller', agreement: 'agr_kestrel', partner: centre, title: 'Kestrel threat feed', alias: 'kestrel-feed',
        ceiling: 'AMBER', accepts: false, things: ofKestrel() },
      { org: 'org_meridian', person: 'per_rivera', agreement: 'agr_meridian', partner: centre, title: 'Meridian advance notices', alias: 'advance',
        ceiling: 'GREEN', accepts: false, things: ofMeridian() },
    ];
    for (const share of shares) await writeShare(parts, share);
    await bring(parts, centre, 'per_lan', 'file', 'A mailing list', [contradicting()]);
    await alertAndRecall(parts);
  });
}

/** Kestrel warns the duty officer, who has not opened it yet, and calls an indicator back that it should not have shared. */
async function alertAndRecall(parts: ExchangeParts): Promise<void> {
  const { db, clock } = parts;
  if ((await lineOf(db, centre)).length > 0) return;
  await beginRecall(parts, { actor: { person: 'per_keller', org: 'org_kestrel' }, hours: 72,
    reason: 'The hash is of a tool of one of our customers, not of the loader.' }, [idOf('indicator', 210)]).catch(calledBackBefore);
  await db.transaction(async (tx) => {
    await setLine(tx, 'org_kestrel', ['per_keller']);
    await setLine(tx, centre, ['per_lan']);
  });
  await writeAlert(db, {
    id: parts.ids.next('alt'), scope: 'org_kestrel', to: centre, tlp: 'RED', title: 'GlassEel at a port operator of yours',
    text: 'Our sensors saw GlassEel fetch its second stage at a port operator in your country at 02:10 UTC, from 203.0.113.64. The operator has not '
      + 'been told by us.\n\nLook for update programs of freight software that started after midnight. Please do not pass our name on.',
    objects: [idOf('malware', 200)], minutes: 1_440, sentAt: clock.iso(), sentBy: 'per_keller', withdrawnAt: null, unansweredAt: null,
  }, ['per_lan'], []);
}

/** By a start that was cut short after it. */
function calledBackBefore(error: unknown): void {
  if (!(error instanceof Refusal && error.code === 'recall.stands')) throw error;
}

async function writeShare(parts: ExchangeParts, { org, person, things, ...share }: Share): Promise<void> {
  const at = parts.clock.iso();
  await parts.db.transaction(async (tx) => {
    const { library } = await ownCollections(tx, org, () => newUuid(parts), person, at);
    if (library.openedAt !== at) return;
    const made = await insertCollection(tx, {
      ...share, id: newUuid(parts), kind: 'shared', owner: org, description: '', types: null, openedAt: at, openedBy: person,
    });
    await stateFact(tx, {
      class: 'collection.opened', at, actor: person, org, subject: made.id, readers: [share.partner], clauses: [],
      body: { collection: made.id, agreement: share.agreement, title: share.title, ceiling: share.ceiling, types: null, accepts: share.accepts,
        objects: 0 },
    });
  });
  await bring(parts, org, person, 'own', 'own', things);
}

async function bring(parts: ExchangeParts, org: string, person: string, kind: 'own' | 'file', name: string, things: readonly Thing[]): Promise<void> {
  const source = await sourceNamed(parts.db, org, { id: parts.ids.next('src'), kind, name, org: kind === 'own' ? org : null }, parts.clock.iso());
  await deliver(parts, { scope: org, source, actor: { person, org }, clauses: [], own: kind === 'own', unmarked: 'GREEN' }, piecesOf(lines(things)));
}
