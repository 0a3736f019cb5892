/** Whether an address lies in one of some networks; IPv4 and its form mapped into IPv6 (RFC 4291 2.5.5.2) are one address. */
import type { Prefix } from './ip.ts';

/** The address is sixteen bytes, as `readIp` writes them. */
export function liesIn(networks: readonly Prefix[], address: Uint8Array): boolean {
  for (const network of networks) if (covers(network, address, 128)) return true;
  return false;
}

/** Whether every address of `inner` is one of `outer`. */
export function isWithin(inner: Prefix, outer: Prefix): boolean {
  return covers(outer, inner.network, inner.bits);
}

function covers(outer: Prefix, bytes: Uint8Array, bits: number): boolean {
  if (bits < outer.bits) return false;
  const whole = outer.bits >> 3;
  for (let i = 0; i < whole; i++) if (bytes[i] !== outer.network[i]) return false;
  const rest = outer.bits & 7;
  const mask = (0xff00 >> rest) & 255;
  return rest === 0 || ((bytes[whole] as number) & mask) === outer.network[whole];
}
