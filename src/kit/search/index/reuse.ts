/**
 * The next release of a product is mostly the last one: shards are taken over as they are, and what is not in the new release any more is
 * dropped from them by number. A shard of which too little is left is made anew.
 */
import { sameBytes } from '#kit/encoding';
import type { FilePart, ShardRecord, Sums } from './layout.ts';
import type { Shard } from './shard.ts';

export const noSums: Sums = { text: 0, binary: 0, bytes: 0, lines: 0, decoded: 0, decodedBytes: 0 };

/** What an index takes over. */
export interface Kept {
  readonly shards: readonly ShardRecord[];
  readonly sums: Sums;
  /** Of the first new shard: names are not used twice. */
  readonly nextNumber: number;
}

export interface Reuse {
  readonly kept: Kept;
  /** Paths whose files have to be read. */
  readonly fresh: readonly string[];
}

const bytesOf = (shard: Shard, { firstBlock, blocks }: FilePart): number =>
  (shard.starts[firstBlock + blocks] as number) - (shard.starts[firstBlock] as number);

/** Shards of which at least this share of the bytes is still wanted are kept; a file that lies in a shard that is not is read anew. */
function keptShards(shards: readonly Shard[], isThere: (part: FilePart) => boolean, share: number): { shards: Shard[]; fresh: Set<string> } {
  const fresh = new Set<string>();
  const left = shards.filter((shard) => {
    const wanted = shard.parts.filter(isThere);
    const bytes = wanted.reduce((sum, part) => sum + bytesOf(shard, part), 0);
    const stays = wanted.length > 0 && bytes >= share * (shard.starts.at(-1) as number);
    if (!stays) for (const { path } of wanted) fresh.add(path);
    return stays;
  });
  return { shards: left, fresh };
}

/** What of the shards of one release serves another, which is these files by path and SHA-256. */
export function planReuse(shards: readonly Shard[], files: ReadonlyMap<string, Uint8Array>, share = 0.5): Reuse {
  const isSame = ({ path, digest, dropped }: FilePart): boolean => !dropped && sameBytes(files.get(path) ?? new Uint8Array(0), digest);
  const { shards: left, fresh } = keptShards(shards, isSame, share);
  const sums = { ...noSums } as { -readonly [key in keyof Sums]: Sums[key] };
  const known = new Set<string>();
  const binary = new Set<string>();
  const records = left.map((shard) => {
    const dropped: number[] = [];
    shard.parts.forEach((part, number) => {
      if (!isSame(part) || fresh.has(part.path)) return void dropped.push(number);
      known.add(part.path);
      const bytes = bytesOf(shard, part);
      if (part.encoding !== 'bytes') {
        sums.decodedBytes += bytes;
        sums.decoded += part.fromByte === 0 ? 1 : 0;
        return;
      }
      sums.bytes += bytes;
      sums.lines += linesOf(shard, part);
      if (part.binary) binary.add(part.path);
    });
    return { ...shard.record, dropped };
  });
  sums.binary = binary.size;
  sums.text = known.size - binary.size;
  const numbers = shards.map(({ record }) => Number.parseInt(record.name, 10) + 1);
  return { kept: { shards: records, sums, nextNumber: Math.max(0, ...numbers) }, fresh: [...files.keys()].filter((path) => !known.has(path)) };
}

/** Lines that begin in a part: parts end at line ends, so only the file's last line may have no line feed. */
function linesOf(shard: Shard, { firstBlock, blocks }: FilePart): number {
  if (blocks === 0) return 0;
  const last = firstBlock + blocks - 1;
  const text = shard.text(shard.starts[last] as number, shard.starts[last + 1] as number);
  let lines = shard.linesBefore[last] as number;
  for (let at = text.indexOf(10); at >= 0; at = text.indexOf(10, at + 1)) lines++;
  return lines + (text[text.length - 1] === 10 ? 0 : 1);
}
