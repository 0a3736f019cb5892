import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Declaration } from './declared.ts';
import { dnsOf, httpNameOf, tlsNameOf } from './names.ts';
import { datagramOf } from './packet.ts';
import { Watching, type FlowReview } from './review.ts';
import { dnsMessage, frameOf, pcapngOf, pcapOf, tlsHello } from './testing.ts';

const device = '10.0.0.5';
const flowsOf = (...flows: readonly object[]): Declaration => Declaration.read(Buffer.from(JSON.stringify({
  v: 1, product: 'Shield', release: '4.2', flows: flows.map((f) => ({ purpose: 'what for', ...f })),
})));
const updates = { to: ['updates.kestrel.example', '*.cdn.kestrel.example'], ports: [443], country: 'DE', data: ['version'], when: 'by-default' };

async function review(capture: Uint8Array, declaration: Declaration, lab: string[] = []): Promise<FlowReview> {
  const watching = new Watching([device, 'fd00::5'], lab);
  await watching.read((async function* pieces() {
    for (let at = 0; at < capture.length; at += 61) yield capture.subarray(at, at + 61);
  })());
  return watching.against(declaration);
}
const asks = (name: string, ...addresses: string[]): Buffer[] => [
  frameOf({ from: device, to: '10.0.0.1', transport: 'udp', toPort: 53, payload: dnsMessage(name) }),
  frameOf({ from: '10.0.0.1', to: device, transport: 'udp', fromPort: 53, toPort: 40_000, payload: dnsMessage(name, addresses) }),
];
const connects = (to: string, hello: Buffer | null, port = 443, fromPort = 40_000): Buffer[] => [
  frameOf({ from: device, to, fromPort, toPort: port, opens: true }),
  ...hello ? [frameOf({ from: device, to, fromPort, toPort: port, payload: hello })] : [],
];
const why = (found: FlowReview): unknown[] => found.undeclared.map((u) => [u.why, u.host ?? u.address, u.port]);

describe('declared against observed', () => {
  it.each([['pcap', pcapOf],
    ['pcap the other way round, in nanoseconds', (f: Buffer[]) => pcapOf(f, { big: true, nano: true })], ['pcapng', pcapngOf]] as const)(
    'F24: what goes where no declaration says is a finding (%s)', async (_, write) => {
      const found = await review(write([
        ...asks('updates.kestrel.example', '203.0.113.7'), ...connects('203.0.113.7', tlsHello('updates.kestrel.example')),
        ...asks('metrics.other.example', '198.51.100.9'), ...connects('198.51.100.9', tlsHello('metrics.other.example')),
      ]), flowsOf(updates), ['10.0.0.0/24']);
      expect(why(found)).toEqual([['host', 'metrics.other.example', 443]]);
      expect(found.undeclared[0]).toMatchObject({ toldBy: 'tls', address: '198.51.100.9', packets: 2, firstAt: 1_700_000_006_000_000 });
      expect(found).toMatchObject({ packets: 8, unread: 0, brokenOff: false, unseen: [], lookedUp: [{ host: 'metrics.other.example', times: 1 }] });
    });

  it('names the reason: another port, an address without a name, another name than the one looked up', async () => {
    const found = await review(pcapOf([
      ...asks('updates.kestrel.example', '203.0.113.7'), ...connects('203.0.113.7', null, 8443), ...connects('192.0.2.1', null, 443),
      // Fronting: looked up is the declared name, asked for is another.
      ...connects('203.0.113.7', tlsHello('hidden.example'), 443, 40_001),
    ]), flowsOf(updates), ['10.0.0.0/24']);
    expect(why(found).sort()).toEqual([['address', '192.0.2.1', 443], ['name', 'hidden.example', 443], ['port', 'updates.kestrel.example', 8443]]);
  });

  it('tells no fronting where the other name was looked up too', async () => {
    const frames = [...asks('updates.kestrel.example', '203.0.113.7'), ...asks('other.example', '203.0.113.7'),
      ...connects('203.0.113.7', tlsHello('other.example'))];
    expect(why(await review(pcapOf(frames), flowsOf(updates), ['10.0.0.0/24']))).toEqual([['host', 'other.example', 443]]);
  });

  it('lets nothing hide behind a declared name at the same address', async () => {
    const hidden = connects('203.0.113.7', tlsHello('hidden.example'), 443, 40_001);
    const open = connects('203.0.113.7', tlsHello('a.cdn.kestrel.example'), 443, 40_000);
    for (const frames of [[...open, ...hidden], [...hidden, ...open], [open[0], hidden[0], hidden[1], open[1]] as Buffer[]]) {
      expect(why(await review(pcapOf(frames), flowsOf(updates)))).toEqual([['host', 'hidden.example', 443]]);
    }
    // The same port of the machine, used again.
    expect(why(await review(pcapOf([...open, ...connects('203.0.113.7', tlsHello('hidden.example'))]), flowsOf(updates)))).toHaveLength(1);
  });

  it('takes addresses, prefixes, ranges of ports, transports, IPv6, virtual networks and plain HTTP', async () => {
    const declaration = flowsOf({ to: ['198.51.100.0/24'], transport: 'udp', ports: [[4000, 4010]] }, { to: ['2001:db8::/32'], ports: [443] },
      { to: ['192.0.2.9'], transport: 'icmp' }, { to: ['plain.example'], ports: [80] });
    const udp = (toPort: number): Buffer => frameOf({ from: device, to: '198.51.100.3', transport: 'udp', toPort });
    const good = [udp(4000), udp(4010), frameOf({ from: 'fd00::5', to: '2001:db8::1', vlan: 7, opens: true }),
      frameOf({ from: device, to: '192.0.2.9', transport: 'icmp' }),
      ...connects('192.0.2.50', Buffer.from('GET / HTTP/1.1\r\nHost: Plain.Example:80\r\n\r\n'), 80)];
    expect(await review(pcapOf(good), declaration)).toMatchObject({ undeclared: [], unseen: [], unread: 0 });
    expect(why(await review(pcapOf([udp(4011), frameOf({ from: device, to: '198.51.100.3', toPort: 4000 })]), declaration))).toHaveLength(2);
  });

  it('passes over what others open, and says what was never seen and what could not be read', async () => {
    const other = '10.0.0.9';
    const found = await review(pcapOf([
      frameOf({ from: other, to: device, fromPort: 5000, toPort: 22, opens: true }), frameOf({ from: device, to: other, fromPort: 22, toPort: 5000 }),
      frameOf({ from: other, to: '192.0.2.1', opens: true }), Buffer.alloc(60, 1),
    ]), flowsOf(updates));
    expect(found).toMatchObject({ observed: [], undeclared: [], unseen: [0], unread: 1, packets: 4 });
  });

  it('reads a capture that breaks off up to there', async () => {
    const whole = pcapOf(connects('192.0.2.1', tlsHello('a.example')));
    expect(await review(whole.subarray(0, -3), flowsOf())).toMatchObject({ brokenOff: true, packets: 1 });
    const ng = pcapngOf(connects('192.0.2.1', tlsHello('a.example')));
    expect(await review(ng.subarray(0, -3), flowsOf())).toMatchObject({ brokenOff: true, packets: 1 });
  });

  it('reads raw links and Linux’s cooked ones', async () => {
    const ip = frameOf({ from: device, to: '192.0.2.1', opens: true }).subarray(14);
    const cooked = Buffer.concat([Buffer.alloc(14), Buffer.from([8, 0]), ip]);
    const cooked2 = Buffer.concat([Buffer.from([8, 0]), Buffer.alloc(18), ip]);
    for (const [link, frame] of [[101, ip], [113, cooked], [276, cooked2], [0, Buffer.concat([Buffer.from([2, 0, 0, 0]), ip])]] as const) {
      expect(why(await review(pcapOf([frame], { link }), flowsOf())), String(link)).toEqual([['address', '192.0.2.1', 443]]);
    }
    expect(await review(pcapOf([ip], { link: 147 }), flowsOf())).toMatchObject({ unread: 1 });
  });
});

describe('a declaration', () => {
  it.each([
    ['no JSON', '{', /no JSON/], ['another version', '{"v":2}', /is none/],
    ['no host', '{"v":1,"product":"a","release":"1","flows":[{"to":["a b"],"purpose":"x"}]}', /neither/],
    ['a broken address', '{"v":1,"product":"a","release":"1","flows":[{"to":["1.2.3.400"],"purpose":"x"}]}', /neither/],
    ['no purpose', '{"v":1,"product":"a","release":"1","flows":[{"to":["a.example"]}]}', /is none/],
    ['a port too large', '{"v":1,"product":"a","release":"1","flows":[{"to":["a.example"],"purpose":"x","ports":[70000]}]}', /is none/],
  ])('of %s is refused with its place', (_, text, sentence) => {
    try {
      Declaration.read(Buffer.from(text));
      expect.unreachable();
    } catch (error) {
      expect(error).toMatchObject({ name: 'FlowError', message: expect.stringMatching(sentence) as string });
      expect((error as { at: string }).at).not.toBe('');
    }
  });
  it('of all of IPv6 covers no address of IPv4', () => {
    const declaration = flowsOf({ to: ['::/0'] });
    expect([declaration.toAddress('2001:db8::1', 'tcp', 443), declaration.toAddress('192.0.2.1', 'tcp', 443)]).toEqual([[0], []]);
  });
  it('covers what is below a domain, and not the domain, nor what ends like it', () => {
    const declaration = flowsOf({ to: ['*.a.example', 'B.example.'] });
    const to = (host: string): number => declaration.toHost(host, 'tcp', 1).length;
    expect(['x.a.example', 'y.x.a.example', 'a.example', 'xa.example', 'b.example', 'c.b.example'].map(to)).toEqual([1, 1, 0, 0, 1, 0]);
  });
});

describe('hostile captures', () => {
  const good = [pcapOf, pcapngOf].map((write) => write([
    ...asks('updates.kestrel.example', '203.0.113.7', '2001:db8::7'), ...connects('203.0.113.7', tlsHello('updates.kestrel.example')),
    ...connects('203.0.113.7', Buffer.from('GET / HTTP/1.1\r\nHost: a.example\r\n\r\n'), 80),
  ]));
  it('end with a located sentence or are read, never otherwise', async () => {
    await fc.assert(fc.asyncProperty(fc.nat(1), fc.array(fc.tuple(fc.nat(), fc.nat(255)), { maxLength: 8 }), fc.nat(), async (which, flips, cut) => {
      const bytes = Buffer.from(good[which] as Buffer);
      for (const [at, value] of flips) bytes[at % bytes.length] = value;
      try {
        await review(cut % 3 === 0 ? bytes.subarray(0, cut % bytes.length) : bytes, flowsOf(updates));
      } catch (error) {
        expect(error).toMatchObject({ name: 'FlowError' });
        expect((error as { at: string }).at).not.toBe('');
      }
    }), { numRuns: 600 });
  });
  it('and packets and names of any bytes are read or passed over', () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 200 }), fc.constantFrom(0, 1, 101, 113, 276), (bytes, link) => {
      const b = Buffer.from(bytes);
      datagramOf(link, b);
      for (const version of [0x45, 0x60]) datagramOf(101, Buffer.concat([Buffer.from([version]), b]));
      dnsOf(b);
      dnsOf(Buffer.concat([Buffer.from([0, 1, 0x81, 0x80, 0, 1, 0, 9, 0, 0, 0, 0]), b]));
      tlsNameOf(b);
      tlsNameOf(Buffer.concat([tlsHello('a.example').subarray(0, 47), b]));
      httpNameOf(b);
    }), { numRuns: 2_000 });
  });
  it('a name that points at itself ends', () => {
    expect(dnsOf(Buffer.from([0, 1, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0xc0, 12, 0, 1, 0, 1]))).toBeNull();
  });
});
