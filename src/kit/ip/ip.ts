/**
 * Addresses as sixteen bytes, IPv4 as mapped IPv6 (RFC 4291 2.5.5.2), read and written by hand since millions pass
 * here; prefixes in canonical form. Textual IPv6 is written as RFC 5952 has it.
 */

/** Reads an address into 16 bytes at `to`. False where the text is none: no leading zeros in IPv4, no zones. */
export function readIp(text: string, out: Uint8Array, to = 0): boolean {
  const v4 = ipv4Of(text);
  if (v4 >= 0) {
    writeV4(v4, out, to);
    return true;
  }
  return text.includes(':') && readV6(text, out, to);
}

export function writeV4(v4: number, out: Uint8Array, to = 0): void {
  out.fill(0, to, to + 10);
  out[to + 10] = 255;
  out[to + 11] = 255;
  out[to + 12] = v4 >>> 24;
  out[to + 13] = (v4 >>> 16) & 255;
  out[to + 14] = (v4 >>> 8) & 255;
  out[to + 15] = v4 & 255;
}

/** An IPv4 address as an unsigned number, -1 where the text is none. */
export function ipv4Of(text: string): number {
  const size = text.length;
  if (size < 7 || size > 15) return -1;
  let value = 0;
  let part = 0;
  let digits = 0;
  let dots = 0;
  for (let i = 0; i < size; i++) {
    const code = text.charCodeAt(i);
    if (code === 46) {
      if (digits === 0) return -1;
      value = value * 256 + part;
      part = 0;
      digits = 0;
      dots += 1;
    } else {
      if (code < 48 || code > 57 || (digits === 1 && part === 0) || digits === 3) return -1;
      part = part * 10 + code - 48;
      if (part > 255) return -1;
      digits += 1;
    }
  }
  return dots === 3 && digits > 0 ? value * 256 + part : -1;
}

function readV6(text: string, out: Uint8Array, to: number): boolean {
  if (text.length > 45) return false;
  const gap = text.indexOf('::');
  if (gap >= 0 && text.indexOf('::', gap + 1) >= 0) return false;
  const head = groups(gap < 0 ? text : text.slice(0, gap), gap < 0);
  const tail = gap < 0 ? [] : groups(text.slice(gap + 2), true);
  if (head === null || tail === null) return false;
  const known = head.length + tail.length;
  if (gap < 0 ? known !== 8 : known > 7) return false;
  out.fill(0, to, to + 16);
  for (let i = 0; i < head.length; i++) {
    out[to + i * 2] = (head[i] as number) >>> 8;
    out[to + i * 2 + 1] = (head[i] as number) & 255;
  }
  const start = 8 - tail.length;
  for (let i = 0; i < tail.length; i++) {
    out[to + (start + i) * 2] = (tail[i] as number) >>> 8;
    out[to + (start + i) * 2 + 1] = (tail[i] as number) & 255;
  }
  return true;
}

/** 16-bit groups of one side of `::`; an IPv4 address may end the last side. */
function groups(text: string, last: boolean): number[] | null {
  if (text === '') return [];
  const words = text.split(':');
  const out: number[] = [];
  for (let i = 0; i < words.length; i++) {
    const word = words[i] as string;
    if (last && i === words.length - 1 && word.includes('.')) {
      const v4 = ipv4Of(word);
      if (v4 < 0) return null;
      out.push(Math.floor(v4 / 65536), v4 % 65536);
    } else {
      if (!/^[0-9a-f]{1,4}$/i.test(word)) return null;
      out.push(Number.parseInt(word, 16));
    }
  }
  return out;
}

export function isV4(bytes: Uint8Array, at = 0): boolean {
  for (let i = 0; i < 10; i++) if (bytes[at + i] !== 0) return false;
  return bytes[at + 10] === 255 && bytes[at + 11] === 255;
}

/** The IPv4 address as an unsigned number; ask `isV4` first. */
export function v4At(bytes: Uint8Array, at = 0): number {
  return (((bytes[at + 12] as number) << 24) | ((bytes[at + 13] as number) << 16) |
    ((bytes[at + 14] as number) << 8) | (bytes[at + 15] as number)) >>> 0;
}

export function formatIp(bytes: Uint8Array, at = 0): string {
  if (isV4(bytes, at)) return `${bytes[at + 12]}.${bytes[at + 13]}.${bytes[at + 14]}.${bytes[at + 15]}`;
  const words: number[] = [];
  for (let i = 0; i < 8; i++) words.push(((bytes[at + i * 2] as number) << 8) | (bytes[at + i * 2 + 1] as number));
  let best = -1;
  let length = 1;
  for (let i = 0; i < 8; i++) {
    let run = 0;
    while (i + run < 8 && words[i + run] === 0) run += 1;
    if (run > length) {
      best = i;
      length = run;
    }
  }
  const hex = (list: number[]): string => list.map((word) => word.toString(16)).join(':');
  return best < 0 ? hex(words) : `${hex(words.slice(0, best))}::${hex(words.slice(best + length))}`;
}

export interface Prefix {
  /** Sixteen bytes, host bits zero. */
  readonly network: Uint8Array;
  /** Bits of the sixteen bytes: 96 + 24 for an IPv4 /24. */
  readonly bits: number;
}

/** `203.0.113.0/24` or a single address; null where it is none or where host bits are set. */
export function parsePrefix(text: string): Prefix | null {
  const [address = '', length, extra] = text.split('/');
  const network = new Uint8Array(16);
  if (extra !== undefined || !readIp(address, network)) return null;
  const v4 = !address.includes(':');
  if (length !== undefined && !/^\d{1,3}$/.test(length)) return null;
  const own = length === undefined ? (v4 ? 32 : 128) : Number(length);
  if (own > (v4 ? 32 : 128)) return null;
  const bits = v4 ? own + 96 : own;
  const masked = maskTo(network, bits);
  return masked.every((byte, i) => byte === network[i]) ? { network, bits } : null;
}

/** The first `bits` bits, the rest zero. */
export function maskTo(bytes: Uint8Array, bits: number): Uint8Array {
  const out = new Uint8Array(16);
  const whole = bits >> 3;
  out.set(bytes.subarray(0, whole));
  if (bits & 7) out[whole] = (bytes[whole] as number) & (0xff00 >> (bits & 7));
  return out;
}

/** Whether an address is of a prefix. An IPv4 address is of none of IPv6, however short. */
export const holdsIp = ({ network, bits }: Prefix, ip: Uint8Array): boolean =>
  !(isV4(ip) && bits < 96) && maskTo(ip, bits).every((byte, i) => byte === network[i]);

export function formatPrefix(prefix: Prefix): string {
  const v4 = isV4(prefix.network) && prefix.bits >= 96;
  return `${formatIp(prefix.network)}/${v4 ? prefix.bits - 96 : prefix.bits}`;
}
