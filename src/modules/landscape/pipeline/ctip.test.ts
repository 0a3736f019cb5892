import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { fillCtip } from '../shapes/ctip.ts';
import { Draft } from '../shapes/draft.ts';
import { fillNdjson } from '../shapes/ndjson.ts';
import { asLines, openField, type Field } from '../testing.ts';

const at = { field: null as Field | null };
const field = (): Field => at.field as Field;
beforeAll(async () => { at.field = await openField(); });
afterAll(async () => { await at.field?.close(); });

interface Seen { seconds: number; code: string; confidence: [word: string,
  value: number]; tlp: string; ip: string; port: number; peer: string; peerPort: number }

const seen: Seen[] = Array.from({ length: 40 }, (_, i) => ({
  seconds: 1_760_000_000 + i * 61, code: ['B54-CONFICKER', 'B67-SS-TINBA'][i % 2] ?? '', tlp: ['Amber', 'Green', 'White', 'Ultraviolet'][i % 4] ?? '',
  confidence: ([['High', 85], ['Medium', 50], ['Low', 25]] as [string, number][])[i % 3] ?? ['Low', 25],
  ip: i % 5 ? `100.64.3.${i}` : `2001:db8::${i}`, port: 1000 + i, peer: '198.51.100.9', peerPort: 80,
}));
const iso = (s: Seen): string => new Date(s.seconds * 1000).toISOString();

const interflow = (s: Seen): object => ({
  version: 1.5, indicatorthreattype: 'Botnet', firstreporteddatetime: iso(s), externalid: s.code, confidence: s.confidence[1], tlplevel: s.tlp,
  [s.ip.includes(':') ? 'networksourceipv6' : 'networksourceipv4']: s.ip, networksourceport: s.port, networkdestinationipv4: s.peer,
  networkdestinationport: s.peerPort, severity: 3,
});
/** Azure's lines count time in steps of 100 ns since 1601, as a bare number. */
const azure = (s: Seen): string => JSON.stringify({
  DataFeed: 'CTIP-Infected', DateTimeReceivedUtc: 0, ThreatCode: s.code, ThreatConfidence: s.confidence[0], TLP: s.tlp, SourceIp: s.ip,
  SourcePort: String(s.port), DestinationIp: s.peer, DestinationPort: String(s.peerPort), TotalEncounters: 1,
}).replace('"DateTimeReceivedUtc":0', `"DateTimeReceivedUtc":${BigInt(s.seconds + 11_644_473_600) * 10_000_000n}`);
const api = (s: Seen): object => ({
  DataFeed: 'CTIP-Infected', DateTimeReceivedUtc: iso(s), ThreatCode: s.code, ThreatConfidence: s.confidence[0], TLP: s.tlp, SourceIp: s.ip,
  SourcePort: s.port, DestinationIp: s.peer, DestinationPort: s.peerPort, Payload: Buffer.from('{"bot":"x"}').toString('base64'),
});

describe('the three shapes of CTIP (F40)', () => {
  it('make the same events', async () => {
    const columns = `toString(time), kind, type, family, confidence, tlp, toString(ip), port, toString(peer), peer_port, area, count`;
    const stored = async (name: string, content: string | Uint8Array): Promise<unknown[]> => {
      const feed = await field().addFeed({ name, shape: 'ctip' });
      const batch = await field().ingest(feed, content, { chunk: 333 });
      expect(batch.counts).toMatchObject({ read: 40, stored: 40 });
      return (await field().events.query({ query: `SELECT tuple(${columns}) AS row FROM ev WHERE feed = '${feed}' ORDER BY time` })).json();
    };
    const first = await stored('interflow', JSON.stringify(seen.map(interflow), null, 2));
    expect(await stored('azure', seen.map((s) => `${azure(s)}\n`).join(''))).toEqual(first);
    expect(await stored('api', gzipSync(JSON.stringify(seen.map(api))))).toEqual(first);
    expect(await field().count(`(SELECT countIf(tlp = 'RED') FROM ev WHERE feed IN (SELECT DISTINCT feed FROM ev))`)).toBe(30);
    expect(await field().count(`(SELECT countIf(attrs['payload.bot'] = 'x') FROM ev)`)).toBe(40);
  });

  it('a row with any field missing or odd is an event or a reason, never an error', () => {
    const draft = new Draft();
    const full = api(seen[0] as Seen) as Record<string, unknown>;
    for (const key of Object.keys(full)) {
      const { [key]: _gone, ...rest } = full;
      const unfit = fillCtip(draft, rest, 'infected');
      expect(unfit === null || key === 'DateTimeReceivedUtc').toBe(true);
    }
    fc.assert(fc.property(fc.dictionary(fc.constantFrom(...Object.keys(full), 'time', 'ip', 'domain', 'user',
      'Odd'), fc.jsonValue({ maxDepth: 3 })), (row) => {
      fillCtip(draft, row as Record<string, unknown>, 'c2');
      fillNdjson(draft, row as Record<string, unknown>, 'events');
    }), { numRuns: 500 });
  });

  it('a C2 record is about its destination', () => {
    const draft = new Draft();
    expect(fillCtip(draft, { DateTimeReceivedUtc: '2026-01-01', SourceIp: '192.0.2.1', DestinationIp: '203.0.113.9',
      DestinationPort: 443, HttpDomain: 'C2.example.' }, 'c2')).toBeNull();
    expect([draft.kind, draft.ip[12], draft.port, draft.domain]).toEqual(['c2', 203, 443, 'c2.example']);
  });
});

describe('episodes (F48)', () => {
  it('many beacons of few hosts are as many episodes as hosts, and a late one lengthens its own', async () => {
    const { episodesPage } = await import('../rows-store.ts');
    const feed = await field().addFeed({ name: 'beacons', shape: 'ndjson' });
    const beacon = (host: number, n: number): object => ({
      time: 1_770_000_000 + n * 600, type: 'infection', family: 'mirai', ip: `100.70.${host >> 8}.${host & 255}`, n,
    });
    const rows = Array.from({ length: 20_000 }, (_, i) => beacon(i % 1000, Math.floor(i / 1000)));
    expect((await field().ingest(feed, asLines(rows))).counts.stored).toBe(20_000);
    const page = (ip?: string) => episodesPage(field().events, { scope: 'org_centre', family: 'mirai', ip }, {}, null, 10, new Map());
    expect((await page()).total).toBe(1000);
    const before = (await page('100.70.0.7')).items;
    expect(before).toMatchObject([{ events: 20, asset: '100.70.0.7' }]);
    await field().ingest(feed, asLines([{ ...beacon(7, -500), late: true }]));
    expect((await page('100.70.0.7')).items).toMatchObject([{ events: 21, last: before[0]?.last,
      first: new Date((1_770_000_000 - 300_000) * 1000).toISOString() }]);
    expect((await page()).total).toBe(1000);
  });
});
