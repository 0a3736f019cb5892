/** Finding vulnerabilities, looking at one with every source beside the others, and where they come from. */
import { inflateRawSync } from 'node:zlib';
import type { Actions } from '#kit/endpoint';
import { Refusal, noSuch } from '#kit/refusal';
import { readCpe, cpeKey } from '#kit/vuln/cpe';
import { purlKey, readPurl } from '#kit/vuln/purl';
import { isCve, type Product } from '#kit/vuln/record';
import { spanText } from '#kit/vuln/range';
import { osvOf } from '#kit/vuln/to-osv';
import { objectsAbout } from '#modules/exchange/index';
import type { vulnerabilitiesApi } from '../api.ts';
import { ownReach, vulnReach, type VulnReach } from '../gate.ts';
import { labelOf, type Shown, type Statement, type View } from '../model.ts';
import { epssOf, kevOf } from '../store/exploited.ts';
import { bodyOf, namesOf, recordsNamed, search, versionsOf, type RecordRow, type Search } from '../store/reading.ts';
import { sourcesSeen } from '../store/sources.ts';
import type { VulnParts } from './parts.ts';

type Mine = Omit<Actions<typeof vulnerabilitiesApi>, 'vulnerabilities.affected'>;
const perPage = 50;
const mostRecords = 60;
const mostStatements = 200;
const largestBody = 64 * 1_048_576;

/** What was typed: a key of a product, the beginning of an id, or words. */
export function questionOf(q: string): Pick<Search, 'words' | 'name' | 'keys'> {
  const none = { words: null, name: null, keys: null };
  const purl = /^pkg:/i.test(q) ? readPurl(q) : null;
  if (purl !== null && 'purl' in purl) return { ...none, keys: [purlKey(purl.purl)] };
  const cpe = /^cpe:/i.test(q) ? readCpe(q) : null;
  if (cpe !== null && 'cpe' in cpe) return { ...none, keys: [cpeKey(cpe.cpe)] };
  if (/^[A-Za-z][A-Za-z0-9]*-[A-Za-z0-9:._-]*\d[A-Za-z0-9:._-]*$/.test(q)) return { ...none, name: q.toUpperCase() };
  const words = q.normalize('NFC').split(/[^\p{L}\p{N}\p{M}_.:/@-]+/u).filter((w) => /[\p{L}\p{N}]/u.test(w)).slice(0, 12);
  return { ...none, words: words.length === 0 ? null : words.map((w) => `'${w.replaceAll(/['\\]/g, '')}':*`).join(' & ') };
}

function positionOf(cursor: string | undefined): Search['before'] {
  if (cursor === undefined) return null;
  const found = /^(\d{1,18})\.(\d{1,18})$/.exec(cursor);
  if (!found) throw new Refusal('invalid', 'input.invalid', 'The cursor is none of ours.', { at: 'cursor' });
  return [found[1] ?? '0', found[2] ?? '0'];
}

export function findingActions(parts: VulnParts): Mine {
  const { db, publisher } = parts;
  return {
    'vulnerabilities.search': async ({ q, severity, kev, epss, since, cursor }, caller) => {
      const reach = await vulnReach(db, caller);
      const asked = questionOf(q);
      if (q !== '' && asked.words === null && asked.name === null && asked.keys === null) return { items: [], next: null };
      const found = await search(db, reach, {
        ...asked, severity: severity ?? null, kev: kev === 'yes', epss: epss ?? null, before: positionOf(cursor), limit: perPage + 1,
        sinceUs: since === undefined ? null : Date.parse(since) * 1000,
      });
      return { items: found.slice(0, perPage).map((f) => f.row), next: found.length > perPage ? found[perPage - 1]?.at ?? null : null };
    },
    'vulnerabilities.view': async ({ vulnerability }, caller) => {
      const reach = await vulnReach(db, caller);
      const names = await namesOf(db, reach, vulnerability);
      const records = await recordsNamed(db, reach, names, mostRecords + 1);
      const cve = names.find(isCve) ?? vulnerability.toUpperCase();
      const [kev, epss] = [await kevOf(db, cve), await epssOf(db, cve)];
      if (records.length === 0 && kev === null && epss === null) throw noSuch('vulnerability');
      const versions = await versionsOf(db, reach, records.map((r) => r.rec));
      const named = (records.map((r) => r.shape.title).find((t) => t !== '') ?? kev?.title) || cve;
      const { weaknesses: _, cve: __, ...listed } = kev ?? { weaknesses: [], cve: '' };
      return {
        name: cve, names: names.length === 0 ? [cve] : names, title: named, recordsLeftOff: Math.max(0, records.length - mostRecords),
        records: records.slice(0, mostRecords).map((r) => shownOf(reach, r, versions.get(r.rec) ?? [])),
        kev: kev === null ? null : listed as View['kev'], epss: epss === null ? null : { ...epss, series: [...epss.series] },
        related: [...await objectsAbout(db, caller, names.length === 0 ? [cve] : names)],
      };
    },
    'vulnerabilities.export': async ({ vulnerability, record, as }, caller) => {
      const reach = await vulnReach(db, caller);
      const found = /^\d{1,18}$/.test(record) ? await bodyOf(db, reach, record) : null;
      const names = await namesOf(db, reach, vulnerability);
      if (!found || !found.names.some((n) => names.includes(n))) throw noSuch('vulnerability');
      const value: unknown = JSON.parse(inflateRawSync(found.body, { maxOutputLength: largestBody }).toString('utf8'));
      if (as === 'original') return { value, lost: [] };
      const made = osvOf(found.shape, value);
      return { value: made.osv, lost: [...made.lost] };
    },
    'vulnerabilities.sources': async (_, caller) => ({
      // Who may list sources but not read what others share counts its own and what is public.
      items: await sourcesSeen(db, ownReach(caller.actor)), mayPublish: await publisher() === caller.actor.org,
    }),
  };
}

function statementOf({ coverage, by, vendor, name, purl, cpes, ecosystem, justification, statement }: Product): Statement {
  return {
    by, vendor, name, purl, cpes: [...cpes], ecosystem, justification, statement, otherwise: coverage.otherwise,
    versions: coverage.versions.slice(0, 100).map((v) => ({ ...v })), ranges: coverage.spans.map((s) => ({ text: spanText(s), status: s.status })),
  };
}

function shownOf(reach: VulnReach, r: RecordRow, versions: Shown['versions']): Shown {
  const { shape } = r;
  const { products, aliases: _a, upstream: _u, related: _r, tlp: _t, ...said } = shape;
  return {
    ...said, record: r.rec, source: r.source, kind: r.kind, mine: r.scope === reach.org, tlp: labelOf(r.tlp), labelled: r.labelled, shared: r.shared,
    scores: [...said.scores], weaknesses: [...said.weaknesses], references: said.references.slice(0, 200), remedies: said.remedies.slice(0, 100),
    statements: products.slice(0, mostStatements).map(statementOf), statementsLeftOff: Math.max(0, products.length - mostStatements), versions,
  };
}
