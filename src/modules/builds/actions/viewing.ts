/** What was found, as it is read: the matrix of a release, one rebuild, one verdict with its regions, and bytes of both sides. */
import type { Actions, Caller } from '#kit/endpoint';
import { toBase64 } from '#kit/encoding';
import { readJudgement, type ReadJudgement } from '#kit/attest/judgement';
import { excerptOf } from '#kit/compare/excerpt';
import type { Difference, Range } from '#kit/compare/model';
import { differenceKey } from '#kit/compare/verdict';
import { partWithin } from '#kit/compare/within';
import { disassembled } from '#kit/disassemble/disassemble';
import { noSuch, Refusal } from '#kit/refusal';
import { asHub } from '#world/db/scope';
import { stateFact } from '#world/facts';
import { releaseFor, releaseNamed, type ReleaseRef } from '#modules/catalogue/index';
import { givesRight } from '#modules/parties/index';
import type { buildsApi } from '../api.ts';
import { equivalenceOf } from '../doors.ts';
import type { Excerpt, Region } from '../model.ts';
import { equivalenceFrom } from '../rules.ts';
import { rebuiltReleases, verdictsOf, verdictsOfRebuild } from '../store/rebuilds.ts';
import { hubLimits } from './files.ts';
import {
  builtFilesOf, bytesOf, countedOf, filesShown, namesOf, rebuildShown, rebuildWithin, refusedIfArchive, standing, textOf, verdictsShown, verdictWithin,
  type BuildsParts, type ReachedVerdict,
} from './parts.ts';

type All = Actions<typeof buildsApi>;

const perPage = 200;
/** Files of which bytes are shown; a larger one is looked at where it lies. */
const mostOpened = 64 * 1024 * 1024;
const mostLog = 256 * 1024;

async function placeOf(parts: BuildsParts, release: ReleaseRef) {
  const ownerName = (await namesOf(parts.db, [release.owner])).get(release.owner) ?? release.owner;
  const { id, version, product, productName, owner, open } = release;
  return { release: id, version, product, productName, owner, ownerName, open };
}

async function judgementOf({ blobs }: BuildsParts, sha256: string): Promise<ReadJudgement> {
  const read = readJudgement(await textOf(blobs, sha256));
  if (typeof read === 'string') throw new Error(`the judgement ${sha256} was read when it came`);
  return read;
}

const order = ['unexplained', 'explained', 'covered'] as const;
const standOf = ({ rule, cause }: Region): (typeof order)[number] => (rule !== null ? 'covered' : cause !== null ? 'explained'
  : 'unexplained');

/** Where every byte is the same with one fact, that fact is the cause of each difference. What is unexplained comes first. */
function regionsOf({ comparison, causes, recovered }: ReadJudgement): Region[] {
  const proved = new Map(causes.map((c) => [c.difference, c.fact]));
  return (comparison?.differences ?? []).map((d, index) => ({
    index, part: [...d.part], region: d.region, kind: d.kind, shipped: d.shipped, rebuilt: d.rebuilt, runs: d.runs.length, bytes: d.bytes,
    executable: d.executable, rule: d.rule, cause: d.rule === null ? proved.get(differenceKey(d)) ?? recovered : null,
  })).sort((a, b) => order.indexOf(standOf(a)) - order.indexOf(standOf(b)));
}

async function verdictShown(parts: BuildsParts, found: ReachedVerdict, only: (typeof order)[number] | undefined, cursor: number) {
  const { row, release, file } = found;
  const read = await judgementOf(parts, row.judgement);
  const regions = regionsOf(read);
  const wanted = regions.filter((r) => only === undefined || standOf(r) === only);
  const [verdict] = await verdictsShown(parts.db, [row]);
  const [shown] = filesShown([file], (await verdictsOf(parts.db, [release.id])).filter((v) => v.artefact === file.id));
  if (!verdict || !shown) throw noSuch('verdict');
  const count = (what: (typeof order)[number]): number => regions.filter((r) => standOf(r) === what).length;
  const bytes: 'yes' | 'no-rebuilt-file' | 'not-openable' = file.openable !== 'yes' ? 'not-openable' : row.held && row.rebuilt !== null ? 'yes'
    : 'no-rebuilt-file';
  return {
    ...await placeOf(parts, release), verdict, file: shown, rebuilt: read.comparison ? { ...read.comparison.rebuilt } : null,
    regions: wanted.slice(cursor, cursor + perPage), next: cursor + perPage < wanted.length ? cursor + perPage : null,
    counts: { unexplained: count('unexplained'), explained: count('explained'), covered: count('covered'), leftOut: read.comparison?.leftOut ?? 0 },
    trials: read.trials.map(({ fact, verdict: own, open }) => ({ fact: { ...fact }, verdict: own, open: open.length })),
    parts: (read.comparison?.parts ?? []).slice(0, perPage).map((p) => ({ ...p, path: [...p.path] })),
    unopened: (read.comparison?.unopened ?? []).slice(0, perPage).map((u) => ({ ...u, part: [...u.part] })), bytes,
  };
}

function excerptShown(bytes: Uint8Array, differs: Range): Excerpt {
  const { from, to } = excerptOf(bytes.length, differs);
  return { from, bytes: toBase64(bytes.subarray(from, to)), differs: { from: differs.from, to: Math.min(differs.to, to) } };
}

async function sideOf(parts: BuildsParts, sha256: string, name: string, part: readonly string[]) {
  const bytes = await bytesOf(parts.blobs, sha256, mostOpened);
  if (bytes === null) throw new Refusal('too-large', 'bytes.too-large', 'Of a file this large no bytes are shown here.');
  return partWithin(bytes, part, name, hubLimits).catch(refusedIfArchive);
}

async function bytesShown(parts: BuildsParts, caller: Caller, { row, file }: ReachedVerdict, index: number, run: number) {
  const difference: Difference | undefined = (await judgementOf(parts, row.judgement)).comparison?.differences[index];
  const at = difference?.runs[run];
  if (!difference || !at) throw noSuch('difference');
  if (file.openable !== 'yes') throw new Refusal('forbidden', 'bytes.not-openable', 'The bytes of this file are not opened here.');
  if (!row.held || row.rebuilt === null) throw new Refusal('conflict', 'bytes.no-rebuilt-file', 'The rebuilt file was not brought to this hub.');
  const shipped = await sideOf(parts, row.sha256, row.name, difference.part);
  const rebuilt = await sideOf(parts, row.rebuilt, row.name, difference.part);
  if (caller.actor.org !== row.scope) {
    await parts.db.transaction((tx) => stateFact(tx, {
      class: 'difference.opened', at: parts.clock.iso(), actor: caller.actor.person, org: caller.actor.org, subject: row.id, readers: [row.scope], clauses: [],
      body: { verdict: row.id, artefact: row.artefact, region: index, run },
    }));
  }
  const excerpt = (side: typeof shipped, range: Range, there: Range | null): Excerpt | null => (side && there ? excerptShown(side.bytes, range) : null);
  const code = await disassembled(shipped, rebuilt, difference, at, parts.disassembler.decode);
  return {
    part: [...difference.part], region: difference.region, format: shipped?.format ?? rebuilt?.format ?? 'bytes', runs: difference.runs.length, run,
    shipped: excerpt(shipped, at.shipped, difference.shipped), rebuilt: excerpt(rebuilt, at.rebuilt, difference.rebuilt),
    code: code?.ok ? { ...code, rows: [...code.rows] } : code,
  };
}

/** The newest first. */
const publicList = (parts: BuildsParts) => asHub('what rebuilt releases of open products came to', async () => {
  const items = [];
  for (const id of await rebuiltReleases(parts.db)) {
    const release = await releaseNamed(parts, id);
    if (!release?.open || release.publishedAt === null) continue;
    const { ownerName, productName, product, version } = await placeOf(parts, release);
    items.push({ release: id, product, name: productName, owner: ownerName, version, publishedAt: release.publishedAt,
      equivalence: await equivalenceOf(parts, id) });
  }
  return { items: items.sort((a, b) => (a.publishedAt < b.publishedAt ? 1 : -1)) };
});

export const viewingActs = (parts: BuildsParts): Omit<All, 'rebuilders.list' | 'rebuilders.register' | 'rebuilders.retire'> => ({
  'rebuilds.matrix': async ({ release: id }, caller) => {
    const release = await releaseFor(parts, caller, id);
    const files = builtFilesOf(release);
    const rows = (await verdictsOf(parts.db, [id])).filter((v) => files.some((f) => f.id === v.artefact));
    return {
      ...await placeOf(parts, release), equivalence: equivalenceFrom(files.map((f) => f.id), standing(rows).map(countedOf)), files: filesShown(files, rows),
      verdicts: await verdictsShown(parts.db, rows),
      mayAttest: release.state === 'published' && files.length > 0 && givesRight(caller.actor.roles, 'rebuild.attest'),
    };
  },
  'rebuilds.view': async ({ rebuild: id }, caller) => {
    const { row, release, files } = await rebuildWithin(parts, caller, id);
    const rows = (await verdictsOfRebuild(parts.db, id)).filter((v) => files.some((f) => f.id === v.artefact));
    return { rebuild: await rebuildShown(parts.db, row, release, caller.actor.org), verdicts: await verdictsShown(parts.db, rows) };
  },
  'rebuilds.log': async ({ rebuild: id }, caller) => {
    const { row } = await rebuildWithin(parts, caller, id);
    const size = row.log === null ? null : await parts.blobs.size(row.log);
    if (row.log === null || size === null) throw noSuch('log');
    const stream = await parts.blobs.open(row.log, Math.max(0, size - mostLog), size);
    const chunks: Uint8Array[] = [];
    for await (const chunk of stream ?? []) chunks.push(chunk);
    return { text: Buffer.concat(chunks).toString('utf8'), bytes: size, cut: size > mostLog };
  },
  'verdicts.view': async ({ verdict, only, cursor }, caller) => verdictShown(parts, await verdictWithin(parts, caller, verdict), only, cursor),
  'verdicts.bytes': async ({ verdict, index, run }, caller) => bytesShown(parts, caller, await verdictWithin(parts, caller, verdict), index, run),
  'rebuilds.public': () => publicList(parts),
});
