/** Names that traffic itself tells: of DNS questions and answers, of TLS (RFC 6066, server_name), of HTTP (Host). All of it is anybody's text. */
import { formatIp } from '#kit/ip/ip';
import { hostOf } from './declared.ts';

/** A name in a DNS message (RFC 1035, 4.1.4), and where what follows it begins; null where it is broken. */
function nameAt(b: Buffer, start: number): { name: string; next: number } | null {
  const labels: string[] = [];
  let [at, next, jumps] = [start, -1, 0];
  for (let length = 0; ;) {
    const size = b[at];
    if (size === undefined) return null;
    if (size === 0) return { name: labels.join('.'), next: next < 0 ? at + 1 : next };
    if (size >= 0xc0) {
      if (++jumps > 20 || at + 2 > b.length) return null;
      if (next < 0) next = at + 2;
      at = b.readUInt16BE(at) & 0x3fff;
      continue;
    }
    length += size + 1;
    if (size > 63 || length > 255 || at + 1 + size > b.length) return null;
    labels.push(b.toString('latin1', at + 1, at + 1 + size));
    at += 1 + size;
  }
}

export interface DnsMessage {
  readonly isAnswer: boolean;
  readonly name: string;
  /** What the name stands for, in an answer; over other names as well. */
  readonly addresses: readonly string[];
}

/** Null for what is no question or answer of one name. */
export function dnsOf(b: Buffer): DnsMessage | null {
  if (b.length < 12 || b.readUInt16BE(4) !== 1 || (b.readUInt16BE(2) & 0x7800) !== 0) return null;
  const question = nameAt(b, 12);
  const name = question ? hostOf(question.name) : null;
  if (!question || name === null) return null;
  const addresses: string[] = [];
  let at = question.next + 4;
  for (let left = b.readUInt16BE(6); left > 0; left--) {
    const owner = nameAt(b, at);
    if (!owner || owner.next + 10 > b.length) break;
    const [type, size] = [b.readUInt16BE(owner.next), b.readUInt16BE(owner.next + 8)];
    const data = b.subarray(owner.next + 10, owner.next + 10 + size);
    if (data.length < size) break;
    if ((type === 1 && size === 4) || (type === 28 && size === 16)) {
      const bytes = new Uint8Array(16);
      if (size === 4) bytes.fill(255, 10, 12);
      bytes.set(data, 16 - size);
      addresses.push(formatIp(bytes));
    }
    at = owner.next + 10 + size;
  }
  return { isAnswer: (b.readUInt16BE(2) & 0x8000) !== 0, name, addresses };
}

/** The server's name in a TLS greeting; null where there is none, or it was captured in part. */
export function tlsNameOf(b: Buffer): string | null {
  if (b.length < 44 || b[0] !== 22 || b[1] !== 3 || b[5] !== 1) return null;
  let at = 9 + 2 + 32;
  const skip = (bytes: 1 | 2): void => {
    const size = at + bytes > b.length ? 0 : bytes === 1 ? b.readUInt8(at) : b.readUInt16BE(at);
    at += bytes + size;
  };
  skip(1);
  skip(2);
  skip(1);
  if (at + 2 > b.length) return null;
  const end = Math.min(b.length, at + 2 + b.readUInt16BE(at));
  for (at += 2; at + 4 <= end;) {
    const [type, size] = [b.readUInt16BE(at), b.readUInt16BE(at + 2)];
    at += 4;
    if (type === 0 && at + 5 <= end && b[at + 2] === 0) {
      const length = b.readUInt16BE(at + 3);
      return at + 5 + length <= end ? hostOf(b.toString('latin1', at + 5, at + 5 + length)) : null;
    }
    at += size;
  }
  return null;
}

/** The host that an HTTP request names. */
export function httpNameOf(b: Buffer): string | null {
  const text = b.toString('latin1', 0, 4096);
  if (!/^[A-Z]{3,10} \S+ HTTP\/1\.[01]\r\n/.test(text)) return null;
  const host = /\r\nHost: *([^\r\n]*)\r\n/i.exec(text)?.[1]?.replace(/:\d+$/, '');
  return host === undefined ? null : hostOf(host);
}
