/**
 * Who would be told, and what in the registry stands against each other. Pure; the order of specificity is that of
 * `kit/ip/owners`, which attributes events, and a test holds the two to the same answer.
 */
import { formatPrefix, isV4, maskTo, parsePrefix, readIp, type Prefix } from '#kit/ip/ip';
import type { RegistryDoubt } from '../model/contacts.ts';
import type { Asset } from '../model/registry.ts';
import { overlap, proofState } from './registry.ts';

/** What one asks about: at least one of them. */
export interface Question {
  readonly ip?: string | undefined;
  readonly domain?: string | undefined;
  readonly asn?: number | undefined;
  readonly certificate?: string | undefined;
  /** A site is its owner's wherever it is hosted. */
  readonly website: boolean;
}

/** Whether an asset is its holder's at a moment (milliseconds). */
export const holds = (a: Asset, at: number): boolean => Date.parse(a.from) <= at && (a.to === null || at < Date.parse(a.to));

/** Claims that cover it at a moment (milliseconds), the one that wins first. */
export function covering(assets: readonly Asset[], asked: Question, at: number): Asset[] {
  const then = assets.filter((a) => holds(a, at));
  const ip = new Uint8Array(16);
  const addressed = asked.ip !== undefined && readIp(asked.ip, ip)
    ? longest(then.filter((a) => a.kind === 'prefix' && covers(a.value, ip)), (a) => parsePrefix(a.value)?.bits ?? 0) : [];
  const name = asked.domain?.toLowerCase();
  const named = name === undefined ? []
    : longest(then.filter((a) => a.kind === 'domain' && (name === a.value || name.endsWith(`.${a.value}`))), (a) => a.value.length);
  const shown = then.filter((a) => a.kind === 'certificate' && a.value === asked.certificate);
  const routed = then.filter((a) => a.kind === 'asn' && Number(a.value) === asked.asn);
  return asked.website ? [...named, ...shown, ...addressed, ...routed] : [...shown, ...addressed, ...named, ...routed];
}

function longest(assets: readonly Asset[], size: (a: Asset) => number): Asset[] {
  return assets.toSorted((x, y) => size(y) - size(x) || (x.id < y.id ? -1 : 1));
}

function covers(value: string, ip: Uint8Array): boolean {
  const prefix = parsePrefix(value);
  return prefix !== null && inside(ip, prefix);
}

/** An IPv4 address lies in IPv4 prefixes only, as for `kit/ip/owners`. */
function inside(ip: Uint8Array, { network, bits }: Prefix): boolean {
  if (isV4(ip) && bits < 96) return false;
  const masked = maskTo(ip, bits);
  return network.every((byte, i) => byte === masked[i]);
}

/**
 * Holdings that lie in another's, and holdings on no proof or on one that has lapsed. That one lies in another is no error:
 * the more specific wins; it is shown because a sold network often stays in the seller's list.
 */
export function doubts(assets: readonly Asset[], names: ReadonlyMap<string, string>, at: number): RegistryDoubt[] {
  const nameOf = (id: string): string => names.get(id) ?? id;
  const live = assets.filter((a) => a.to === null || Date.parse(a.to) > at);
  const told = (why: RegistryDoubt['why'], a: Asset, other: Asset | null): RegistryDoubt => ({
    why, kind: a.kind, value: a.value, constituent: a.constituent, constituentName: nameOf(a.constituent),
    other: other && { constituent: other.constituent, constituentName: nameOf(other.constituent), value: other.value }, since: a.from,
  });
  const wider = widerOf(live);
  return live.flatMap((a) => {
    const around = wider(a).find((o) => o.constituent !== a.constituent && overlap(a, o));
    const proof = proofState(a.proof, at);
    return [
      ...(around ? [told('within-another', a, around)] : []),
      ...(proof === 'lapsed' ? [told('lapsed', a, null)] : proof === 'none' ? [told('unproven', a, null)] : []),
    ];
  });
}

/** Holdings that a holding lies in, nearest first, looked up by each shorter prefix or suffix: no pair is compared twice. */
function widerOf(assets: readonly Asset[]): (a: Asset) => Asset[] {
  const byValue = new Map<string, Asset[]>();
  for (const a of assets) byValue.set(`${a.kind} ${a.value}`, [...(byValue.get(`${a.kind} ${a.value}`) ?? []), a]);
  return (a) => {
    const keys: string[] = [];
    if (a.kind === 'domain') {
      for (let dot = a.value.indexOf('.'); dot >= 0; dot = a.value.indexOf('.', dot + 1)) keys.push(a.value.slice(dot + 1));
    }
    const prefix = a.kind === 'prefix' ? parsePrefix(a.value) : null;
    if (prefix) {
      const floor = a.value.includes(':') ? 0 : 96;
      for (let bits = prefix.bits - 1; bits >= floor; bits--) keys.push(formatPrefix({ network: maskTo(prefix.network, bits), bits }));
    }
    return keys.flatMap((value) => byValue.get(`${a.kind} ${value}`) ?? []);
  };
}
