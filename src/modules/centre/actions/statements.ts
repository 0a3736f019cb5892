/**
 * The statement in which a review ends. Its figures are folded from the views, each with its place in the log; there is no field in which
 * somebody could enter one. What it says is public at once; how far the product has moved on since is asked of the catalogue each time.
 */
import type { Actions } from '#kit/endpoint';
import { toHex } from '#kit/encoding';
import { nodeVerifying } from '#kit/hash/node';
import { formatVkey } from '#kit/note/note';
import { blocksIn } from '#kit/review/blocks';
import {
  figuresFrom, rowsFrom, secretBytes, severities, signStatement, statementVersion, type SecretPart, type Severity, type Statement,
} from '#kit/review/statement';
import { fromUtf8, toUtf8 } from '#kit/encoding';
import { noSuch, Refusal } from '#kit/refusal';
import { asHub } from '#world/db/scope';
import { stateFact } from '#world/facts';
import { filesIn, releasesOfProduct, reviewed, snapshotNamed } from '#modules/catalogue/index';
import { equivalenceOf, statedOf } from '#modules/builds/index';
import { organisationById } from '#modules/parties/index';
import type { centreApi } from '../api.ts';
import { baitIn } from '../controls/bait.ts';
import type { StatementLine } from '../model.ts';
import { flawsOfVisit, insertStatement, statementOf, statementsOf } from '../store/results.ts';
import { viewsOfProduct, type ViewRow } from '../store/views.ts';
import type { VisitRow } from '../store/visits.ts';
import { askedVisit, type CentreParts } from './parts.ts';

type All = Actions<typeof centreApi>;
/** Views of earlier releases count for a year. */
const carriedMs = 365 * 86_400_000;
type Line = Omit<StatementLine, 'behind' | 'withdrawn'>;
type StatementRow = Awaited<ReturnType<typeof statementsOf>>[number];

interface Tree { readonly files: number; readonly bytes: number; readonly blocks: number; readonly empty: number; readonly parts: SecretPart['files'] }

/** The tree as it stands under its root, with the views of each of its files. A view without a place in the log counts for nothing. */
async function treeOf(parts: CentreParts, visit: VisitRow, views: readonly ViewRow[]): Promise<Tree> {
  const byDigest = new Map<string, ViewRow[]>();
  const from = parts.clock.now() - carriedMs;
  for (const view of views) {
    if (view.leaf === null || (view.release !== visit.release && Date.parse(view.at) < from)) continue;
    byDigest.set(view.digest, [...byDigest.get(view.digest) ?? [], view]);
  }
  let [files, bytes, blocks, empty] = [0, 0, 0, 0];
  const seen: SecretPart['files'][number][] = [];
  // Bait was no part of what was to be read. Before the visit has ended it is counted as any file, so that no figure tells it.
  const bait = visit.state === 'closed' ? await baitIn(parts, visit.id) : new Set<string>();
  for await (const { path, entry } of filesIn(parts.db, visit)) {
    if (bait.has(path)) continue;
    files += 1;
    bytes += entry.size;
    blocks += blocksIn(entry.size);
    if (entry.size === 0) empty += 1;
    const of = byDigest.get(entry.digest);
    if (!of) continue;
    // The same bytes at two places are one file that was read once: the first place has its views.
    byDigest.delete(entry.digest);
    const once = [...new Map([...of].sort((a, b) => Number(a.release === visit.release) - Number(b.release === visit.release)).map((v) => [v.from_byte,
      v])).values()];
    seen.push({
      path, digest: entry.digest, bytes: entry.size,
      views: once.map((v) => ({ index: Number(v.leaf), from: v.from_byte, to: v.to_byte, ends: v.ends, carried: v.release !== visit.release })),
    });
  }
  return { files, bytes, blocks, empty, parts: seen };
}

async function made(parts: CentreParts, visit: VisitRow, asked: { scope: string[]; exceptions: string[]; months: number }) {
  const { db, clock, ids, random } = parts;
  const tree = await asHub('what a statement is computed from', async () => treeOf(parts, visit, await viewsOfProduct(db, visit)));
  if (tree.parts.length === 0) throw new Refusal('conflict', 'statement.nothing-read', 'Nothing of this release was read, so there is nothing to state.');
  const flaws = await flawsOfVisit(db, visit.id);
  const secret: SecretPart = {
    v: statementVersion, salt: toHex(random.bytes(32)), files: tree.parts, questions: visit.questions,
    findings: flaws.map((f) => ({ commitment: f.commitment, severity: f.severity as Severity })),
  };
  const rows = await rowsFrom(nodeVerifying.sha256, secret);
  const hidden = secretBytes(secret);
  const expires = new Date(clock.now());
  expires.setUTCMonth(expires.getUTCMonth() + asked.months);
  const counted = (severity: Severity) => {
    const own = flaws.filter((f) => f.severity === severity);
    const closed = own.filter((f) => f.closed_at !== null).length;
    return { open: own.length - closed, closed };
  };
  const statement: Statement = {
    v: statementVersion, id: ids.next('stm'), madeAt: clock.iso(), expires: expires.toISOString(),
    by: { org: visit.scope, name: (await organisationById(db, visit.scope))?.name ?? visit.scope },
    product: { id: visit.product, name: visit.product_name, owner: (await organisationById(db, visit.owner))?.name ?? visit.owner },
    release: { id: visit.release, version: visit.version, root: visit.root }, level: visit.level, scope: asked.scope,
    coverage: { ...figuresFrom(rows, tree, tree.empty), rows }, equivalence: statedOf(await equivalenceOf(parts, visit.release)),
    findings: Object.fromEntries(severities.map((s) => [s, counted(s)])) as Statement['findings'], exceptions: asked.exceptions,
    secret: toHex(await nodeVerifying.sha256(hidden)),
  };
  const text = await signStatement(statement, parts.signer.key, async (message) => parts.signer.sign(message));
  return { statement, text, secret: fromUtf8(hidden) ?? '' };
}

async function lineOf({ statement, text }: { statement: Statement; text: string }): Promise<Line> {
  const { id, by, product, release, level, madeAt, expires, coverage, equivalence, findings } = statement;
  return {
    id, by: by.name, product: product.name, version: release.version, level, madeAt, expires, seenBytes: coverage.seenBytes, bytes: coverage.bytes,
    views: coverage.views, equivalence, openFindings: Object.values(findings).reduce((sum, f) => sum + f.open, 0),
    sha256: toHex(await nodeVerifying.sha256(toUtf8(text))),
  };
}

/** How far the product has moved on: releases published after the one that was read. */
const shown = (parts: CentreParts, row: StatementRow): Promise<StatementLine> => asHub('how far a product has moved on since it was reviewed', async () => {
  const releases = await releasesOfProduct(parts.db, row.product);
  const place = releases.findIndex((r) => r.id === row.release);
  const visit = row.line as Line;
  const expired = Date.parse(visit.expires) <= parts.clock.now();
  return { ...visit, behind: expired ? null : Math.max(0, place), withdrawn: place < 0 };
});

export const statementActs = (parts: CentreParts): Pick<All, 'statements.make' | 'statements.list' | 'statements.fetch'> => {
  const { db, clock } = parts;
  return {
    'statements.make': async ({ visit: id, ...asked }, caller) => {
      const visit = await askedVisit(db, caller, id);
      const source = await asHub('whether a source was withdrawn meanwhile', () => snapshotNamed(db, visit.artefact));
      if (!source) throw noSuch('visit');
      const { statement, text, secret } = await made(parts, visit, asked);
      const line = await lineOf({ statement, text });
      const row = {
        id: statement.id, visit: id, scope: visit.scope, owner: visit.owner, product: visit.product, release: visit.release, line, body: text, secret,
        made_at: statement.madeAt, expires: statement.expires,
      };
      // The catalogue notes the review at a release of the provider's, which no reviewer may write: it is the hub's work.
      await asHub('a review on the provider’s release', () => db.transaction(async (tx) => {
        await insertStatement(tx, row);
        const { level, seenBytes, bytes, sha256 } = line;
        await reviewed(parts, tx, visit.release, caller.actor, { statement: row.id, level, seenBytes, bytes, sha256 });
        await stateFact(tx, {
          class: 'statement.signed', at: clock.iso(), actor: caller.actor.person, org: caller.actor.org, subject: row.id, readers: [visit.owner], clauses: [],
          body: { statement: row.id, visit: id, sha256: line.sha256, expires: row.expires },
        });
      }));
      return { statement: await shown(parts, row), text, secret };
    },
    'statements.list': async () => {
      const rows = await asHub('statements are public', () => statementsOf(db));
      return { items: await Promise.all(rows.map((row) => shown(parts, row))) };
    },
    'statements.fetch': async ({ statement: id }) => {
      const row = await asHub('statements are public', () => statementOf(db, id));
      if (!row) throw noSuch('statement');
      return { line: await shown(parts, row), text: row.body, key: formatVkey(parts.signer.key) };
    },
  };
};
