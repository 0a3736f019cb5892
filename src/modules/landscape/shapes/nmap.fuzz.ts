/** Nmap's XML as it is, cut, damaged and hostile: located trouble, rows before it kept, memory bounded, no entity ever expanded. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Trouble } from '#kit/lines/lines';
import { Draft } from './draft.ts';
import { NmapReading, type NmapRow } from './nmap.ts';
import { held } from '../../../../test/held.ts';

interface Read { readonly rows: Record<string, unknown>[]; readonly trouble: Trouble[]; readonly ids: string[] }

function read(bytes: Uint8Array, cuts: readonly number[] = []): Read {
  const found: Read = { rows: [], trouble: [], ids: [] };
  const draft = new Draft();
  const reading = new NmapReading('feed', {
    row(sent: NmapRow) {
      const id = new Uint8Array(16);
      sent.identity(id);
      found.ids.push(Buffer.from(id).toString('hex'));
      const unfit = sent.fill(draft);
      found.rows.push(unfit ? { unfit: unfit.reason } : {
        ip: Buffer.from(draft.ip).toString('hex'), port: draft.port, time: draft.time, family: draft.family, domain: draft.domain, offset: sent.offset,
        ...Object.fromEntries(draft.keys.slice(0, draft.pairs).map((key, i) => [key, draft.values[i]])),
      });
    },
    trouble: (t) => { found.trouble.push(t); },
  });
  const places = [...new Set([0, ...cuts.map((cut) => cut % (bytes.length + 1)), bytes.length])].sort((a, b) => a - b);
  for (let i = 1; i < places.length; i++) reading.push(bytes.subarray(places[i - 1], places[i]));
  reading.end();
  return found;
}
const utf8 = (text: string): Uint8Array => Buffer.from(text, 'utf8');

const file = `<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE nmaprun>
<?xml-stylesheet href="file:///usr/share/nmap/nmap.xsl" type="text/xsl"?>
<!-- Nmap 7.95 scan initiated as: nmap -sV -oX - 192.0.2.0/30 -->
<nmaprun scanner="nmap" args="nmap -sV" start="1780000000" version="7.95" xmloutputversion="1.05">
<hosthint><address addr="192.0.2.9" addrtype="ipv4"/></hosthint>
<host starttime="1780000001" endtime="1780000060"><status state="up" reason="syn-ack"/>
<address addr="00:11:22:33:44:55" addrtype="mac"/><address addr="192.0.2.1" addrtype="ipv4"/>
<hostnames><hostname name="ptr.example" type="PTR"/><hostname name="gw.ministry.example" type="user"/></hostnames>
<ports><extraports state="closed" count="998"/>
<port protocol="tcp" portid="22"><state state="open" reason="syn-ack"/><service name="ssh" product="OpenSSH" version="8.2p1 Đà Nẵng"
 method="probed" conf="10"><cpe>cpe:/a:openbsd:openssh:8.2p1</cpe></service><script id="vulners" output="CVE-2023-38408 9.8 &#xa; CVE-2020-15778"/></port>
<port protocol="tcp" portid="80"><state state="closed" reason="reset"/><service name="http"/></port>
<port protocol="tcp" portid="443"><state state="open" reason="syn-ack"/><service name="https" product="Edge &amp; Gateway" version="9.1"/>
<script id="http-vuln-cve2017-5638" output="NOT VULNERABLE: CVE-2017-5638"><table key="ids"><elem>CVE-2017-5638</elem></table></script></port>
</ports></host>
<host><address addr="2001:db8::7" addrtype="ipv6"/><ports><port protocol="udp" portid="53"><state state="open|filtered"/></port>
<port protocol="udp" portid="123"><state state="open"/></port></ports></host>
<runstats><finished time="1780000099"/></runstats></nmaprun>
`;

describe('a file as Nmap writes it', () => {
  test('gives one row for each open port, with what was seen there', () => {
    const { rows, trouble } = read(utf8(file));
    expect(trouble).toEqual([]);
    expect(rows).toMatchObject([
      {
        ip: '00000000000000000000ffffc0000201', port: 22, time: 1_780_000_060, family: 'ssh', domain: 'gw.ministry.example', product: 'OpenSSH',
        version: '8.2p1 Đà Nẵng', cpe: 'cpe:/a:openbsd:openssh:8.2p1', scripts: 'vulners', cve: 'CVE-2020-15778 CVE-2023-38408', protocol: 'tcp',
      },
      { port: 443, family: 'https', product: 'Edge & Gateway', version: '9.1', scripts: 'http-vuln-cve2017-5638' },
      { ip: '20010db8000000000000000000000007', port: 123, time: 1_780_000_000, protocol: 'udp' },
    ]);
    expect(rows[1]).not.toHaveProperty('cve');
    // Offsets are bytes: they point behind the port's opening tag.
    for (const row of rows) {
      const before = Buffer.from(utf8(file)).subarray(0, Number(row['offset'])).toString('utf8');
      expect(before).toMatch(/<port protocol="\w+" portid="\d+">$/);
    }
  });
  test('is the same however its bytes come, and each row has an identity of its own', () => {
    const whole = read(utf8(file));
    expect(new Set(whole.ids).size).toBe(3);
    fc.assert(fc.property(fc.array(fc.nat(), { maxLength: 40 }), (cuts) => {
      expect(read(utf8(file), cuts)).toEqual(whole);
    }));
  });
  test('cut anywhere keeps the rows before the cut and says where it ends', () => {
    const bytes = utf8(file);
    const whole = read(bytes);
    fc.assert(fc.property(fc.integer({ min: 1, max: bytes.length - 3 }), (cut) => {
      const { rows, trouble, ids } = read(bytes.subarray(0, cut));
      expect(ids).toEqual(whole.ids.slice(0, rows.length));
      expect(trouble).toHaveLength(1);
      expect(['xml.truncated', 'xml.invalid', 'text.not-utf8']).toContain(trouble[0]?.reason);
      expect(trouble[0]?.offset).toBeLessThanOrEqual(cut);
      expect(trouble[0]?.rows).toBe(0);
    }), { numRuns: 200 });
  });
  test('damaged anywhere throws nothing, and speaks of at most one place', () => {
    fc.assert(fc.property(fc.nat(), fc.uint8Array({ minLength: 1, maxLength: 6 }), (at, junk) => {
      const bytes = Buffer.from(utf8(file));
      bytes.set(junk, at % (bytes.length - junk.length));
      const { trouble } = read(bytes);
      expect(trouble.length).toBeLessThanOrEqual(1);
    }), { numRuns: 500 });
  });
});

const run = (inside: string, head = ''): Uint8Array => utf8(`${head}<nmaprun start="1780000000">${inside}</nmaprun>`);
const hostOf = (inside: string): string => `<host endtime="1780000000"><address addr="192.0.2.1" addrtype="ipv4"/><ports>${inside}</ports></host>`;
const open = (more = ''): string => `<port protocol="tcp" portid="22"><state state="open"/>${more}</port>`;

describe('a hostile file', () => {
  test.each([
    ['entities that multiply', run(hostOf(open('<service name="&lol9;"/>')), `<!DOCTYPE nmaprun [<!ENTITY lol "lol">${
      [...Array(9).keys()].map((i) => `<!ENTITY lol${i + 1} "${`&lol${i || ''};`.repeat(10)}">`).join('')}]>`), 'xml.doctype', 0],
    ['a file of the machine', run(hostOf(open()), '<!DOCTYPE nmaprun [<!ENTITY x SYSTEM "file:///etc/passwd">]>'), 'xml.doctype', 0],
    ['an entity nobody declared', run(hostOf(`${open()}${open('<service name="&who;"/>')}`)), 'xml.entity', 1],
    ['depth', run(`${hostOf(open())}${'<a>'.repeat(100_000)}`), 'xml.too-deep', 1],
    ['a name without an end', run(`${hostOf(open())}<${'a'.repeat(3_000_000)}>`), 'xml.too-long', 1],
    ['a value without an end', run(`${hostOf(open())}<b c="${'a'.repeat(3_000_000)}`), 'xml.too-long', 1],
    ['a comment without an end', run(`${hostOf(open())}<!-- ${'a'.repeat(3_000_000)}`), 'xml.too-long', 1],
    ['a DOCTYPE without an end', utf8(`<!DOCTYPE nmaprun ${'a'.repeat(3_000_000)}`), 'xml.too-long', 0],
    ['tags that cross', run(`${hostOf(open())}<a><b></a></b>`), 'xml.invalid', 1],
    ['another document', utf8('<html><body/></html>'), 'xml.other', 0],
    ['no XML at all', utf8('{"time":1}'), 'xml.invalid', 0],
    ['UTF-16', Buffer.from(`\ufeff${file}`, 'utf16le'), 'text.not-utf8', 0],
    ['another encoding than it says', Buffer.from(file, 'latin1'), 'text.not-utf8', 0],
    ['a NUL', run(`${hostOf(open())}\0`), 'xml.invalid', 1],
  ])('%s ends it where it stands', (_, bytes, reason, rows) => {
    const found = read(bytes, Array.from({ length: 20 }, (_unused, i) => i * 60_000));
    expect([found.trouble.map((t) => t.reason), found.rows.length]).toEqual([[reason], rows]);
    expect(found.trouble[0]?.excerpt.length).toBeLessThanOrEqual(310);
    expect(found.trouble[0]?.detail.length).toBeLessThanOrEqual(310);
  });
  test('rows that are none are set aside one by one', () => {
    const bad = `<host endtime="x"><address addr="192.0.2.1" addrtype="ipv4"/><ports>${open()}</ports></host>`
      + `<host endtime="1780000000"><ports>${open()}</ports></host>`
      + hostOf('<port protocol="tcp" portid="99999"><state state="open"/></port>') + '<host endtime="1"><address addr="no address" addrtype="ipv4"/>'
      + `<ports>${open()}</ports></host>`;
    expect(read(run(bad)).rows.map((row) => row['unfit'])).toEqual(['time.invalid', 'ip.missing', 'port.invalid', 'ip.invalid']);
  });
  test('three hundred thousand open ports and ten thousand scripts of one port take no more room than one', () => {
    const scripts = Array.from({ length: 10_000 }, (_, i) => `<script id="s${i}" output="CVE-2020-${10_000 + i}"/>`).join('');
    const { rows, trouble } = read(run(hostOf(open(scripts))));
    expect([rows.length, trouble.length]).toEqual([1, 0]);
    expect(String(rows[0]?.['scripts']).split(' ')).toHaveLength(30);
    expect(String(rows[0]?.['cve']).split(' ')).toHaveLength(60);
    const state = { rows: 0 };
    const reading = new NmapReading('feed', { row: () => { state.rows += 1; }, trouble: (t) => { throw new Error(t.reason); } });
    const before = held();
    reading.push(utf8('<nmaprun start="1780000000"><host endtime="1"><address addr="192.0.2.1" addrtype="ipv4"/><ports>'));
    const piece = utf8(open('<service name="ssh" product="x"/>').repeat(1000));
    for (let i = 0; i < 300; i++) {
      reading.push(piece);
      if (i % 100 === 50) expect(held() - before).toBeLessThan(128 * 1_048_576);
    }
    reading.push(utf8('</ports></host></nmaprun>'));
    reading.end();
    expect(state.rows).toBe(300_000);
    expect(held() - before).toBeLessThan(128 * 1_048_576);
  });
});
