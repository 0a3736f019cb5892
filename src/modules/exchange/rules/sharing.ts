/** Into which collections of its holder an object goes by itself, and into which it may be put. Pure. */
import { red } from './tlp.ts';

export interface CollectionRule {
  readonly coll: number;
  readonly kind: 'library' | 'eyes' | 'shared';
  readonly ceiling: number;
  readonly types: readonly string[] | null;
}

export interface Candidate {
  readonly type: string;
  /** The highest label of the version, of its granular markings, and of what is known of the object by now. */
  readonly tlp: number;
  /** Whether its holder made it: what came from others is passed on only by a decision of its own. */
  readonly own: boolean;
  /** Collections into which its sender put it: the one that it named, and those of the others of a community. */
  readonly into?: ReadonlySet<number> | undefined;
}

/** Whether a collection may hold it at all. */
export const mayHold = (rule: CollectionRule, { type, tlp }: Pick<Candidate, 'type' | 'tlp'>): boolean =>
  rule.kind === 'shared' && tlp < red && tlp <= rule.ceiling && (rule.types === null || rule.types.includes(type));

/** Whether it goes in by itself: everything into the library or before the named eyes, one's own into what is shared. */
export function goesInto(rule: CollectionRule, candidate: Candidate): boolean {
  if (rule.kind === 'eyes') return candidate.tlp >= red;
  if (rule.kind === 'library') return candidate.tlp < red;
  return mayHold(rule, candidate) && (candidate.own || candidate.into?.has(rule.coll) === true);
}
