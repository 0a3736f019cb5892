/** What a blind community asks of what its members add, and where that goes. Pure. */

/** Where something goes that is put into a collection: into it, and into those of the other members of its community. */
export function placesFor(
  into: { readonly coll: number; readonly community: string | null }, open: readonly { readonly coll: number; readonly community: string | null }[],
): ReadonlySet<number> {
  const others = into.community === null ? [] : open.filter((c) => c.community === into.community);
  return new Set([into.coll, ...others.map((c) => c.coll)]);
}

/**
 * Why an object cannot go to people who must not learn who made it: it names its creator, or is such a name. What stands in its texts is
 * its sender's own to look at. Null where it may.
 */
export function whatNamesItsMaker({ type, creator }: { readonly type: string; readonly creator: string | null }): string | null {
  if (type === 'identity') return 'A blind community takes in no identity: it would tell its members who is in it.';
  if (type === 'marking-definition') return 'A blind community takes in no marking of its members’ own: its statement would tell who they are.';
  return creator === null ? null : 'A blind community takes in nothing that names who made it: leave out created_by_ref.';
}
