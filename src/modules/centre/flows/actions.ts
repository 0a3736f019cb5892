/**
 * Comparing what a product's machine sent with what its provider declares, and committing to a finding of what no declaration names. What was
 * seen is the reviewing side's: the provider reads it in the finding, once that is disclosed.
 */
import type { Actions, Caller } from '#kit/endpoint';
import type { FlowReview, Watching } from '#kit/flows/review';
import { told } from '#kit/flows/told';
import type { Declaration } from '#kit/flows/declared';
import { noSuch, nullIfRefused, Refusal } from '#kit/refusal';
import { stateFact } from '#world/facts';
import { declarationWithin, releaseFor, type FiledDeclaration } from '#modules/catalogue/index';
import { givesRight, personById } from '#modules/parties/index';
import { askedVisit, sourceOf, type CentreParts } from '../actions/parts.ts';
import { commitFlaw, flawShown } from '../actions/results.ts';
import type { flowsApi } from '../api/flows.ts';
import { listedMost, type ComparedFlow, type Comparison, type ComparisonShown, type UndeclaredWay } from '../model/flows.ts';
import { refuseAccess, refuseComparing } from '../rules.ts';
import { flawsOfVisit } from '../store/results.ts';
import { itemsOf, type VisitRow } from '../store/visits.ts';
import { orUnreadable, type ReadCapture, type Watched } from './reading.ts';
import { comparisonOf, comparisonsOf, insertComparison, noteFiled, type ComparisonRow, type Filed } from './store.ts';

type Asked = Pick<Actions<typeof flowsApi>, 'flows.list' | 'flows.view' | 'flows.file'>;
/** Destinations of one flow that are named beside what was seen of it. */
const namedMost = 12;

export interface Comparing { readonly visit: VisitRow; readonly filed: FiledDeclaration }

/** Refuses whoever may not compare, and a declaration of anything but what the visit is about; before a byte of the capture is read. */
export async function comparingWithin(parts: CentreParts, caller: Caller, visitId: string, artefact: string): Promise<Comparing> {
  const visit = await askedVisit(parts.db, caller, visitId);
  await caller.may('source.view', sourceOf(visit, 'visit'));
  refuseComparing(visit.state, await itemsOf(parts.db, visit.id), caller.actor.person);
  const filed = await declarationWithin(parts, caller, artefact);
  if (filed.release !== visit.release) {
    throw new Refusal('conflict', 'flow.other-release', 'This declaration is of another release than the one under review.', { at: 'artefact' });
  }
  refuseAccess(filed.access, visit.mode, visit.level);
  return { visit, filed };
}

const sumOf = (numbers: readonly number[]): number => numbers.reduce((sum, n) => sum + n, 0);

function comparedFlows({ flows }: Declaration, { observed }: FlowReview): ComparedFlow[] {
  const seen = new Map<number, FlowReview['observed'][number][]>();
  for (const way of observed) for (const flow of way.flows) seen.set(flow, [...seen.get(flow) ?? [], way]);
  return flows.map(({ to, purpose, when }, flow) => {
    const ways = seen.get(flow) ?? [];
    return {
      flow, to: to.slice(0, namedMost), more: Math.max(0, to.length - namedMost), purpose, when, ways: ways.length, packets: sumOf(ways.map((w) => w.packets)),
      bytes: sumOf(ways.map((w) => w.bytes)),
    };
  });
}

function reviewOf(watching: Watching, declaration: Declaration): FlowReview {
  try {
    return watching.against(declaration);
  } catch (error) {
    throw orUnreadable(error);
  }
}

/** Keeps what came of a capture; its fact is the reviewing side's alone, as those of windows and searches are. */
export async function compared(
  parts: CentreParts, caller: Caller, { visit, filed }: Comparing, { watching, devices, lab }: Watched, capture: ReadCapture,
): Promise<Comparison> {
  const { db, clock, ids } = parts;
  const review = reviewOf(watching, filed.declaration);
  const flows = comparedFlows(filed.declaration, review);
  const counts = {
    packets: review.packets, unread: review.unread, ways: review.observed.length, undeclared: review.undeclared.length, lookedUp: review.lookedUp.length,
    flows: flows.length, unseen: review.unseen.length,
  };
  const row: ComparisonRow = {
    id: ids.next('flc'), visit: visit.id, scope: visit.scope, owner: visit.owner, person: caller.actor.person, at: clock.iso(), artefact: filed.artefact,
    name: filed.name, declaration: filed.sha256, capture: capture.sha256, bytes: String(capture.bytes), broken_off: review.brokenOff, devices, lab, counts,
    outcome: {
      undeclared: review.undeclared.slice(0, listedMost), lookedUp: review.lookedUp.slice(0, listedMost),
      // What was seen goes first where not all can be kept.
      flows: flows.sort((a, b) => Number(b.ways > 0) - Number(a.ways > 0) || a.flow - b.flow).slice(0, listedMost),
    },
    filed: [],
  };
  await db.transaction(async (tx) => {
    await insertComparison(tx, row);
    await stateFact(tx, {
      class: 'flow.compared', at: row.at, actor: caller.actor.person, org: caller.actor.org, subject: row.id, readers: [visit.scope], clauses: [],
      body: { comparison: row.id, visit: visit.id, release: visit.release, declaration: filed.sha256, capture: capture.sha256, bytes: capture.bytes, devices,
        brokenOff: row.broken_off, ...counts },
    });
  });
  return comparisonShown(parts, row);
}

async function comparisonShown({ db }: Pick<CentreParts, 'db'>, row: Omit<ComparisonRow, 'outcome'>): Promise<Comparison> {
  return {
    id: row.id, visit: row.visit, at: row.at, byName: (await personById(db, row.person))?.name ?? row.person,
    declaration: { artefact: row.artefact, name: row.name, sha256: row.declaration },
    capture: { sha256: row.capture, bytes: Number(row.bytes), brokenOff: row.broken_off }, devices: row.devices, lab: row.lab, counts: row.counts,
    open: row.counts.undeclared - sumOf(row.filed.map((f) => f.ways.length)),
  };
}

const hourOf = (micros: number): string | null => (micros === 0 ? null : new Date(Math.floor(micros / 1_000)).toISOString());

async function wholeShown(parts: CentreParts, visit: VisitRow, row: ComparisonRow): Promise<ComparisonShown> {
  const { undeclared, lookedUp, flows } = row.outcome;
  const flawOfWay = new Map(row.filed.flatMap((f) => f.ways.map((way) => [way, f.flaw] as const)));
  const flawOfName = new Map(row.filed.flatMap((f) => f.names.map((name) => [name, f.flaw] as const)));
  const mine = (await flawsOfVisit(parts.db, visit.id)).filter((f) => row.filed.some(({ flaw }) => flaw === f.id));
  const shown = await Promise.all(mine.map((f) => flawShown(parts, visit.scope, f)));
  return {
    comparison: await comparisonShown(parts, row), productName: visit.product_name, version: visit.version,
    undeclared: undeclared.map(({ host, toldBy, address, transport, port, packets, bytes, why, ...at }, way): UndeclaredWay => ({
      way, host, toldBy, address, transport, port, packets, bytes, why, firstAt: hourOf(at.firstAt), lastAt: hourOf(at.lastAt),
      flaw: flawOfWay.get(way) ?? null,
    })),
    lookedUp: lookedUp.map(({ host, times }) => ({ host, times, flaw: flawOfName.get(host) ?? null })), flows: [...flows],
    flaws: shown.map(({ id, content, state }) => ({ id, title: content?.title ?? '', state })),
  };
}

/** The text of a finding: what was seen, each way with its reason, and by what it is proved again. Nobody types it. */
function findingOf(visit: VisitRow, row: ComparisonRow, { ways, names }: Omit<Filed, 'flaw'>, remark: string): { title: string; text: string } {
  const listed = ways.flatMap((way) => row.outcome.undeclared[way] ?? []);
  const places = [...new Set([...listed.map((one) => one.host ?? one.address), ...names])];
  const [first = '', ...others] = places;
  const lookups = row.outcome.lookedUp.filter(({ host }) => names.includes(host));
  return {
    title: `Not declared: ${first}${others.length === 0 ? '' : ` and ${others.length} more`}`.slice(0, 200),
    text: [
      ...remark === '' ? [] : [remark, ''],
      `${visit.product_name} ${visit.version} was seen to send where ${row.name} (SHA-256 ${row.declaration}) declares no flow.`,
      `Capture: SHA-256 ${row.capture}, ${row.bytes} bytes, ${row.counts.packets} packets; machine: ${row.devices.join(', ')}.`, '',
      ...listed.map((one, i) => `${i + 1}. ${told(one)}.`),
      ...lookups.map(({ host, times }) => `Looked up ${times} times, and no flow names it: ${host}.`),
    ].join('\n'),
  };
}

/** Those that were asked for, or all that stand in no finding yet; refuses one that is not in the list, or stands in one. */
function chosenOf(row: ComparisonRow, asked: { readonly ways?: readonly number[] | undefined; readonly names: readonly string[] }): Omit<Filed, 'flaw'> {
  const [doneWays, doneNames] = [new Set(row.filed.flatMap((f) => f.ways)), new Set(row.filed.flatMap((f) => f.names))];
  const open = row.outcome.undeclared.flatMap((_, way) => (doneWays.has(way) ? [] : [way]));
  const ways = asked.ways ? [...new Set(asked.ways)] : asked.names.length > 0 ? [] : open.slice(0, 100);
  const names = [...new Set(asked.names)];
  if (ways.some((way) => !row.outcome.undeclared[way]) || names.some((name) => !row.outcome.lookedUp.some(({ host }) => host === name))) {
    throw new Refusal('invalid', 'flow.not-in-comparison', 'The comparison lists no such way.', { at: 'ways' });
  }
  if (ways.some((way) => doneWays.has(way)) || names.some((name) => doneNames.has(name))) {
    throw new Refusal('conflict', 'flow.filed', 'One of these stands in a finding.', { at: 'ways' });
  }
  if (ways.length + names.length === 0) throw new Refusal('conflict', 'flow.nothing-open', 'No undeclared way is left that stands in no finding.');
  return { ways, names };
}

export const flowActs = (parts: CentreParts): Asked => {
  const { db } = parts;
  const within = async (caller: Caller, id: string): Promise<ComparisonRow> => {
    const row = await comparisonOf(db, caller.actor.org, id);
    if (!row) throw noSuch('comparison');
    return row;
  };
  return {
    'flows.list': async ({ visit: id }, caller) => {
      const { actor } = caller;
      const visit = await askedVisit(db, caller, id);
      // Of a release that one may read no more nothing is left to compare with, and what was compared stays.
      const release = await releaseFor(parts, caller, visit.release).catch(nullIfRefused);
      const items = await comparisonsOf(db, actor.org, id);
      const approved = (await itemsOf(db, id)).some((i) => i.kind === 'person' && i.ref === actor.person && i.state === 'approved');
      return {
        items: await Promise.all(items.map((row) => comparisonShown(parts, row))),
        declarations: (release?.files ?? []).filter((f) => f.kind === 'flows').map((f) => ({ artefact: f.id, name: f.name, sha256: f.sha256 })),
        mayCompare: visit.state === 'agreed' && approved && givesRight(actor.roles, 'source.view'),
      };
    },
    'flows.view': async ({ comparison: id }, caller) => {
      const row = await within(caller, id);
      return wholeShown(parts, await askedVisit(db, caller, row.visit), row);
    },
    'flows.file': async ({ comparison: id, ways, names, severity, remark, discloseInDays }, caller) => {
      const { visit: visitId } = await within(caller, id);
      const visit = await askedVisit(db, caller, visitId);
      return db.transaction(async (tx) => {
        const row = await comparisonOf(tx, caller.actor.org, id, true);
        if (!row) throw noSuch('comparison');
        const chosen = chosenOf(row, { ways, names });
        const content = { ...findingOf(visit, row, chosen, remark), path: row.name, line: 0, severity };
        const flaw = await commitFlaw(tx, parts, caller, visit, content, discloseInDays);
        await noteFiled(tx, id, [...row.filed, { flaw: flaw.id, ...chosen }]);
        return { flaw: await flawShown({ ...parts, db: tx }, caller.actor.org, flaw) };
      });
    },
  };
};
