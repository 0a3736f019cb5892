import { describe, expect, test } from 'vitest';
import { Mapping } from '../model/mapping.ts';
import { formats } from './formats.ts';
import { Draft } from './draft.ts';
import { openReading } from '../pipeline/open-reading.ts';
import type { FeedShape } from '../model.ts';
import { formatIp } from '#kit/ip/ip';

interface Seen { rows: Record<string, unknown>[]; troubles: string[] }

/** What a shape makes of a text, cut into small chunks. */
function read(shape: FeedShape, text: string, mapping: Mapping | null = null, size = 7): Seen {
  const seen: Seen = { rows: [], troubles: [] };
  const draft = new Draft();
  const reading = openReading({
    feed: 'f', shape, typeGiven: null, typeOfFeed: null, fileName: 'x', types: new Map(), learned: [], mapping,
  }, {
    row(sent) {
      const unfit = sent.fill(draft);
      if (unfit !== null) return void seen.troubles.push(`${sent.line}:${sent.offset} ${unfit.reason}`);
      const attrs = Object.fromEntries(draft.keys.slice(0, draft.pairs).map((key, i) => [key, draft.values[i]]));
      seen.rows.push({
        time: new Date(draft.time * 1000).toISOString(), kind: draft.kind, type: draft.type, family: draft.family, severity: draft.severity,
        confidence: draft.confidence, tlp: draft.tlp, ip: draft.hasIp ? formatIp(draft.ip) : null, port: draft.port,
        peer: draft.hasPeer ? formatIp(draft.peer) : null, peerPort: draft.peerPort, domain: draft.domain, url: draft.url, asn: draft.asn, area: draft.area,
        count: draft.count, attrs,
      });
    },
    trouble: (t) => void seen.troubles.push(`${t.line}:${t.offset} ${t.reason}`),
  });
  const bytes = Buffer.from(text, 'utf8');
  for (let at = 0; at < bytes.length; at += size) reading.push(bytes.subarray(at, at + size));
  reading.end();
  return seen;
}

describe('the formats we know', () => {
  test('each is a sound mapping by our own schema', () => {
    for (const format of Object.values(formats)) expect(Mapping.safeParse(format).error?.issues ?? []).toEqual([]);
  });

  test('IntelMQ events, with keys by dots or nested, are the same', () => {
    const flat = {
      'time.source': '2026-10-01T02:03:04+00:00', 'classification.type': 'infected-system', 'classification.taxonomy': 'malicious-code',
        'malware.name': 'mirai',
      'source.ip': '203.0.113.9', 'source.port': 4444, 'source.asn': 64500, 'source.geolocation.cc': 'VN', 'destination.ip': '198.51.100.1',
      'destination.port': 80, 'feed.accuracy': 90, tlp: 'AMBER', raw: 'Zm9v', 'extra.tag': 'x',
    };
    const nested = {
      time: { source: '2026-10-01T02:03:04+00:00' }, classification: { type: 'infected-system', taxonomy: 'malicious-code' }, malware: { name: 'mirai' },
      source: { ip: '203.0.113.9', port: 4444, asn: 64500, geolocation: { cc: 'VN' } }, destination: { ip: '198.51.100.1', port: 80 },
      feed: { accuracy: 90 }, tlp: 'AMBER', raw: 'Zm9v', extra: { tag: 'x' },
    };
    const [one, two] = read('intelmq', `${JSON.stringify(flat)}\n${JSON.stringify(nested)}\n`).rows;
    expect(one).toEqual(two);
    expect(one).toEqual({
      time: '2026-10-01T02:03:04.000Z', kind: 'infection', type: 'infected-system', family: 'mirai', severity: 'unknown', confidence: 90, tlp: 'AMBER',
      ip: '203.0.113.9', port: 4444, peer: '198.51.100.1', peerPort: 80, domain: '', url: '', asn: 64500, area: 'VN', count: 1,
      attrs: { 'classification.taxonomy': 'malicious-code', 'extra.tag': 'x' },
    });
  });

  test('XARF 4 and 3, pretty over many lines or several reports in one file', () => {
    const four = {
      xarf_version: '4.0.0', report_id: '550e8400-e29b-41d4-a716-446655440000', timestamp: '2026-10-02T10:00:00Z', category: 'content', type: 'phishing',
      reporter: { org: 'Example', contact: 'abuse@example.com', domain: 'example.com' }, source_identifier: '192.0.2.42', url: 'https://Login.Example.vn/a?b',
      confidence: 0.9, evidence: [{ content_type: 'image/png', payload: 'AAAA' }],
    };
    const three = {
      Version: '3', ReporterInfo: { ReporterOrg: 'X' }, Disclosure: true,
      Report: { ReportClass: 'Activity', ReportType: 'LoginAttack', Date: '2026-10-02T11:00:00Z', SourceIp: '2001:db8::5', SourcePort: 5000,
        DestinationIp: '198.51.100.9', Service: 'ssh' },
    };
    const { rows, troubles } = read('xarf', `${JSON.stringify(four, null, 2)}\n${JSON.stringify(three, null, 2)}\n`);
    expect(troubles).toEqual([]);
    expect(rows[0]).toMatchObject({
      kind: 'website-attack', type: 'phishing', ip: '192.0.2.42', domain: 'login.example.vn', url: 'https://Login.Example.vn/a?b', confidence: 90,
      attrs: { report_id: '550e8400-e29b-41d4-a716-446655440000', 'reporter.org': 'Example' },
    });
    expect(Object.keys(rows[0]?.['attrs'] as object).some((key) => key.startsWith('evidence'))).toBe(false);
    expect(rows[1]).toMatchObject({ kind: 'attack', type: 'brute-force', ip: '2001:db8::5', port: 5000, peer: '198.51.100.9', family: 'ssh' });
  });

  test('defacements as Zone-H lists them: the site, its host, who and how, with the rest kept', () => {
    const { rows, troubles } = read('defacements', [
      'defacement_id,accept_date,add_date,attacker,country_code,domain,image,ip_address,hackmode,system,' +
        'redefacement,type,web_server,state',
      '1,2020-04-02 10:00:00,2020-04-02 09:59:00,"Người, lạ",VN,http://www.so-y-te.gov.vn/index.php,m,203.0.113.1,' +
        'SQL Injection,Linux,1,mass,Apache,published', '',
    ].join('\n'));
    expect(troubles).toEqual([]);
    expect(rows).toEqual([{
      time: '2020-04-02T09:59:00.000Z', kind: 'website-attack', type: 'defacement', family: 'Người, lạ', severity: 'unknown', confidence: 255,
        tlp: '', ip: '203.0.113.1',
      port: 0, peer: null, peerPort: 0, domain: 'www.so-y-te.gov.vn', url: 'http://www.so-y-te.gov.vn/index.php', asn: 0, area: 'VN', count: 1,
      attrs: {
        defacement_id: '1', accept_date: '2020-04-02 10:00:00', image: 'm', hackmode: 'SQL Injection', system: 'Linux', redefacement: '1', type: 'mass',
        web_server: 'Apache', state: 'published',
      },
    }]);
  });

  test('logs of Cowrie and Dionaea are attacks by their source', () => {
    const cowrie = read('cowrie', [
      { eventid: 'cowrie.login.failed', username: 'root', password: '123456', src_ip: '203.0.113.7', src_port: 51000, dst_ip: '10.0.0.1',
        dst_port: 22, timestamp: '2026-10-03T00:00:01.123456Z', session: 'a1', protocol: 'ssh' },
      { eventid: 'cowrie.session.file_download', url: 'http://x.example/a', shasum: 'a'.repeat(64), src_ip: '203.0.113.7',
        timestamp: '2026-10-03T00:00:02Z' },
    ].map((row) => JSON.stringify(row)).join('\n'));
    expect(cowrie.rows.map(({ kind, type, family, ip }) => [kind, type, family, ip])).toEqual([
      ['attack', 'brute-force', 'ssh', '203.0.113.7'], ['attack', 'exploit', 'ssh', '203.0.113.7'],
    ]);
    expect(cowrie.rows[1]?.['attrs']).toMatchObject({ sha256: 'a'.repeat(64) });
    const dionaea = read('dionaea', JSON.stringify({
      connection: { type: 'accept', transport: 'tcp', protocol: 'smbd' }, dst_ip: '10.0.0.2', dst_port: 445, src_ip: '198.51.100.4', src_port: 1234,
        timestamp: '2026-10-03T01:02:03.5',
    }));
    expect(dionaea.rows[0]).toMatchObject({ kind: 'attack', type: 'scanner', family: 'smbd', ip: '198.51.100.4', port: 1234, peer: '10.0.0.2',
      peerPort: 445 });
  });

  test('malicious addresses of the web in three spellings; clean and malicious files by their hash', () => {
    const { rows } = read('malicious-urls', JSON.stringify([
      { Url: 'http://Bad.Example.vn:8080/x', FirstReportedDateTime: '2026-10-04T00:00:00Z', TLPLevel: 'Amber', NetworkDestinationIPv4: '192.0.2.9',
        NetworkDestinationAsn: 64501 },
      { url: 'http://192.0.2.10/y', firstreporteddatetime: '2026-10-04T00:00:00Z', tlplevel: 'green', indicatorthreattype: 'MaliciousUrl' },
      { url: 'https://phish.example.com/', dateadded: '2026-10-04 00:00:00', threat: 'phishing' },
    ]));
    expect(rows.map((row) => [row['kind'], row['type'], row['domain'], row['ip'], row['tlp']])).toEqual([
      ['website-attack', 'malware-distribution', 'bad.example.vn', '192.0.2.9', 'AMBER'],
      ['website-attack', 'malware-distribution', '', null, 'GREEN'],
      ['website-attack', 'phishing', 'phish.example.com', null, ''],
    ]);
    const first = `{"Sha256":"${'AB'.repeat(32)}","ProductName":"Update","FirstReportedDateTime":"2026-10-04T00:00:00Z"}\n`;
    const clean = read('clean-files', `${first}{"Sha256":"xyz","FirstReportedDateTime":"2026-10-04T00:00:00Z"}\n`);
    expect(clean.rows).toHaveLength(1);
    expect(clean.rows[0]).toMatchObject({ kind: 'clean-file', family: 'Update', attrs: { sha256: 'ab'.repeat(32) } });
    expect(clean.troubles).toEqual([`2:${first.length} hash.invalid`]);
  });
});

describe('MISP', () => {
  const event = {
    Event: {
      uuid: 'e1', info: 'Chiến dịch', date: '2026-10-05', Tag: [{ name: 'tlp:amber' }],
      Attribute: [
        { uuid: 'a1', type: 'ip-dst|port', category: 'Network activity', to_ids: true, timestamp: '1790000000', value: '192.0.2.77|8443' },
        { uuid: 'a2', type: 'url', category: 'Payload delivery', to_ids: true, timestamp: '1790000001', value: 'http://drop.example.vn/a',
          Tag: [{ name: 'tlp:red' }] },
        { uuid: 'a3', type: 'comment', category: 'Other', to_ids: false, timestamp: '1790000002', value: 'xin chào' },
        7,
      ],
      Object: [{ name: 'file', Attribute: [{ uuid: 'a4', type: 'filename|sha256', to_ids: true, timestamp: '1790000003',
        value: `x.exe|${'c'.repeat(64)}` }] }],
    },
  };
  test('each attribute is a row with what its event says; the strictest marking holds; what is none is located', () => {
    const text = JSON.stringify(event, null, 1);
    const { rows, troubles } = read('misp', text, null, 13);
    expect(rows.map((row) => [row['kind'], row['type'], row['ip'], row['port'], row['domain'], row['tlp']])).toEqual([
      ['c2', 'c2-server', '192.0.2.77', 8443, '', 'AMBER'], ['website-attack', 'malware-distribution', null, 0, 'drop.example.vn', 'RED'],
      ['other', 'other', null, 0, '', 'AMBER'], ['malicious-file', 'malware-file', null, 0, '', 'AMBER'],
    ]);
    expect(rows[3]?.['attrs']).toMatchObject({ sha256: 'c'.repeat(64), filename: 'x.exe' });
    const seven = Buffer.byteLength(text.slice(0, text.indexOf('   7')), 'utf8') + 3;
    expect(troubles).toEqual([`${text.slice(0, text.indexOf('   7')).split('\n').length}:${seven} json.no-object`]);
  });
  test('an unknown marking is RED, a document that breaks off or holds no event is told once', () => {
    const odd = structuredClone(event);
    odd.Event.Tag = [{ name: 'tlp:purple' }];
    expect(read('misp', JSON.stringify(odd)).rows[0]?.['tlp']).toBe('RED');
    expect(read('misp', JSON.stringify(event).slice(0, 200)).troubles).toEqual(['1:0 json.invalid']);
    expect(read('misp', '{"a":1}').troubles).toEqual(['1:0 misp.no-event']);
  });
});

describe('a mapping of one’s own', () => {
  const mapping = (over: object): Mapping => Mapping.parse({ format: { kind: 'csv', delimiter: ';', comment: '#' },
    rules: { time: { from: ['Thời gian'], pattern: 'dd/MM/yyyy HH:mm', zone: 'Asia/Ho_Chi_Minh' } }, ...over });
  test('columns by another delimiter, a table of words, a fixed word, local time', () => {
    const { rows, troubles } = read('mapped',
      '# báo cáo\nThời gian;Địa chỉ;Loại;Ghi chú\n01/02/2026 07:30;203.0.113.5;Mã độc;"a;b"\n32/02/2026 07:30;203.0.113.5;x;y\n', mapping({
      rules: {
        time: { from: ['Thời gian'], pattern: 'dd/MM/yyyy HH:mm', zone: 'Asia/Ho_Chi_Minh' }, ip: { from: ['Địa chỉ'] },
        type: { from: ['Loại'], table: { 'mã độc': 'infected-system' }, otherwise: 'other' }, severity: { otherwise: 'high' },
      },
    }));
    expect(rows).toHaveLength(1);
    expect(rows[0]).toMatchObject({ time: '2026-02-01T00:30:00.000Z', kind: 'infection', ip: '203.0.113.5', severity: 'high',
      attrs: { 'Loại': 'Mã độc', 'Ghi chú': 'a;b' } });
    expect(troubles).toHaveLength(1);
    expect(troubles[0]).toMatch(/^4:\d+ time.invalid$/);
  });
  test('a list within a document', () => {
    const { rows } = read('mapped', '{"meta":{"items":[{"no":1}]},\n"data":{"items":[{"t":"2026-01-01","h":{"ip":"192.0.2.1"}}]}}', mapping({
      format: { kind: 'json', rows: 'data.items' }, rules: { time: { from: ['t'] }, ip: { from: ['h.ip'] } },
    }));
    expect(rows).toHaveLength(1);
    expect(rows[0]).toMatchObject({ ip: '192.0.2.1', time: '2026-01-01T00:00:00.000Z' });
  });
  test('what cannot be a mapping is refused with its place', () => {
    const issue = (spec: object): string => Mapping.safeParse(spec).error?.issues.map((i) => i.path.join('.')).join(' ') ?? '';
    expect(issue({ format: { kind: 'json' }, rules: {} })).toBe('rules.time');
    expect(issue({ format: { kind: 'json' }, rules: { time: { from: ['t'], pattern: 'dd/MM' } } })).toBe('rules.time');
    expect(issue({ format: { kind: 'json' }, rules: { time: { from: ['t'] }, kind: { otherwise: 'war' } } })).toBe('rules.kind');
    expect(issue({ format: { kind: 'csv', delimiter: '"' }, rules: { time: { from: ['t'] } } })).toBe('format.delimiter');
  });
});
