/**
 * Who answered for an address, a network or a domain at a moment. The longest prefix that was valid then wins, then the
 * longest domain suffix, then the autonomous system; a certificate is asked for by itself. A claim holds from its first second up to, not including, its last.
 */
import { isV4, maskTo, parsePrefix, v4At } from './ip.ts';

export interface Claim {
  readonly kind: 'prefix' | 'asn' | 'domain' | 'certificate';
  readonly value: string;
  readonly owner: string;
  /** Seconds since the epoch, included. */
  readonly from: number;
  /** Seconds since the epoch, excluded; Infinity for no end. */
  readonly to: number;
}

interface Holding { readonly owner: string; readonly from: number; readonly to: number }

export class Owners {
  /** By prefix length, longest first; keyed by the masked address. */
  private readonly prefixes: { readonly bits: number; readonly held: Map<string, Holding[]> }[] = [];
  private readonly v4: { readonly shift: number; readonly held: Map<number, Holding[]> }[] = [];
  private readonly asns = new Map<number, Holding[]>();
  private readonly domains = new Map<string, Holding[]>();
  private readonly certificates = new Map<string, Holding[]>();

  constructor(claims: readonly Claim[]) {
    const byBits = new Map<number, Map<string, Holding[]>>();
    const byBits4 = new Map<number, Map<number, Holding[]>>();
    for (const { kind, value, owner, from, to } of claims) {
      const holding = { owner, from, to };
      if (kind === 'asn') append(this.asns, Number(value), holding);
      else if (kind === 'certificate') append(this.certificates, value, holding);
      else if (kind === 'domain') append(this.domains, value.toLowerCase(), holding);
      else this.addPrefix(value, holding, byBits, byBits4);
    }
    for (const [bits, held] of [...byBits].sort(([x], [y]) => y - x)) this.prefixes.push({ bits, held });
    for (const [bits, held] of [...byBits4].sort(([x], [y]) => y - x)) this.v4.push({ shift: 32 - bits, held });
  }

  private addPrefix(
    value: string, holding: Holding, byBits: Map<number, Map<string, Holding[]>>,
    byBits4: Map<number, Map<number, Holding[]>>,
  ): void {
    const prefix = parsePrefix(value);
    if (prefix === null) return;
    if (prefix.bits >= 96 && isV4(prefix.network)) {
      const bits = prefix.bits - 96;
      const held = byBits4.get(bits) ?? new Map<number, Holding[]>();
      byBits4.set(bits, held);
      append(held, shifted(v4At(prefix.network), 32 - bits), holding);
    } else {
      const held = byBits.get(prefix.bits) ?? new Map<string, Holding[]>();
      byBits.set(prefix.bits, held);
      append(held, keyOf(prefix.network), holding);
    }
  }

  /** Owner of an address at a second, '' where nobody is known. */
  ofAddress(ip: Uint8Array, at: number): string {
    if (isV4(ip)) {
      const v4 = v4At(ip);
      for (const { shift, held } of this.v4) {
        const owner = valid(held.get(shifted(v4, shift)), at);
        if (owner !== '') return owner;
      }
      return '';
    }
    for (const { bits, held } of this.prefixes) {
      const owner = valid(held.get(keyOf(maskTo(ip, bits))), at);
      if (owner !== '') return owner;
    }
    return '';
  }

  ofAsn(asn: number, at: number): string {
    return asn === 0 ? '' : valid(this.asns.get(asn), at);
  }

  /** Whether a certificate needs to be looked for at all. */
  get knowsCertificates(): boolean {
    return this.certificates.size > 0;
  }

  /** Owner of a certificate by its SHA-256 in lower-case hex. */
  ofCertificate(sha256: string, at: number): string {
    return valid(this.certificates.get(sha256), at);
  }

  /** Owner of a domain by its longest suffix in the registry. */
  ofDomain(domain: string, at: number): string {
    if (this.domains.size === 0) return '';
    let rest = domain.toLowerCase();
    for (;;) {
      const owner = valid(this.domains.get(rest), at);
      if (owner !== '') return owner;
      const dot = rest.indexOf('.');
      if (dot < 0) return '';
      rest = rest.slice(dot + 1);
    }
  }
}

function append<K>(map: Map<K, Holding[]>, key: K, holding: Holding): void {
  const list = map.get(key);
  if (list) list.push(holding);
  else map.set(key, [holding]);
}

function valid(list: readonly Holding[] | undefined, at: number): string {
  if (list === undefined) return '';
  for (const { owner, from, to } of list) if (from <= at && at < to) return owner;
  return '';
}

const shifted = (v4: number, shift: number): number => (shift === 32 ? 0 : v4 >>> shift);
const keyOf = (bytes: Uint8Array): string => Buffer.from(bytes).toString('latin1');

