/** From a frame to what is said of its way: addresses, transport, ports, and the payload as far as it was captured. */
import { formatIp } from '#kit/ip/ip';
import type { Transport } from './terms.ts';

export interface Datagram {
  readonly from: string;
  readonly to: string;
  readonly transport: Transport | 'other';
  readonly fromPort: number | null;
  readonly toPort: number | null;
  /** Whether it opens a connection (TCP: SYN without ACK). */
  readonly opens: boolean;
  readonly payload: Buffer;
}

const [ipv4, ipv6] = [0x0800, 0x86dd];
/** Tags of virtual networks stand before the kind. */
const tags = new Set([0x8100, 0x88a8, 0x9100]);

/** Where the network's packet begins, and its kind; null for what is none, as ARP. */
function networkOf(link: number, b: Buffer): { kind: number; at: number } | null {
  const u16 = (at: number): number => (at + 2 > b.length ? 0 : b.readUInt16BE(at));
  const plain = (at: number): { kind: number; at: number } => ({ kind: ((b[at] ?? 0) >> 4) === 6 ? ipv6 : ipv4, at });
  if (link === 1) {
    let at = 12;
    while (tags.has(u16(at))) at += 4;
    return { kind: u16(at), at: at + 2 };
  }
  if (link === 113) return { kind: u16(14), at: 16 };
  if (link === 276) return { kind: u16(0), at: 20 };
  if (link === 101 || link === 12 || link === 14 || link === 228 || link === 229) return plain(0);
  if (link === 0 || link === 108) return plain(4);
  return null;
}

/** Kinds of links that are read; of another a capture says that its packets were not. */
export const knownLinks: ReadonlySet<number> = new Set([0, 1, 12, 14, 101, 108, 113, 228, 229, 276]);

const addressOf = (b: Buffer, at: number, length: 4 | 16): string => {
  const bytes = new Uint8Array(16);
  if (length === 4) bytes.fill(255, 10, 12);
  bytes.set(b.subarray(at, at + length), 16 - length);
  return formatIp(bytes);
};

interface Carried { readonly from: string; readonly to: string; readonly protocol: number; readonly body: Buffer }

function carriedBy4(b: Buffer): Carried | null {
  if (b.length < 20 || (b[0] as number) >> 4 !== 4) return null;
  const head = ((b[0] as number) & 15) * 4;
  const total = Math.max(head, Math.min(b.length, b.readUInt16BE(2) || b.length));
  // Of a datagram in pieces the first names its ports; the others are of the same way.
  if (head < 20 || (b.readUInt16BE(6) & 0x1fff) !== 0) return null;
  return { from: addressOf(b, 12, 4), to: addressOf(b, 16, 4), protocol: b[9] as number, body: b.subarray(head, total) };
}

const extensions = new Set([0, 43, 60, 135, 139, 140]);
function carriedBy6(b: Buffer): Carried | null {
  if (b.length < 40 || (b[0] as number) >> 4 !== 6) return null;
  const total = b.readUInt16BE(4) === 0 ? b.length : Math.min(b.length, 40 + b.readUInt16BE(4));
  let [protocol, at] = [b[6] as number, 40];
  for (let n = 0; n < 20 && at + 8 <= total; n++) {
    if (extensions.has(protocol)) [protocol, at] = [b[at] as number, at + ((b[at + 1] as number) + 1) * 8];
    else if (protocol === 44) {
      if ((b.readUInt16BE(at + 2) & 0xfff8) !== 0) return null;
      [protocol, at] = [b[at] as number, at + 8];
    } else if (protocol === 51) [protocol, at] = [b[at] as number, at + ((b[at + 1] as number) + 2) * 4];
    else break;
  }
  return { from: addressOf(b, 8, 16), to: addressOf(b, 24, 16), protocol, body: b.subarray(Math.min(at, total), total) };
}

/** Null for what is no packet of IP, or a later piece of one. */
export function datagramOf(link: number, frame: Buffer): Datagram | null {
  const network = networkOf(link, frame);
  if (network === null) return null;
  const bytes = frame.subarray(network.at);
  const carried = network.kind === ipv4 ? carriedBy4(bytes) : network.kind === ipv6 ? carriedBy6(bytes) : null;
  if (carried === null) return null;
  const { from, to, protocol, body } = carried;
  const way = { from, to, fromPort: null, toPort: null, opens: false };
  if ((protocol === 6 && body.length >= 14) || (protocol === 17 && body.length >= 8)) {
    const isTcp = protocol === 6;
    const head = isTcp ? ((body[12] as number) >> 4) * 4 : 8;
    return {
      ...way, transport: isTcp ? 'tcp' : 'udp', fromPort: body.readUInt16BE(0), toPort: body.readUInt16BE(2),
      opens: isTcp && ((body[13] as number) & 0x12) === 0x02, payload: body.subarray(Math.min(Math.max(head, 8), body.length)),
    };
  }
  return { ...way, transport: protocol === 1 || protocol === 58 ? 'icmp' : 'other', payload: Buffer.alloc(0) };
}
