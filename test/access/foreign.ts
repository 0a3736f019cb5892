/**
 * For each path parameter an id that exists and belongs to another organisation than the asker's, and one that never was. An
 * endpoint with a parameter that this file does not know fails the matrix: whoever adds one says here whose it is.
 */
import { round } from '../../src/app/chores.ts';
import type { Endpoint } from '#kit/endpoint';
import { pathParameters } from '#kit/endpoint';
import { sessionsOf, tokensOf } from '../../src/modules/parties/store.ts';
import { insertRebuilder } from '../../src/modules/builds/store/rebuilders.ts';
import { insertRebuild, insertVerdict } from '../../src/modules/builds/store/rebuilds.ts';
import { artefactsOf } from '../../src/modules/catalogue/store/artefacts.ts';
import { bringSource } from '../../src/modules/catalogue/actions/snapshots.ts';
import { insertFlaw, insertNote } from '../../src/modules/centre/store/results.ts';
import { insertCopy, insertExcerpt } from '../../src/modules/centre/controls/store.ts';
import { insertView } from '../../src/modules/centre/store/views.ts';
import { insertReview, insertRoom, insertVisit } from '../../src/modules/centre/store/visits.ts';
import { insertAlarm } from '../../src/modules/watch/store/alarms.ts';
import { insertChannel, insertObserver } from '../../src/modules/watch/store/channels.ts';
import { insertComparison } from '../../src/modules/centre/flows/store.ts';
import { insertSearch } from '../../src/modules/centre/searching/store.ts';
import { tarOf } from '../../src/kit/archive/testing.ts';
import { asHub } from '#world/db/scope';
import { insertBreakGlass } from '../../src/modules/parties/break-glass-store.ts';
import { react } from '../../src/app/reactions.ts';
import { webhooksOf } from '../../src/modules/constituents/store/messages.ts';
import type { TestHub } from '../hub.ts';

type Find = (hub: TestHub) => Promise<{ owned: string; unknown: string }>;

const finders: Readonly<Record<string, Find>> = {
  // Between the centre and Meridian: none of Kestrel's business.
  agreement: async () => ({ owned: 'agr_meridian', unknown: 'agr_neverwas' }),
  copy: async () => ({ owned: 'hcp_any', unknown: 'hcp_neverwas' }),
  application: async () => ({ owned: 'apl_any', unknown: 'apl_neverwas' }),
  succession: async () => ({ owned: 'suc_any', unknown: 'suc_neverwas' }),
  sponsored: async () => ({ owned: 'agr_meridian', unknown: 'agr_neverwas' }),
  suspension: async () => ({ owned: 'sus_any', unknown: 'sus_neverwas' }),
  part: async () => ({ owned: 'technical-data', unknown: 'technical-data' }),
  person: async () => ({ owned: 'per_rivera', unknown: 'per_neverwas' }),
  // The first fact is of the centre's own organisation record; the last index does not exist.
  index: async () => ({ owned: '0', unknown: '999999' }),
  session: async (hub) => {
    await hub.as('per_rivera');
    return { owned: (await sessionsOf(hub.world.db, 'per_rivera'))[0]?.id ?? '', unknown: 'ses_neverwas' };
  },
  passkey: async () => ({ owned: 'passkey-of-rivera', unknown: 'passkey-never-was' }),
  // What Meridian's administrator asked her own people to agree to.
  approval: async (hub) => {
    const asked = await hub.ask('POST', '/api/approvals', {
      operation: 'people.assign', input: { person: 'per_rivera', roles: ['administrator'] }, reason: 'for the test',
    }, { cookie: await hub.as('per_rivera') });
    return { owned: asked.json<{ id: string }>().id, unknown: 'apv_neverwas' };
  },
  grant: async (hub) => {
    const now = hub.world.clock.iso();
    const approval = (await hub.ask('POST', '/api/approvals', {
      operation: 'break-glass.start', input: { rights: ['person.list'], reason: 'for the test alone' }, reason: 'for the test',
    }, { cookie: await hub.as('per_rivera') })).json<{ id: string }>().id;
    const id = hub.world.ids.next('bgl');
    await insertBreakGlass(hub.world.db, {
      id, org: 'org_meridian', person: 'per_rivera', approver: 'per_rivera', approval, rights: ['person.list'],
      reason: 'for the test alone', started_at: now, ends_at: now, ended_at: now, ended_by: 'clock', review_due_at: '2099-01-01T00:00:00Z',
      overdue_at: null, closed_at: null, closed_by: null, finding: null,
    });
    return { owned: id, unknown: 'bgl_neverwas' };
  },
  user: async () => ({ owned: 'per_rivera', unknown: 'per_neverwas' }),
  // What SCIM says of itself is the same to everybody.
  type: async () => ({ owned: 'Group', unknown: 'Nothing' }),
  schema: async () => ({ owned: 'urn:ietf:params:scim:schemas:core:2.0:Group', unknown: 'urn:none' }),
  // Meridian holds what there is of its principal.
  hold: async (hub) => {
    const placed = await hub.ask('POST', '/api/holds', { subject: 'per_rivera', reason: 'for the test' }, { cookie: await hub.as('per_rivera') });
    return { owned: placed.json<{ id: string }>().id, unknown: 'hld_neverwas' };
  },
  // The registry, the feeds and the batches are the centre's.
  constituent: async () => ({ owned: 'con_mintransit', unknown: 'con_neverwas' }),
  asset: async () => ({ owned: 'ast_mintransit0', unknown: 'ast_neverwas' }),
  // What the centre tells a ministry, and what that ministry set up.
  notice: async (hub) => ({ owned: (await told(hub)).notice, unknown: 'ntc_neverwas' }),
  finding: async (hub) => ({ owned: (await told(hub)).finding, unknown: 'fnd_neverwas' }),
  rule: async (hub) => ({ owned: (await told(hub)).rule, unknown: 'nrl_neverwas' }),
  webhook: async (hub) => ({ owned: (await told(hub)).webhook, unknown: 'whk_neverwas' }),
  // A blocking list of the centre, an entry of it, its first edition, and a guard list that waits to be taken.
  list: async (hub) => ({ owned: (await blocked(hub)).list, unknown: 'bll_neverwas' }),
  entry: async (hub) => ({ owned: (await blocked(hub)).entry, unknown: 'ble_neverwas' }),
  edition: async () => ({ owned: '1', unknown: '999999' }),
  guard: async (hub) => ({ owned: (await blocked(hub)).guard, unknown: 'blg_neverwas' }),
  contact: async () => ({ owned: 'cnt_mintransit0', unknown: 'cnt_neverwas' }),
  claim: async () => ({ owned: 'clm_mintransit', unknown: 'clm_neverwas' }),
  feed: async (hub) => ({ owned: (await centreFeed(hub)).feed, unknown: 'feed_neverwas' }),
  version: async () => ({ owned: '1', unknown: '99999' }),
  hash: async (hub) => ({ owned: await contradictedFile(hub), unknown: 'e'.repeat(64) }),
  replay: async (hub) => ({ owned: await replayOfFeed(hub), unknown: 'rpl_neverwas' }),
  feedSource: async (hub) => ({ owned: await centreSource(hub), unknown: 'fsr_neverwas' }),
  pushKey: async (hub) => ({ owned: await centrePushKey(hub), unknown: 'pky_neverwas' }),
  batch: async (hub) => ({ owned: (await centreFeed(hub)).batch, unknown: 'batch_neverwas' }),
  // A month in which the centre has rows, its report, what it kept of a website, and a ministry's source.
  month: async (hub) => {
    await told(hub);
    return { owned: hub.world.clock.iso().slice(0, 7), unknown: '1999-01' };
  },
  report: async (hub) => ({ owned: await signedReport(hub), unknown: 'srp_neverwas' }),
  evidence: async (hub) => ({ owned: await keptEvidence(hub), unknown: 'evd_neverwas' }),
  advisory: async (hub) => ({ owned: await publishedAdvisory(hub), unknown: 'exa_neverwas' }),
  // A scan job of the centre, about a ministry.
  job: async (hub) => ({ owned: await scanJob(hub), unknown: 'scn_neverwas' }),
  // What Meridian shares with the centre; a root of TAXII is an agreement.
  root: async () => ({ owned: 'agr_meridian', unknown: 'agr_neverwas' }),
  collection: async (hub) => ({ owned: await sharedCollection(hub), unknown: '00000000-0000-4000-8000-000000000000' }),
  object: async (hub) => {
    await sharedCollection(hub);
    return { owned: sharedObject, unknown: 'malware--00000000-0000-4000-8000-00000000ffff' };
  },
  // An event of Meridian's own, with what is in it; a file of the feed of what it shares.
  event: async (hub) => ({ owned: (await theirEvent(hub)).event, unknown: '00000000-0000-4000-8000-00000000fff0' }),
  attribute: async (hub) => ({ owned: (await theirEvent(hub)).attribute, unknown: '00000000-0000-4000-8000-00000000fff1' }),
  thing: async (hub) => ({ owned: (await theirEvent(hub)).object, unknown: '00000000-0000-4000-8000-00000000fff2' }),
  sighting: async (hub) => ({ owned: (await theirEvent(hub)).sighting, unknown: '00000000-0000-4000-8000-00000000fff3' }),
  leaf: async () => ({ owned: 'manifest.json', unknown: 'manifest.json' }),
  status: async () => ({ owned: '00000000-0000-4000-8000-000000000001', unknown: '00000000-0000-4000-8000-000000000002' }),
  alert: async () => ({ owned: 'alt_any', unknown: 'alt_neverwas' }),
  // An export of the centre; a number of a release.
  export: async (hub) => ({ owned: await centreExport(hub), unknown: 'exp_neverwas' }),
  number: async () => ({ owned: '1', unknown: '99999' }),
  blindlist: async () => ({ owned: 'bll_any', unknown: 'bll_neverwas' }),
  community: async () => ({ owned: 'com_any', unknown: 'com_neverwas' }),
  request: async () => ({ owned: 'rsh_any', unknown: 'rsh_neverwas' }),
  recall: async () => ({ owned: 'rec_any', unknown: 'rec_neverwas' }),
  site: async () => ({ owned: 'site_any', unknown: 'site_neverwas' }),
  parcel: async () => ({ owned: 'ppc_any', unknown: 'ppc_neverwas' }),
  peer: async (hub) => ({ owned: (await centrePeer(hub)).peer, unknown: 'peer_neverwas' }),
  following: async (hub) => ({ owned: (await centrePeer(hub)).following, unknown: 'pfo_neverwas' }),
  warninglist: async () => ({ owned: 'wrn_any', unknown: 'wrn_neverwas' }),
  // What Meridian holds for itself alone.
  vulnerability: async (hub) => ({ owned: await theirVulnerability(hub), unknown: 'CVE-2098-99998' }),
  record: async () => ({ owned: '1', unknown: '999999' }),
  offer: async () => ({ owned: 'qua_any', unknown: 'qua_neverwas' }),
  source: async (hub) => {
    await hub.ask('POST', '/api/my/connections/edge/beat', { vendor: 'Kestrel Shield' }, { cookie: await hub.as('per_hung') });
    return { owned: 'edge', unknown: 'nowhere' };
  },
  // A product of Meridian's that nobody of Kestrel's has a clause for, its release, and the source code in it.
  product: async (hub) => ({ owned: (await theirProduct(hub)).product, unknown: 'prd_neverwas' }),
  release: async (hub) => ({ owned: (await theirProduct(hub)).release, unknown: 'rel_neverwas' }),
  artefact: async (hub) => ({ owned: (await theirProduct(hub)).artefact, unknown: 'art_neverwas' }),
  // A channel of that product, an alarm on it, and the observer of Meridian's that saw it.
  channel: async (hub) => ({ owned: (await theirChannel(hub)).channel, unknown: 'chn_neverwas' }),
  alarm: async (hub) => ({ owned: (await theirChannel(hub)).alarm, unknown: 'cal_neverwas' }),
  observer: async (hub) => ({ owned: (await theirChannel(hub)).observer, unknown: 'obs_neverwas' }),
  view: async () => ({ owned: '0'.repeat(64), unknown: 'f'.repeat(64) }),
  // A visit of the centre's to Meridian, with all that hangs on it.
  visit: async (hub) => ({ owned: (await theirVisit(hub)).visit, unknown: 'vis_neverwas' }),
  excerpt: async (hub) => ({ owned: (await theirVisit(hub)).excerpt, unknown: 'exc_neverwas' }),
  reviewCopy: async (hub) => ({ owned: (await theirVisit(hub)).copy, unknown: 'cpy_neverwas' }),
  step: async (hub) => ({ owned: (await theirVisit(hub)).step, unknown: 'vew_neverwas' }),
  review: async (hub) => ({ owned: (await theirVisit(hub)).review, unknown: 'rvw_neverwas' }),
  note: async (hub) => ({ owned: (await theirVisit(hub)).note, unknown: 'nte_neverwas' }),
  comparison: async (hub) => ({ owned: (await theirVisit(hub)).comparison, unknown: 'flc_neverwas' }),
  flaw: async (hub) => ({ owned: (await theirVisit(hub)).flaw, unknown: 'flw_neverwas' }),
  room: async (hub) => ({ owned: (await theirVisit(hub)).room, unknown: 'rom_neverwas' }),
  // What Meridian's own rebuilder said of Meridian's release.
  rebuilder: async (hub) => ({ owned: (await theirRebuild(hub)).rebuilder, unknown: 'rbr_neverwas' }),
  rebuild: async (hub) => ({ owned: (await theirRebuild(hub)).rebuild, unknown: 'rbd_neverwas' }),
  verdict: async (hub) => ({ owned: (await theirRebuild(hub)).verdict, unknown: 'vrd_neverwas' }),
  search: async (hub) => ({ owned: (await theirVisit(hub)).search, unknown: 'sch_neverwas' }),
  statement: async () => ({ owned: 'stm_any', unknown: 'stm_neverwas' }),
  token: async (hub) => {
    const cookie = await hub.as('per_rivera');
    await hub.ask('POST', '/api/tokens', { name: 'hers', scopes: ['agreement.list'], days: 1 }, { cookie });
    return { owned: (await tokensOf(hub.world.db, 'per_rivera'))[0]?.id ?? '', unknown: 'tok_neverwas' };
  },
};

/** A server that the centre asks, and a collection that it follows there. */
async function centrePeer(hub: TestHub): Promise<{ peer: string; following: string }> {
  const cookie = await hub.as('per_lan');
  const { items } = (await hub.ask('GET', '/api/peers', undefined, { cookie })).json<{ items: { peer: { id: string }; followings: { id: string }[] }[] }>();
  const known = items.find((item) => item.followings.length > 0);
  if (known) return { peer: known.peer.id, following: known.followings[0]?.id ?? '' };
  const { peer } = (await hub.ask('POST', '/api/peers', {
    title: 'For the test', url: 'https://taxii.example/taxii2/', auth: { scheme: 'none' }, unmarked: 'RED', everyMinutes: 60,
  }, { cookie })).json<{ peer: { id: string } }>();
  const { following } = (await hub.ask('POST', `/api/peers/${peer.id}/followings`, {
    root: 'https://taxii.example/root/', collection: 'all', title: 'All',
  }, { cookie })).json<{ following: { id: string } }>();
  return { peer: peer.id, following: following.id };
}

async function theirVisit(hub: TestHub): Promise<{ visit: string; review: string; note: string; flaw: string; room: string; search: string;
  excerpt: string; copy: string; comparison: string; step: string }> {
  const { db, ids, clock } = hub.world;
  const [scope, owner, now] = ['org_hub', 'org_meridian', clock.iso()];
  const [visit, review, note, flaw, room, search] = ['vis', 'rvw', 'nte', 'flw', 'rom', 'sch'].map((kind) => ids.next(kind)) as [string, string, string, string,
    string, string];
  const [excerpt, copy, comparison, step] = [ids.next('exc'), ids.next('cpy'), ids.next('flc'), ids.next('vew')];
  await asHub('a visit for the test', () => db.transaction(async (tx) => {
    await insertVisit(tx, {
      id: visit, scope, owner, product: 'prd_x', product_name: 'Meridian OS', release: 'rel_x', version: '1', artefact: 'art_x', root: '0'.repeat(64),
        blocks: '9',
      level: 'red', mode: 'remote', goals: 'x', questions: [], from_day: '2026-01-01', to_day: '2030-01-01', state: 'agreed', reason: '', asked_at: now,
      asked_by: 'per_son', decided_at: now, closed_at: null, per_day: 50, in_all: 500, wanted_day: null, wanted_all: null, wanted_by: null, opens_after: 1,
      opened_at: null,
    }, []);
    await insertReview(tx, { id: review, visit, scope, owner, person: 'per_son', mark: 'x', code: review, began_at: now, ended_at: null });
    await insertView(tx, { id: step, review, visit, scope, owner, product: 'prd_x', release: 'rel_x', person: 'per_son', path: 'a', digest: '0'.repeat(64),
      number: 0, from_byte: 0, to_byte: 1, line: 1, ends: 1, fresh: 1, file_at: 0, at: now, leased_until: now, leaf: '0' });
    await insertNote(tx, { id: note, visit, scope, owner, person: 'per_son', path: 'a', from_line: 1, to_line: 1, body: 'x', hash: '0'.repeat(64),
      at: now });
    await insertExcerpt(tx, { id: excerpt, visit, review, scope, owner, person: 'per_son', path: 'a', digest: '0'.repeat(64), from_line: 1, to_line: 1,
      purpose: 'x', body: 'x', hash: '0'.repeat(64), at: now, ends_at: now });
    await insertCopy(tx, { id: copy, visit, scope, owner, excerpt: null, what: 'x', person: 'per_son', mark: 'x', made_at: now, ends_at: now,
      destroyed_at: null, destroyed_by: null, how: '', overdue_at: null });
    await insertFlaw(tx, {
      id: flaw, visit, scope, owner, product: 'prd_x', product_name: 'Meridian OS', severity: 'high', commitment: '0'.repeat(64), salt: '0'.repeat(64),
      content: { title: 'x', text: 'x', path: 'a', line: 1, severity: 'high' }, committed_at: now, disclose_by: now, disclosed_at: null, answer_by: null,
      closed_at: null, alarmed_at: null,
    });
    await insertSearch(tx, {
      id: search, review, visit, scope, owner, product: 'prd_x', release: 'rel_x', person: 'per_son', at: now, lines: 0, fresh: 0,
      asked: { text: 'x', kind: 'text', anyCase: false, wholeWord: false, globs: [], languages: [], path: '' },
    });
    await insertComparison(tx, {
      id: comparison, visit, scope, owner, person: 'per_son', at: now, artefact: 'art_x', name: 'x', declaration: '0'.repeat(64), capture: '0'.repeat(64),
      bytes: '1', broken_off: false, devices: ['192.0.2.1'], lab: [], filed: [], outcome: { undeclared: [], lookedUp: [], flows: [] },
      counts: { packets: 0, unread: 0, ways: 0, undeclared: 0, lookedUp: 0, flows: 0, unseen: 0 },
    });
    await insertRoom(tx, { id: room, scope: owner, name: room, place: 'x', seats: 1 });
  }));
  return { visit, review, note, flaw, room, search, excerpt, copy, comparison, step };
}

async function theirRebuild(hub: TestHub): Promise<{ rebuilder: string; rebuild: string; verdict: string }> {
  const { db, ids, clock } = hub.world;
  const { product, release } = await theirProduct(hub);
  const [org, at, sha256] = ['org_meridian', clock.iso(), '0'.repeat(64)];
  const [rebuilder, rebuild, verdict, artefact] = [ids.next('rbr'), ids.next('rbd'), ids.next('vrd'), (await artefactsOf(db, [release]))[0]?.id ?? ''];
  await asHub('a rebuild for the test', () => db.transaction(async (tx) => {
    await insertRebuilder(tx, {
      id: rebuilder, org, name: `meridian.example/${rebuilder}`, public_key: rebuilder, machine: '', registered_at: at, registered_by: 'per_sato',
      approved_by: 'per_rivera', retired_at: null, retired_why: null,
    });
    await insertRebuild(tx, {
      id: rebuild, org, scope: org, product, release, rebuilder, person: 'per_sato', at, started_at: at, finished_at: at, evidence: rebuild, recipe: sha256,
      environment: sha256, sources: [], products: [], run_id: 'x', log: null, corrects: null, reason: '',
    });
    await insertVerdict(tx, {
      id: verdict, rebuild, org, scope: org, release, artefact, rebuilder, name: 'x', sha256, said: 'IDENTICAL', judgement: sha256, rules: [], recovered: null,
      differences: 0, unexplained: 0, rebuilt: null, at, held: false, found: null, superseded_by: null, superseded_at: null, superseded_why: null,
    });
  }));
  return { rebuilder, rebuild, verdict };
}

async function theirProduct(hub: TestHub): Promise<{ product: string; release: string; artefact: string }> {
  const cookie = await hub.as('per_sato');
  const name = `Meridian OS ${hub.world.ids.next('x')}`;
  const { product } = (await hub.ask('POST', '/api/products', { name }, { cookie })).json<{ product: { id: string } }>();
  const { release } = (await hub.ask('POST', `/api/products/${product.id}/releases`, { version: '1' }, { cookie })).json<{ release: { id: string } }>();
  const artefact = await asHub('source code for the test', () => bringSource(hub.world, {
    actor: { org: 'org_meridian', person: 'per_sato' }, release: release.id, name: 'source', access: 'agreement', tlp: 'GREEN', keepTop: false,
  }, tarOf([{ path: 'a', text: 'A' }])));
  await hub.ask('POST', `/api/releases/${release.id}/publish`, {}, { cookie });
  return { product: product.id, release: release.id, artefact: artefact.id };
}

async function theirChannel(hub: TestHub): Promise<{ channel: string; alarm: string; observer: string }> {
  const { product } = await theirProduct(hub);
  const { db, ids, clock } = hub.world;
  const [channel, alarm, observer, now] = [ids.next('chn'), ids.next('cal'), ids.next('obs'), clock.iso()];
  await asHub('a channel for the test', () => db.transaction(async (tx) => {
    await insertChannel(tx, {
      id: channel, scope: 'org_meridian', product, name: 'stable', url: 'https://updates.meridian.example/m', format: 'list', settleMinutes: 2,
        silentMinutes: 60,
      createdAt: now, createdBy: 'per_sato', endedAt: null,
    });
    await insertObserver(tx, {
      id: observer, org: 'org_meridian', name: 'x', country: 'JP', network: null, keyid: observer, publicKey: observer, registeredAt: now,
      registeredBy: 'per_sato', endedAt: null, lastAt: null, skewMs: null,
    });
    await insertAlarm(tx, {
      id: alarm, channel, scope: 'org_meridian', kind: 'split', key: 'x', name: 'x', version: null, detail: 'at-the-same-time', places: ['JP'],
        rest: ['DE'],
      region: null, evidence: [], orgs: ['org_meridian'], raisedAt: now, lastAt: now, overAt: null, times: 1, explainedAt: null, closedAt: null,
    });
  }));
  return { channel, alarm, observer };
}

async function centreExport(hub: TestHub): Promise<string> {
  const cookie = await hub.as('per_lan');
  const made = await hub.ask('POST', '/api/exports', { title: 'For our firewall', form: 'plain' }, { cookie });
  const { id } = made.json<{ export: { id: string } }>().export;
  await hub.ask('POST', `/api/exports/${id}/releases`, {}, { cookie });
  return id;
}

/** A notice to a ministry with its finding, a rule about its notices and a webhook of its own. */
async function told(hub: TestHub): Promise<{ notice: string; finding: string; rule: string; webhook: string }> {
  const { feed } = await centreFeed(hub);
  const [lan, hung] = [await hub.as('per_lan'), await hub.as('per_hung')];
  const row = `{"time":"${hub.world.clock.iso()}","type":"infection","family":"mirai","ip":"100.112.0.77"}`;
  const taken = await hub.ask('POST', `/api/feeds/${feed}/batches?file=told.ndjson`, row, { cookie: lan });
  await hub.composition.sequencer.drain();
  await react(hub.world);
  const { findings } = (await hub.ask('GET', '/api/findings', undefined, { cookie: lan })).json<{ findings: { id: string; notice: string }[] }>();
  if (!findings[0]) throw new Error(`nothing was found: ${taken.status} ${taken.text}`);
  const made = await hub.ask('POST', '/api/constituents/con_mintransit/notice-rules', {
    act: 'suppress', reason: 'being rebuilt', until: new Date(hub.world.clock.now() + 86_400_000).toISOString(),
  }, { cookie: lan });
  const rule = made.json<{ rule: { id: string } }>().rule.id;
  await hub.ask('POST', '/api/my/webhooks', { url: 'https://hooks.example/x' }, { cookie: hung });
  const hooks = await webhooksOf(hub.world.db, 'org_hub', ['con_mintransit']);
  return { notice: findings[0]?.notice ?? '', finding: findings[0]?.id ?? '', rule, webhook: hooks[0]?.id ?? '' };
}

interface Offices { sha256: string; signed: { id: string }[] }

/** The centre's report of this month, signed. */
async function signedReport(hub: TestHub): Promise<string> {
  await told(hub);
  const cookie = await hub.as('per_lan');
  const month = hub.world.clock.iso().slice(0, 7);
  const look = async (): Promise<Offices> => (await hub.ask('GET', `/api/state-offices?month=${month}`, undefined, { cookie })).json<Offices>();
  const { sha256 } = await look();
  await hub.ask('POST', `/api/state-offices/${month}/sign`, { sha256 }, { cookie });
  const [signed] = (await look()).signed;
  if (!signed) throw new Error('the report was not signed');
  return signed.id;
}

/** What the centre kept of an attacked website. */
async function keptEvidence(hub: TestHub): Promise<string> {
  const { feed } = await centreFeed(hub);
  const cookie = await hub.as('per_lan');
  const day = hub.world.clock.iso().slice(0, 10);
  const row = `{"time":"${hub.world.clock.iso()}","type":"defacement","domain":"www.foreign.example","ip":"192.0.2.7"}`;
  await hub.ask('POST', `/api/feeds/${feed}/batches?file=site.ndjson`, row, { cookie });
  const kept = await hub.ask('POST', '/api/website-attacks/evidence', {
    site: 'foreign.example', day, url: 'http://www.foreign.example/', capturedAt: hub.world.clock.iso(), mediaType: 'text/html', base64: 'PGh0bWw+',
  }, { cookie });
  if (kept.status !== 201) throw new Error(`nothing was kept: ${kept.text}`);
  return kept.json<{ evidence: { id: string } }>().evidence.id;
}

async function scanJob(hub: TestHub): Promise<string> {
  const [from, until] = [hub.world.clock.iso(), new Date(hub.world.clock.now() + 3_600_000).toISOString()];
  const made = await hub.ask('POST', '/api/scans', {
    constituent: 'con_mintransit', targets: ['100.112.0.0/28'], ports: ['443'], from, until, reason: 'for the test',
  }, { cookie: await hub.as('per_lan') });
  if (made.status !== 201) throw new Error(`no scan job was made: ${made.text}`);
  return made.json<{ job: { id: string } }>().job.id;
}

/** What the centre said of open systems. */
async function publishedAdvisory(hub: TestHub): Promise<string> {
  const made = await hub.ask('POST', '/api/exposure-advisories', {
    title: 'Theirs', severity: 'high', source: 'https://advisories.example/theirs', match: { families: ['theirs'] },
  }, { cookie: await hub.as('per_lan') });
  if (made.status !== 201) throw new Error(`nothing was published: ${made.text}`);
  return made.json<{ advisory: { id: string } }>().advisory.id;
}

/** A blocking list that constituents read, with one entry; made where there is none yet. */
async function blocked(hub: TestHub): Promise<{ list: string; entry: string; guard: string }> {
  const cookie = await hub.as('per_lan');
  const listed = async (): Promise<string | undefined> => (await hub.ask('GET', '/api/blocking-lists', undefined, { cookie }))
    .json<{ lists: { id: string; name: string }[] }>().lists.find((l) => l.name === 'theirs')?.id;
  if (!await listed()) {
    await hub.ask('POST', '/api/blocking-lists', { name: 'theirs', title: 'Theirs', purpose: 'dns' }, { cookie });
    const expiresAt = new Date(hub.world.clock.now() + 30 * 86_400_000).toISOString();
    const entries = { lines: 'theirs.blocked.example', ground: 'for the test', reason: 'for the test', source: 'test', expiresAt };
    await hub.ask('POST', `/api/blocking-lists/${await listed()}/entries`, entries, { cookie });
    await hub.ask('POST', '/api/blocking-guards?kind=label-holder', 'holder.example\n', { cookie });
  }
  const list = await listed() ?? '';
  const { items } = (await hub.ask('GET', `/api/blocking-lists/${list}`, undefined, { cookie })).json<{ items: { id: string }[] }>();
  const { guards } = (await hub.ask('GET', '/api/blocking-guards', undefined, { cookie })).json<{ guards: { id: string }[] }>();
  if (!items[0] || !guards[0]) throw new Error('no blocking list, entry or guard list to ask for');
  return { list, entry: items[0].id, guard: guards[0].id };
}

/** An event that Meridian holds and shares with nobody, and a sighting of its own of it. */
async function theirEvent(hub: TestHub): Promise<{ event: string; attribute: string; object: string; sighting: string }> {
  const cookie = await hub.as('per_rivera');
  const uuid = (n: number): string => `00000000-0000-4000-8000-00000000e00${n}`;
  await hub.ask('POST', '/misp/events/add', {
    uuid: uuid(1), info: 'Theirs', Attribute: [{ uuid: uuid(2), type: 'md5', value: 'd'.repeat(32) }],
    Object: [{ uuid: uuid(3), name: 'file', Attribute: [{ type: 'filename', object_relation: 'filename', value: 'theirs.exe' }] }],
  }, { cookie });
  const seen = await hub.ask('POST', `/misp/sightings/add/${uuid(2)}`, {}, { cookie });
  return { event: uuid(1), attribute: uuid(2), object: uuid(3), sighting: seen.json<{ Sighting?: { uuid: string } }>().Sighting?.uuid ?? '' };
}

const sharedObject = 'malware--00000000-0000-4000-8000-000000000001';

/** A collection that Meridian shares with the centre, with one object. */
async function sharedCollection(hub: TestHub): Promise<string> {
  const cookie = await hub.as('per_rivera');
  const body = { agreement: 'agr_meridian', ceiling: 'GREEN', title: 'Theirs', alias: 'theirs' };
  await hub.ask('POST', '/api/collections', body, { cookie });
  const { own } = (await hub.ask('GET', '/api/collections', undefined, { cookie })).json<{ own: { id: string; alias: string | null }[] }>();
  const id = own.find((c) => c.alias === 'theirs')?.id ?? '';
  const at = '2024-01-01T00:00:00.000Z';
  const object = { type: 'malware', spec_version: '2.1', id: sharedObject, created: at, modified: at, name: 'Theirs', is_family: true };
  await hub.ask('POST', `/taxii2/agr_meridian/collections/${id}/objects/`, { objects: [object] }, {
    cookie, headers: { 'content-type': 'application/taxii+json;version=2.1' },
  });
  return id;
}

/** A vulnerability that only Meridian knows of. */
async function theirVulnerability(hub: TestHub): Promise<string> {
  const record = { id: 'CVE-2098-99999', modified: '2024-01-01T00:00:00Z', summary: 'Theirs', affected: [] };
  const taken = await hub.ask('POST', '/api/vulnerabilities/imports', JSON.stringify(record), { cookie: await hub.as('per_rivera') });
  if (!taken.text.includes('"phase":"done"')) throw new Error(`nothing was taken in: ${taken.text}`);
  return record.id;
}

/** A feed of the centre with one batch. */
async function centreFeed(hub: TestHub): Promise<{ feed: string; batch: string }> {
  const cookie = await hub.as('per_lan');
  await hub.ask('POST', '/api/feeds', { name: 'theirs', title: 'Theirs', shape: 'ndjson' }, { cookie });
  const { items } = (await hub.ask('GET', '/api/feeds', undefined, { cookie })).json<{ items: { id: string; name: string }[] }>();
  const feed = items.find((f) => f.name === 'theirs')?.id ?? '';
  const sent = await hub.ask('POST', `/api/feeds/${feed}/batches?file=x.ndjson`, '{"nothing":1}', { cookie });
  const batch = /"batch":\{"id":"([^"]+)"/.exec(sent.text)?.[1] ?? '';
  if (!feed || !batch) throw new Error(`no feed or batch to ask for: ${sent.text}`);
  return { feed, batch };
}

/** Where files of the centre's feed are fetched from; it is off. */
async function centreSource(hub: TestHub): Promise<string> {
  const { feed } = await centreFeed(hub);
  const settings = { kind: 'http', url: 'https://feeds.example/x' };
  const made = await hub.ask('POST', `/api/feeds/${feed}/sources`, { name: hub.world.ids.next('src'), everyMinutes: 60, on: false, settings },
    { cookie: await hub.as('per_lan') });
  if (made.status !== 201) throw new Error(`no source: ${made.text}`);
  return made.json<{ source: { id: string } }>().source.id;
}

/** A key of a feed of the centre that takes nothing unsigned. */
async function centrePushKey(hub: TestHub): Promise<string> {
  const cookie = await hub.as('per_lan');
  await hub.ask('POST', '/api/feeds', { name: 'signed', title: 'Signed', shape: 'ndjson' }, { cookie });
  const key = { keyid: hub.world.ids.next('kid'), publicKey: 'JrQLj5P_89iXES9-vFgrIy29clF9CC_oPPsw3c5D0bs' };
  const added = await hub.ask('POST', '/api/feeds/signed/push-keys', key, { cookie });
  if (added.status !== 201) throw new Error(`no push key: ${added.text}`);
  return added.json<{ key: { id: string } }>().key.id;
}

/** A file of which two lists of the centre contradict each other. */
async function contradictedFile(hub: TestHub): Promise<string> {
  const cookie = await hub.as('per_lan');
  const hash = 'd'.repeat(64);
  for (const shape of ['clean-files', 'malicious-files']) {
    await hub.ask('POST', '/api/feeds', { name: `theirs-${shape}`, title: shape, shape }, { cookie });
    await hub.ask('POST', `/api/feeds/theirs-${shape}/batches?file=x.ndjson`, `{"sha256":"${hash}","time":"${hub.world.clock.iso()}"}\n`, { cookie });
  }
  await round(hub.world, hub.composition);
  return hash;
}

/** Reading again of that feed's files. */
async function replayOfFeed(hub: TestHub): Promise<string> {
  const { feed } = await centreFeed(hub);
  const cookie = await hub.as('per_lan');
  await hub.ask('POST', `/api/feeds/${feed}/replays`, {}, { cookie });
  const { items } = (await hub.ask('GET', `/api/feeds/${feed}/replays`, undefined, { cookie })).json<{ items: { id: string }[] }>();
  if (!items[0]) throw new Error('no replay to ask for');
  return items[0].id;
}

/**
 * The same, each made once for a hub: for tests that refuse every act on them, so that nothing is used up. Making them anew for each
 * of some hundred endpoints costs minutes.
 */
export function keptForeignIds(): typeof foreignIds {
  const kept = new Map<string, ReturnType<Find>>();
  return (hub, endpoint) => foreignIds(hub, endpoint, (name) => {
    const found = kept.get(name) ?? finders[name]?.(hub);
    if (found) kept.set(name, found);
    return found;
  });
}

export async function foreignIds(
  hub: TestHub, endpoint: Endpoint, find: (name: string) => ReturnType<Find> | undefined = (name) => finders[name]?.(hub),
): Promise<{ owned: Record<string, string>; unknown: Record<string, string> }> {
  const owned: Record<string, string> = {};
  const unknown: Record<string, string> = {};
  for (const name of pathParameters(endpoint.path)) {
    const found = await find(name);
    if (!found) continue;
    owned[name] = found.owned;
    unknown[name] = found.unknown;
  }
  return { owned, unknown };
}
