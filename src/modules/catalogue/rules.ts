/** Pure rules: what a release may still take, who sees what at an hour, and by which right a kind of artefact is read. */
import { Refusal } from '#kit/refusal';
import { lateKinds, tlpLabels, type AccessClass, type Artefact, type ArtefactKind, type Badge, type Label, type ReleaseState } from './model.ts';

export function refuseLate(state: ReleaseState, kind: ArtefactKind): void {
  if (state === 'prepared' || (state === 'published' && lateKinds.includes(kind))) return;
  throw state === 'withdrawn'
    ? new Refusal('conflict', 'release.withdrawn', 'This release was withdrawn: nothing is added to it.')
    : new Refusal('conflict', 'release.published', 'What a release holds of source code and files is fixed once it is published.', {
      hint: 'Documents, audits and declared flows may still be added; for the rest prepare the next release.',
    });
}

export function refusePublishing({ state, artefacts }: { readonly state: ReleaseState; readonly artefacts: number }): void {
  if (state === 'published') throw new Refusal('conflict', 'release.published-already', 'This release is published.');
  if (state === 'withdrawn') throw new Refusal('conflict', 'release.withdrawn', 'This release was withdrawn: it is not published again.');
  if (artefacts === 0) throw new Refusal('conflict', 'release.empty', 'A release that holds nothing is not published.');
}

/** By which right and as what kind of resource an artefact is read, and how deep that goes: code and files, or papers on them. */
export type ReadBy = 'source' | 'document';
const papers: readonly ArtefactKind[] = ['document', 'sbom', 'audit', 'flows'];
export const readBy = (kind: ArtefactKind): ReadBy => (papers.includes(kind) ? 'document' : 'source');
export const asked = {
  source: { right: 'source.view', kind: 'source', level: 4 }, document: { right: 'document.view', kind: 'document', level: 3 },
} as const satisfies Record<ReadBy, object>;

/** What somebody may read of a product, by label: null where nothing. `own`: all of it. */
export interface Reach {
  readonly org: string;
  readonly own: boolean;
  readonly source: readonly Label[] | null;
  readonly document: readonly Label[] | null;
}

interface Timed {
  readonly embargoUntil: string | null;
  readonly early: readonly string[];
}

/** Whether its hour has come for an organisation. */
export const isOut = ({ embargoUntil, early }: Timed, org: string, nowMs: number): boolean =>
  embargoUntil === null || nowMs >= Date.parse(embargoUntil) || early.includes(org);

/** A release is known of by its owner; by others once it was published and its hour has come. */
export const knowsRelease = (reach: Reach, release: Timed & { readonly state: ReleaseState }, nowMs: number): boolean =>
  reach.own || (release.state !== 'prepared' && isOut(release, reach.org, nowMs));

/** Of an artefact of a release that one may know of. */
export function knowsArtefact(
  reach: Reach, artefact: Timed & { readonly kind: ArtefactKind; readonly access: AccessClass; readonly tlp: Label }, nowMs: number,
): boolean {
  if (reach.own) return true;
  if (!isOut(artefact, reach.org, nowMs)) return false;
  return artefact.access === 'public' || (reach[readBy(artefact.kind)]?.includes(artefact.tlp) ?? false);
}

/** Whether what is in it opens outside of the centre. */
export function openableOf(artefact: { readonly kind: ArtefactKind; readonly access: AccessClass; readonly withdrawnAt: string | null }): Artefact['openable'] {
  if (artefact.withdrawnAt !== null) return 'withdrawn';
  if (artefact.access === 'on-site' || artefact.access === 'black') return artefact.access;
  return artefact.kind === 'source' || artefact.kind === 'cloud' ? 'source' : 'yes';
}

/** What is public carries no narrower label. */
export function refuseLabel(access: AccessClass, tlp: Label): void {
  if (access !== 'public' || tlp === 'CLEAR') return;
  throw new Refusal('invalid', 'artefact.public-label', 'What is public is TLP:CLEAR.', { at: 'tlp' });
}

export const rankOf = (label: Label): number => tlpLabels.indexOf(label);
export const labelOf = (rank: number): Label => tlpLabels[rank] ?? 'RED';

/** Of the releases that an organisation may know of: how far its reviews have come. */
export function badgeOf(
  releases: readonly { readonly id: string; readonly version: string; readonly state: ReleaseState; readonly ordinal: number | null }[],
  review: { readonly release: string; readonly ordinal: number; readonly at: string } | null,
  equivalence: Badge['equivalence'] = 'not-assessed',
): Badge {
  const published = releases.filter((r) => r.state === 'published' && r.ordinal !== null);
  const behind = published.filter((r) => (r.ordinal ?? 0) > (review?.ordinal ?? 0)).length;
  const reviewed = review ? releases.find((r) => r.id === review.release)?.version ?? null : null;
  return {
    state: review === null ? 'none' : behind === 0 ? 'current' : 'behind', behind, reviewed, reviewedRelease: review?.release ?? null,
    at: review?.at ?? null, equivalence,
  };
}

/** Lines between two times that a copy says whose it is. */
const sayEvery = 40;

/** A reader's copy: whose it is stands at the beginning, at the end and between, so that a part of it says so too. */
export function markedCopy(
  text: string, { mark, tlp, person, org }: { readonly mark: string; readonly tlp: Label; readonly person: string; readonly org: string },
): string {
  const said = `[TLP:${tlp} · ${person}, ${org} · ${mark}]`;
  const lines = text.replace(/\r?\n$/, '').split(/\r?\n/);
  return [said, ...lines.flatMap((line, i) => (i > 0 && i % sayEvery === 0 ? [said, line] : [line])), said, ''].join('\n');
}
