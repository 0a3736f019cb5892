/**
 * Whether somebody else may be looked at by way of a target: it must lie in what one constituent holds, by the claim that wins, and nobody
 * else may hold a part of it. Pure.
 */
import { formatPrefix, holdsIp, parsePrefix, type Prefix } from '#kit/ip/ip';
import { Refusal } from '#kit/refusal';
import type { Asset } from '../model/registry.ts';
import { covering, holds } from './covering.ts';
import { canonicalValue } from './registry.ts';

export type Target = { readonly kind: 'prefix'; readonly value: string; readonly prefix: Prefix } | { readonly kind: 'domain'; readonly value: string };

/** An address, a prefix or a host name, in its one form; a Refusal of the field where it is none. */
export function targetOf(text: string, at: string): Target {
  const word = text.trim();
  const prefix = parsePrefix(word);
  if (prefix !== null) return { kind: 'prefix', value: formatPrefix(prefix), prefix };
  const named = /[a-z]/i.test(word) && !/[/:]/.test(word);
  try {
    return { kind: 'domain', value: canonicalValue(named ? 'domain' : 'prefix', word) };
  } catch (error) {
    if (error instanceof Refusal) throw new Refusal(error.kind, error.code, error.message, { ...error.detail, at });
    throw error;
  }
}

const within = (inner: Prefix, outer: Prefix): boolean => inner.bits >= outer.bits && holdsIp(outer, inner.network);

/** Null where all of it is the constituent's at a moment (milliseconds); else why not. */
export function notHeld(assets: readonly Asset[], constituent: string, target: Target, at: number): 'not-held' | 'of-another' | null {
  if (target.kind === 'domain') {
    const [winner] = covering(assets, { domain: target.value, website: true }, at).filter((a) => a.kind === 'domain');
    return winner === undefined ? 'not-held' : winner.constituent === constituent ? null : 'of-another';
  }
  const prefixes = assets.flatMap((a) => {
    const prefix = a.kind === 'prefix' && holds(a, at) ? parsePrefix(a.value) : null;
    return prefix === null ? [] : [{ constituent: a.constituent, prefix }];
  });
  const around = prefixes.filter((p) => within(target.prefix, p.prefix)).toSorted((x, y) => y.prefix.bits - x.prefix.bits);
  if (around[0] === undefined) return 'not-held';
  if (around[0].constituent !== constituent) return 'of-another';
  return prefixes.some((p) => p.constituent !== constituent && within(p.prefix, target.prefix)) ? 'of-another' : null;
}
