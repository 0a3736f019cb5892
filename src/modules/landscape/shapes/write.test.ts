import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseCsv } from '#kit/csv/csv';
import { formatIp } from '#kit/ip/ip';
import { eventKinds, type Event, type FeedShape } from '../model.ts';
import { openReading } from '../pipeline/open-reading.ts';
import { Draft } from './draft.ts';
import { kindOfWord } from './kinds.ts';
import { csvHead, idfOf, n6Of, written } from './write.ts';

const event = (over: Partial<Event> = {}): Event => ({
  id: '0123456789abcdef0123456789abcdef', time: '2026-10-01T02:03:04.000Z', received: '2026-10-02T00:00:00.000Z', feed: 'feed_a', feedName: 'sensors',
  reportType: 'events', kind: 'infection', type: 'infected-system', family: 'mirai', severity: 'high', confidence: 85, tlp: 'AMBER', ip: '203.0.113.9',
  port: 4444, area: 'VN', asn: 64_500, peerIp: '198.51.100.1', peerPort: 80, domain: null, url: null, owner: 'con_a', ownerName: 'Bộ A', count: 1, attrs: {},
    batch: 'b',
  ...over,
});

/** The line as a feed of that shape would take it in again. */
function again(shape: FeedShape, line: string): Record<string, unknown>[] {
  const rows: Record<string, unknown>[] = [];
  const draft = new Draft();
  const reading = openReading({ feed: 'f', shape, typeGiven: null, typeOfFeed: null, fileName: 'x', types: new Map(), learned: [] }, {
    row(sent) {
      expect(sent.fill(draft)).toBeNull();
      rows.push({
        time: new Date(draft.time * 1000).toISOString(), kind: draft.kind, type: draft.type, family: draft.family, severity: draft.severity,
        confidence: draft.confidence === 255 ? null : draft.confidence, tlp: draft.tlp, ip: draft.hasIp ? formatIp(draft.ip) : null, port: draft.port || null,
        area: draft.area || 'ZZ', asn: draft.asn || null, peerIp: draft.hasPeer ? formatIp(draft.peer) : null, peerPort: draft.peerPort || null,
        domain: draft.domain || null, url: draft.url || null, count: draft.count,
      });
    },
    trouble: (t) => expect.fail(t.reason),
  });
  reading.push(Buffer.from(line, 'utf8'));
  reading.end();
  return rows;
}

const said = (e: Event): Record<string, unknown> => {
  const { id: _id, received: _r, feed: _f, feedName: _n, reportType: _t, owner: _o, ownerName: _on, attrs: _a, batch: _b, ...rest } = e;
  return rest;
};

const port = fc.option(fc.integer({ min: 1, max: 65_535 }));
const types = ['infected-system', 'scanner', 'c2-server', 'phishing', 'vulnerable-system', 'brute-force', 'ddos-amplifier', 'malware-distribution'];
const anyEvent = fc.record({
  at: fc.integer({ min: 700_000_000, max: 1_790_000_000 }), type: fc.constantFrom(...types),
    family: fc.stringMatching(/^[a-z][a-z0-9 "',]{0,8}$/).map((f) => f.trim()),
  confidence: fc.option(fc.integer({ min: 0, max: 100 })), tlp: fc.constantFrom('CLEAR', 'GREEN', 'AMBER', 'AMBER+STRICT', 'RED'),
  severity: fc.constantFrom('critical', 'high', 'medium', 'low', 'info', 'unknown'), port, peerPort: port, count: fc.integer({ min: 1, max: 9 }),
  ip: fc.constantFrom('203.0.113.9', '2001:db8::1'), peerIp: fc.constantFrom(null, '198.51.100.7', '2001:db8::7'),
    url: fc.constantFrom(null, 'http://x.example/ñ?a=1,2'),
  domain: fc.constantFrom(null, 'x.example.vn'), attrs: fc.dictionary(fc.stringMatching(/^[a-z_]{3,9}$/), fc.string({ minLength: 1, maxLength: 6 })),
}).map(({ at, type, ...rest }) => event({
  ...rest as Partial<Event>, time: new Date(at * 1000).toISOString(), type, kind: kindOfWord(type),
}));

describe('rows in the formats of others', () => {
  test('our own lines are the same event when they come in again', () => {
    fc.assert(fc.property(anyEvent, (e) => {
      expect(again('ndjson', written('ndjson', e))).toEqual([said(e)]);
    }));
  });

  test('IntelMQ’s are too', () => {
    fc.assert(fc.property(anyEvent, (e) => {
      expect(again('intelmq', written('idf', { ...e, attrs: {} }))).toEqual([said(e)]);
    }));
  });

  test('what came in as IntelMQ sent it goes out under the same keys', () => {
    const sent = { 'classification.taxonomy': 'malicious-code', 'extra.tag': 'x', 'feed.provider': 'P', 'source.reverse_dns': 'a.b', odd: 'y' };
    expect(idfOf(event({ attrs: sent }))).toMatchObject({
      'classification.type': 'infected-system', 'classification.taxonomy': 'malicious-code', 'extra.tag': 'x', 'feed.provider': 'P',
        'source.reverse_dns': 'a.b', 'extra.odd': 'y',
    });
    expect(idfOf(event({ type: 'defacement', kind: 'website-attack' }))).toMatchObject({
      'classification.type': 'unauthorised-information-modification', 'classification.taxonomy': 'information-content-security', 'extra.type': 'defacement',
    });
    // No attribute takes the place of what is told.
    expect(idfOf(event({ attrs: { 'source.ip': '192.0.2.1' } }))['source.ip']).toBe('203.0.113.9');
  });

  test('n6: its categories, markings and levels; every kind has one', () => {
    expect(n6Of(event())).toEqual({
      id: '0123456789abcdef0123456789abcdef', source: 'entente.sensors', restriction: 'need-to-know', confidence: 'high', category: 'bots',
        time: '2026-10-01T02:03:04Z',
      name: 'mirai', address: [{ ip: '203.0.113.9', cc: 'VN', asn: 64_500 }], sport: 4444, dip: '198.51.100.1', dport: 80,
    });
    for (const kind of eventKinds) expect(typeof n6Of(event({ kind, type: 'something else' }))['category']).toBe('string');
    expect(n6Of(event({ tlp: 'RED', confidence: null, ip: null }))).toMatchObject({ restriction: 'internal', confidence: 'medium' });
  });

  test('CSV: a record a row with as many fields as the head, and no cell that a spreadsheet would run', () => {
    fc.assert(fc.property(anyEvent, (e) => {
      const { records, troubles } = parseCsv(csvHead + written('csv', { ...e, family: `=cmd|' /c'!A1`, ownerName: 'Bộ, "A"\nB' }));
      expect(troubles).toEqual([]);
      expect(records).toHaveLength(2);
      expect(records[1]?.fields).toHaveLength(records[0]?.fields.length ?? 0);
      expect(records[1]?.fields[7]).toBe(`'=cmd|' /c'!A1`);
      expect(records[1]?.fields[19]).toBe('Bộ, "A"\nB');
    }), { numRuns: 30 });
  });
});
