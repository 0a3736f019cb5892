/** Pure rules: how places are called, what most are served, how far behind that is, and what may be said of an alarm. */
import { Refusal } from '#kit/refusal';
import { positionWord } from '#kit/watch/changes';
import type { SeenFile, View } from '#kit/watch/view';
import { lastingKinds, type AlarmKind } from './model.ts';

/** A country, with the network where the observer stands for one. */
export const placeOf = ({ country, network }: { readonly country: string; readonly network: string | null }): string =>
  (network === null ? country : `${country} ${network}`);

/** As the manifest calls what it offers; null where it says nothing. */
export function servedWord(view: View | undefined): string | null {
  const word = view && view.listing !== null ? positionWord(view) : '';
  return word === '' ? null : word;
}

/** By how many published releases something is behind the newest; null where the catalogue does not know it. */
export function behindOf(releases: readonly string[], serves: string | null): number | null {
  const at = serves === null ? -1 : releases.indexOf(serves);
  return at < 0 ? null : at;
}

interface Sight { readonly view: string; readonly place: string; readonly heardAt: string }

/** Looks that still count: the rest are silent. */
export const isFresh = ({ heardAt }: { readonly heardAt: string }, silentMinutes: number, nowMs: number): boolean =>
  nowMs - Date.parse(heardAt) <= silentMinutes * 60_000;

/** The view that most places are served; of equally many the one that was heard first. Null where nobody looked. */
export function mostServed(sights: readonly Sight[]): string | null {
  const places = new Map<string, Set<string>>();
  for (const { view, place } of [...sights].sort((a, b) => (a.heardAt < b.heardAt ? -1 : 1))) places.set(view, (places.get(view) ?? new Set()).add(place));
  let most: string | null = null;
  for (const [view, of] of places) if (most === null || of.size > (places.get(most)?.size ?? 0)) most = view;
  return most;
}

interface Standing { readonly kind: AlarmKind; readonly scope: string; readonly orgs: readonly string[]; readonly overAt: string | null;
  readonly explainedAt: string | null; readonly closedAt: string | null }

export const stateOf = ({ explainedAt, closedAt }: Pick<Standing, 'explainedAt' | 'closedAt'>): 'open' | 'explained' | 'closed' =>
  (closedAt !== null ? 'closed' : explainedAt !== null ? 'explained' : 'open');

/** Whose product it is does not close what others saw of it. */
export const isObserverSide = ({ scope, orgs }: Pick<Standing, 'scope' | 'orgs'>, org: string): boolean =>
  orgs.includes(org) && (org !== scope || orgs.every((o) => o === scope));

export function refuseClosing(alarm: Standing, org: string): void {
  if (!isObserverSide(alarm, org)) {
    throw new Refusal('forbidden', 'channel-alarm.not-observed', 'An alarm is closed by an organisation whose observer saw it.', {
      hint: 'Whose product it is may explain it.',
    });
  }
  refuseClosed(alarm);
  if (lastingKinds.includes(alarm.kind) && alarm.overAt === null && alarm.explainedAt === null) {
    throw new Refusal('conflict', 'channel-alarm.goes-on', 'It still goes on, and nobody has explained it.', {
      hint: 'It can be closed once it is over, or once the steward of the product has explained it.',
    });
  }
}

export function refuseClosed({ closedAt }: Pick<Standing, 'closedAt'>): void {
  if (closedAt !== null) throw new Refusal('conflict', 'channel-alarm.closed', 'This alarm is closed.');
}

/** Pieces larger than this are not kept: then the region alone is told. */
export const mostExcerptBytes = 1024 * 1024;

/** The piece of a file in which a region begins. */
export function pieceAt(file: SeenFile, from: number): { readonly from: number; readonly to: number; readonly digest: string } | null {
  if (file.pieceSize === 0 || file.pieceSize > mostExcerptBytes) return null;
  const index = Math.floor(from / file.pieceSize);
  const digest = file.pieces[index];
  return digest === undefined ? null : { from: index * file.pieceSize, to: Math.min((index + 1) * file.pieceSize, file.size), digest };
}
