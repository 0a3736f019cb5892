/**
 * Vulnerability information: a day of EPSS (300,000 rows) and 20,000 CVE records taken into PGlite, look-ups of products against them, and
 * scores of CVSS 4.0 beside `ae-cvss-calculator`. Times of taking in are of the clock, since the engine is another process; a figure is
 * `verified` if every row and record is there, every look-up finds exactly the record it was made for, and every score is the peer's.
 */
import { createRequire } from 'node:module';
import type * as Calculator from 'ae-cvss-calculator';
import { dice } from '#kit/dice';
import { metricsOf } from '#kit/vuln/cvss/metrics';
import { overallOf, scoresOf } from '#kit/vuln/cvss/score';
import { readCvss } from '#kit/vuln/cvss/vector';
import { epssFile } from '#kit/vuln/testing';
import { asHub } from '#world/db/scope';
import { checkProducts } from '#modules/vulnerabilities/actions/affected';
import { openVulnShelf, publisher } from '#modules/vulnerabilities/testing';
import type { BenchOptions, Measure } from './ingest.ts';

/** A module of the older kind. */
const peer = createRequire(import.meta.url)('ae-cvss-calculator') as typeof Calculator;

const cve = (i: number): string => `CVE-${2020 + (i % 7)}-${String(10_000 + i)}`;

/** A record as long as they are in the list: some three kilobytes. */
function recordOf(i: number): string {
  const id = cve(i);
  return JSON.stringify({
    dataType: 'CVE_RECORD', dataVersion: '5.1', cveMetadata: { cveId: id, state: 'PUBLISHED', assignerShortName: 'bench', dateUpdated: '2026-01-01T00:00:00Z' },
    containers: { cna: {
      providerMetadata: { shortName: 'bench' }, title: `Fault ${i} of a parser`, descriptions: [{ lang: 'en',
        value: `A header of length ${i} overflows. `.repeat(12) }],
      affected: [{ vendor: `Vendor ${i % 900}`, product: `Product ${i}`, packageURL: `pkg:npm/product-${i}`, defaultStatus: 'unaffected',
        cpes: [`cpe:2.3:a:vendor${i % 900}:product${i}:*:*:*:*:*:*:*:*`],
        versions: [{ version: '1.0.0', lessThan: `2.${i % 90}.0`, status: 'affected', versionType: 'semver' }] }],
      metrics: [{ cvssV3_1: { vectorString: 'CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H' } }],
      problemTypes: [{ descriptions: [{ lang: 'en', cweId: 'CWE-787', description: 'Out-of-bounds Write' }] }],
      references: Array.from({ length: 6 }, (_, n) => ({ url: `https://example.org/${id}/${n}`, tags: ['vendor-advisory'] })),
    } },
  });
}

function vectorsOf(count: number): string[] {
  const random = dice(20_260_601);
  return Array.from({ length: count }, () => `CVSS:4.0/${metricsOf['4.0'].flatMap(({ name, group, values, none }) => {
    if (group === 'supplemental' || (none !== null && random() < 0.5)) return [];
    const value = values[Math.floor(random() * values.length)];
    return value === none ? [] : [`${name}:${value}`];
  }).join('/')}`);
}

const cpuSeconds = (run: () => void): number => {
  const from = process.cpuUsage();
  run();
  const { user, system } = process.cpuUsage(from);
  return (user + system) / 1e6;
};
const seconds = async (run: () => Promise<unknown>): Promise<number> => {
  const from = performance.now();
  await run();
  return (performance.now() - from) / 1000;
};

const measured = (what: string, value: number, unit: string, verified: boolean, runs = 1, peerName: string | null = null,
  peerValue: number | null = null): Measure => ({
  bench: 'vuln', measure: what, value: Math.round(value * 10) / 10, unit, peer: peerName, peerValue: peerValue === null ? null : Math.round(peerValue),
  ratio: peerValue === null ? null : Math.round(value / peerValue), runs, verified,
});

function scores(scale: number): Measure {
  const [ours, theirs] = [vectorsOf(Math.round(100_000 * scale)), vectorsOf(Math.max(100, Math.round(1_000 * scale)))];
  const score = (text: string): number => {
    const read = readCvss(text);
    return 'vector' in read ? overallOf(scoresOf(read.vector)) : -1;
  };
  const own = cpuSeconds(() => ours.forEach(score));
  const peers: (number | undefined)[] = [];
  const other = cpuSeconds(() => theirs.forEach((v) => peers.push(new peer.Cvss4P0(v).calculateScores().overall)));
  return measured('read and score CVSS 4.0', ours.length / own, 'vectors/s', theirs.every((v, i) => score(v) === peers[i]), 1,
    `ae-cvss-calculator 1.0.13, ${theirs.length} of them`, theirs.length / other);
}

export async function* run(options: BenchOptions = {}): AsyncGenerator<Measure> {
  const scale = options.scale ?? 1;
  yield scores(scale);
  const shelf = await openVulnShelf();
  try {
    const [rows, records] = [Math.round(300_000 * scale), Math.round(20_000 * scale)];
    const day = (score: (i: number) => string, date: string): string =>
      epssFile(Array.from({ length: rows }, (_, i) => [cve(i), score(i), '0.5'] as const), date);
    const [first, second] = [day((i) => `0.${String(10_000 + (i % 80_000))}`, '2026-06-01'), day((i) =>
      `0.${String(10_000 + ((i + (i % 20 === 0 ? 1 : 0)) % 80_000))}`, '2026-06-02')];
    const told = { changed: 0 };
    const firstDay = await seconds(async () => { told.changed = (await shelf.bring(publisher, 'public', first)).counts.epss; });
    yield measured('EPSS, the first day', firstDay, 's', told.changed === rows);
    const nextDay = await seconds(async () => { told.changed = (await shelf.bring(publisher, 'public', second)).counts.epss; });
    yield measured('EPSS, the next day, one in twenty changed', nextDay, 's', told.changed === Math.ceil(rows / 20));
    const text = Array.from({ length: records }, (_, i) => recordOf(i)).join('\n');
    const added = { n: 0 };
    const taken = await seconds(async () => { added.n = (await shelf.bring(publisher, 'public', text)).counts.added; });
    yield measured('take in CVE records', records / taken, 'records/s', added.n === records);
    const asked = Array.from({ length: 1_000 }, (_, n) => (n * 17) % records);
    const found = { right: 0 };
    const looked = await seconds(() => asHub('a bench', async () => {
      for (let at = 0; at < asked.length; at += 100) {
        const part = asked.slice(at, at + 100);
        const { items } = await checkProducts(shelf.parts, part.map((i, n) => (n % 2 === 0 ? `pkg:npm/product-${i}@1.5.0`
          : `cpe:2.3:a:vendor${i % 900}:product${i}:1.5.0:*:*:*:*:*:*:*`)), shelf.caller('org_reader'));
        for (const [n, item] of items.entries()) if (item.affected.length === 1 && item.affected[0]?.name === cve(part[n] ?? -1)) found.right += 1;
      }
    }));
    yield measured('look products up, a hundred at a time', asked.length / looked, 'products/s', found.right === asked.filter((i) => i % 90 >= 0).length);
  } finally {
    await shelf.db.close();
  }
}
