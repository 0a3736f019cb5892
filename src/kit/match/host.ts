/**
 * Domains and addresses in the one spelling that they are compared in: A-labels in lower case without a trailing dot, IPv4 as four numbers,
 * IPv6 as RFC 5952 writes it, IPv4 that was mapped into IPv6 as IPv4, prefixes without host bits.
 */
import { formatIp, formatPrefix, ipv4Of, isV4, maskTo, readIp } from '#kit/ip/ip';

export interface Host {
  readonly kind: 'ipv4' | 'ipv6' | 'domain';
  readonly value: string;
}

/** The last label is never a number, so that no address and no version is a domain. */
const wholeName = /^(?:[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?\.)+(?=[0-9-]*[a-z])[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])$/;

/** At least two labels, 253 characters; an underscore may stand in all but the last. Null where the text is no such name. */
export function readDomain(text: string): string | null {
  let name = text;
  if (name.length > 1024) return null;
  if (/[^\x00-\x7f]/.test(name)) {
    const ascii = toAscii(name);
    if (ascii === null) return null;
    name = ascii;
  }
  name = name.toLowerCase();
  if (name.startsWith('*.')) name = name.slice(2);
  else if (name.startsWith('.')) name = name.slice(1);
  if (name.endsWith('.')) name = name.slice(0, -1);
  if (name.length > 253) return null;
  return wholeName.test(name) ? name : null;
}

/** The browser's own rules for names (UTS 46); what they would read as something else than a name is none. */
function toAscii(name: string): string | null {
  if (/[\s/?#@:\\%[\]<>^|]/.test(name)) return null;
  try {
    return new URL(`http://${name.replace(/^\*?[.。]/, '')}`).hostname;
  } catch {
    return null;
  }
}

/** An address in its one spelling. A zone (`fe80::1%eth0`) is no part of it. */
export function readAddress(text: string): Host | null {
  // The one spelling that it takes.
  if (ipv4Of(text) >= 0) return { kind: 'ipv4', value: text };
  if (!text.includes(':')) return null;
  const bytes = new Uint8Array(16);
  const bare = text.startsWith('[') && text.endsWith(']') ? text.slice(1, -1) : text;
  if (bare.length > 80 || !readIp(bare.replace(/%[0-9a-z._-]+$/i, ''), bytes)) return null;
  return { kind: isV4(bytes) ? 'ipv4' : 'ipv6', value: formatIp(bytes) };
}

export function readHost(text: string): Host | null {
  const address = readAddress(text);
  if (address) return address;
  const value = readDomain(text);
  return value === null ? null : { kind: 'domain', value };
}

/** A prefix, host bits cleared; one that holds one address is that address. */
export function readPrefix(text: string): Host | { readonly kind: 'prefix'; readonly value: string } | null {
  if (!text.includes('/')) return null;
  const found = /^([0-9a-f.:]{2,45})\/(\d{1,3})$/i.exec(text);
  const bytes = new Uint8Array(16);
  if (!found || !readIp(found[1] ?? '', bytes)) return null;
  const own = Number(found[2]);
  const v4 = !(found[1] ?? '').includes(':');
  if (own > (v4 ? 32 : 128)) return null;
  const bits = v4 ? own + 96 : own;
  const network = maskTo(bytes, bits);
  if (bits === 128) return { kind: isV4(network) ? 'ipv4' : 'ipv6', value: formatIp(network) };
  return { kind: 'prefix', value: formatPrefix({ network, bits }) };
}
