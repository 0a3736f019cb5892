/**
 * Bytes of the piece in which two sides differ first. A hub holds no files: who has fetched them hands the piece in, and it proves itself by
 * its digest in the view that was signed. Only what an alarm wants is taken.
 */
import { createHash } from 'node:crypto';
import { fromBase64, toHex } from '#kit/encoding';
import type { Actions } from '#kit/endpoint';
import { Refusal } from '#kit/refusal';
import { manifestName } from '#kit/watch/changes';
import { firstDifference, shortDigest, type SeenFile, type View } from '#kit/watch/view';
import type { Queryable } from '#world/db/port';
import { asHub } from '#world/db/scope';
import { stateFact } from '#world/facts';
import type { z } from 'zod';
import type { watchApi } from '../api.ts';
import { alarmWithin } from '../gate.ts';
import type { Excerpt, Wanted } from '../model.ts';
import type { WatchParts } from '../parts.ts';
import { mostExcerptBytes, pieceAt } from '../rules.ts';
import { alarmsOf, excerptsOf, insertExcerpt, type AlarmRecord, type ExcerptRecord } from '../store/alarms.ts';
import { viewsOf } from '../store/runs.ts';

type All = Actions<typeof watchApi>;
/** Shown before and behind the first byte that differs. */
const round = 64;

interface WantedPiece extends Wanted { readonly digest: string; readonly sides: readonly string[] }

const fileIn = (view: View, { name, version }: Pick<AlarmRecord, 'name' | 'version'>): SeenFile | undefined =>
  (name === manifestName && version === null ? view.manifest : view.files.find((f) => f.name === name && f.version === version));

/** Of each content that the alarm tells apart: the piece in which it differs first. */
async function piecesOf(q: Queryable, alarm: AlarmRecord): Promise<WantedPiece[]> {
  if (alarm.region === null) return [];
  const views = await viewsOf(q, alarm.evidence.map(({ view }) => ({ channel: alarm.channel, view })));
  const found = new Map<string, WantedPiece>();
  for (const { view, side } of alarm.evidence) {
    const seen = views.get(view);
    const file = seen ? fileIn(seen, alarm) : undefined;
    const piece = file ? pieceAt(file, alarm.region.from) : null;
    if (!file?.sha256 || !piece) continue;
    const known = found.get(file.sha256);
    const sides = [...new Set([...known?.sides ?? [], side])];
    found.set(file.sha256, { alarm: alarm.id, sha256: file.sha256, from: piece.from, to: piece.to, digest: piece.digest, sides });
  }
  return [...found.values()];
}

const stillWanted = (pieces: readonly WantedPiece[], held: readonly ExcerptRecord[]): Wanted[] => pieces
  .filter((p) => !held.some((h) => h.sha256 === p.sha256)).map(({ alarm, sha256, from, to }) => ({ alarm, sha256, from, to }));

/** Of every alarm that is not closed. */
export async function wantedOf(q: Queryable, channels: readonly string[]): Promise<Wanted[]> {
  const open = (await alarmsOf(q, channels, 50)).filter((a) => a.closedAt === null && a.region !== null);
  const wanted: Wanted[] = [];
  for (const alarm of open) wanted.push(...stillWanted(await piecesOf(q, alarm), await excerptsOf(q, alarm.id)));
  return wanted;
}

export interface ShownBytes {
  readonly excerpts: z.infer<typeof Excerpt>[];
  readonly differsAt: number | null;
  readonly wanted: Wanted[];
}

/** Both sides round the first byte that differs; before both are there, the beginning of what is. */
export async function bytesOf(q: Queryable, alarm: AlarmRecord): Promise<ShownBytes> {
  const pieces = await piecesOf(q, alarm);
  // In the order of the evidence: what is served otherwise stands first.
  const placed = (sha256: string): number => pieces.findIndex((p) => p.sha256 === sha256);
  const held = (await excerptsOf(q, alarm.id)).toSorted((a, b) => placed(a.sha256) - placed(b.sha256));
  const [one, other] = held;
  const from = one?.from ?? 0;
  const differs = one && other ? firstDifference(one.bytes, other.bytes) : null;
  const start = Math.max(0, Math.floor(((differs ?? 0) - round) / 16) * 16);
  return {
    excerpts: held.map(({ sha256, bytes }) => ({
      sha256, sides: [...pieces.find((p) => p.sha256 === sha256)?.sides ?? []], from: from + start,
        hex: toHex(bytes.subarray(start, start + 2 * round + 16)),
    })),
    differsAt: differs === null ? null : from + differs, wanted: stillWanted(pieces, held),
  };
}

export const bytesActs = (parts: WatchParts): Pick<All, 'channel-alarms.add-bytes'> => ({
  'channel-alarms.add-bytes': async ({ alarm: id, sha256, from, bytes: base64 }, caller) => {
    const { actor } = caller;
    const { alarm, channel } = await alarmWithin(parts, caller, id);
    const bytes = fromBase64(base64);
    const piece = (await piecesOf(parts.db, alarm)).find((p) => p.sha256 === sha256 && p.from === from);
    if (!piece) throw new Refusal('conflict', 'channel-alarm.bytes-not-wanted', 'The alarm is not about that piece of that file.', { at: 'sha256' });
    if (bytes === null || bytes.length > mostExcerptBytes || shortDigest(createHash('sha256').update(bytes).digest()) !== piece.digest) {
      throw new Refusal('invalid', 'channel-alarm.other-bytes', 'These are not the bytes whose digest was signed.', { at: 'bytes' });
    }
    const at = parts.clock.iso();
    await asHub('bytes that prove themselves, beside an alarm of another organisation’s channel', () => parts.db.transaction(async (tx) => {
      if (!await insertExcerpt(tx, { alarm: id, channel: channel.id, sha256, from, bytes, org: actor.org, at })) return;
      await stateFact(tx, {
        class: 'channel-alarm.bytes-added', at, actor: actor.person, org: actor.org, subject: id, readers: [...new Set([channel.scope, ...alarm.orgs])],
        clauses: [], body: { alarm: id, sha256, from, to: from + bytes.length },
      });
    }));
    return { wanted: stillWanted(await piecesOf(parts.db, alarm), await excerptsOf(parts.db, id)) };
  },
});
