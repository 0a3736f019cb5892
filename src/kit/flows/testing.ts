/** Captures as bytes, for tests. */
import { readIp } from '#kit/ip/ip';

const addressBytes = (text: string): Buffer => {
  const bytes = Buffer.alloc(16);
  readIp(text, bytes);
  return text.includes(':') ? bytes : bytes.subarray(12);
};
const u16 = (...values: readonly number[]): Buffer => Buffer.from(values.flatMap((v) => [(v >> 8) & 255, v & 255]));

export interface Sent {
  readonly from: string; readonly to: string; readonly fromPort?: number; readonly toPort?: number; readonly transport?: 'tcp' | 'udp' | 'icmp';
  readonly opens?: boolean; readonly payload?: Buffer; readonly vlan?: number;
}

/** An Ethernet frame. */
export function frameOf({ from, to, fromPort = 40_000, toPort = 443, transport = 'tcp', opens = false, payload = Buffer.alloc(0), vlan }: Sent): Buffer {
  const [a, b] = [addressBytes(from), addressBytes(to)];
  const protocol = { tcp: 6, udp: 17, icmp: a.length === 4 ? 1 : 58 }[transport];
  const body = transport === 'tcp' ? Buffer.concat([u16(fromPort, toPort), Buffer.alloc(8), Buffer.from([0x50, opens ? 2 : 0x18]), u16(1000, 0, 0), payload])
    : transport === 'udp' ? Buffer.concat([u16(fromPort, toPort, 8 + payload.length, 0), payload]) : Buffer.from([8, 0, 0, 0, 0, 0, 0, 0]);
  const network = a.length === 4
    ? Buffer.concat([Buffer.from([0x45, 0]), u16(20 + body.length, 0, 0), Buffer.from([64, protocol, 0, 0]), a, b])
    : Buffer.concat([Buffer.from([0x60, 0, 0, 0]), u16(body.length), Buffer.from([protocol, 64]), a, b]);
  const tag = vlan === undefined ? Buffer.alloc(0) : u16(0x8100, vlan);
  return Buffer.concat([Buffer.alloc(12), tag, u16(a.length === 4 ? 0x0800 : 0x86dd), network, body]);
}

export function pcapOf(frames: readonly Buffer[], { big = false, link = 1, nano = false }: { big?: boolean; link?: number; nano?: boolean } = {}): Buffer {
  const u32 = (...values: readonly number[]): Buffer => {
    const bytes = Buffer.alloc(values.length * 4);
    for (const [i, value] of values.entries()) if (big) bytes.writeUInt32BE(value, i * 4); else bytes.writeUInt32LE(value, i * 4);
    return bytes;
  };
  return Buffer.concat([u32(nano ? 0xa1b23c4d : 0xa1b2c3d4), Buffer.alloc(4), u32(0, 0, 262_144, link),
    ...frames.flatMap((frame, i) => [u32(1_700_000_000 + i, 0, frame.length, frame.length), frame])]);
}

const block = (type: number, body: Buffer): Buffer => {
  const padded = Buffer.concat([body, Buffer.alloc((4 - body.length % 4) % 4)]);
  const head = Buffer.alloc(8);
  head.writeUInt32LE(type);
  head.writeUInt32LE(padded.length + 12, 4);
  return Buffer.concat([head, padded, head.subarray(4)]);
};
export function pcapngOf(frames: readonly Buffer[]): Buffer {
  const section = Buffer.alloc(16);
  section.writeUInt32LE(0x1a2b3c4d);
  section.writeUInt16LE(1, 4);
  return Buffer.concat([block(0x0a0d0d0a, section), block(1, Buffer.from([1, 0, 0, 0, 0, 0, 4, 0])), block(5, Buffer.alloc(12)), ...frames.map((frame, i) => {
    const head = Buffer.alloc(20);
    const at = BigInt(1_700_000_000 + i) * 1_000_000n;
    head.writeUInt32LE(Number(at >> 32n), 4);
    head.writeUInt32LE(Number(at & 0xffffffffn), 8);
    head.writeUInt32LE(frame.length, 12);
    head.writeUInt32LE(frame.length, 16);
    return block(6, Buffer.concat([head, frame]));
  })]);
}

const labels = (name: string): Buffer => Buffer.concat([...name.split('.').map((l) => Buffer.from([l.length, ...Buffer.from(l)])), Buffer.alloc(1)]);

/** A DNS message: a question, or its answer through another name. */
export function dnsMessage(name: string, addresses: readonly string[] = []): Buffer {
  const answers = addresses.length === 0 ? [] : [
    Buffer.concat([u16(0xc00c, 5, 1, 0, 60), u16(labels('cdn.example').length), labels('cdn.example')]),
    ...addresses.map((a) => Buffer.concat([u16(0xc00c, a.includes(':') ? 28 : 1, 1, 0, 60, addressBytes(a).length), addressBytes(a)])),
  ];
  return Buffer.concat([u16(1, answers.length === 0 ? 0x0100 : 0x8180, 1, answers.length, 0, 0), labels(name), u16(1, 1), ...answers]);
}

/** A TLS greeting that names a server; null names none. */
export function tlsHello(name: string | null): Buffer {
  const text = Buffer.from(name ?? '');
  const own = name === null ? Buffer.alloc(0) : Buffer.concat([u16(0, text.length + 5, text.length + 3), Buffer.from([0]), u16(text.length), text]);
  const extensions = Buffer.concat([u16(0x000a, 4, 2, 0x001d), own]);
  const hello = Buffer.concat([u16(0x0303), Buffer.alloc(32), Buffer.from([0]), u16(2, 0x1301), Buffer.from([1, 0]), u16(extensions.length), extensions]);
  const handshake = Buffer.concat([Buffer.from([1, 0]), u16(hello.length), hello]);
  return Buffer.concat([Buffer.from([22, 3, 1]), u16(handshake.length), handshake]);
}

/**
 * A short test of a machine: it looks `updates.kestrel.example` up and connects there, as declared; then to a host, an address and a port that no
 * declaration of that one name covers, and behind the declared name to another.
 */
export function sampleCapture(device: string): Buffer {
  const resolver = '10.0.0.1';
  const asks = (name: string, address: string): Buffer[] => [
    frameOf({ from: device, to: resolver, transport: 'udp', toPort: 53, payload: dnsMessage(name) }),
    frameOf({ from: resolver, to: device, transport: 'udp', fromPort: 53, toPort: 40_000, payload: dnsMessage(name, [address]) }),
  ];
  const connects = (to: string, hello: Buffer | null, fromPort: number, toPort = 443): Buffer[] => [
    frameOf({ from: device, to, fromPort, toPort, opens: true }), ...hello ? [frameOf({ from: device, to, fromPort, toPort, payload: hello })] : [],
  ];
  return pcapOf([
    ...asks('updates.kestrel.example', '203.0.113.7'), ...connects('203.0.113.7', tlsHello('updates.kestrel.example'), 40_001),
    ...asks('metrics.other.example', '198.51.100.9'), ...connects('198.51.100.9', tlsHello('metrics.other.example'), 40_002),
    ...connects('192.0.2.77', null, 40_003, 9000), ...connects('203.0.113.7', null, 40_004, 8443),
    ...connects('203.0.113.7', tlsHello('hidden.example'), 40_005),
  ]);
}
