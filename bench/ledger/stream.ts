/**
 * Builds a tree of many leaves as a stream, tile by tile, in a process of its own, so that its peak memory is that of
 * building and of nothing else: `stream.ts LEAVES` prints `{root, cpuSeconds, peakMb, tiles}`. A leaf is its number in eight
 * bytes, hashed as an entry is.
 */
import { readFileSync } from 'node:fs';
import { toBase64 } from '#kit/encoding';
import { nodeTreeHash } from '#kit/hash/node';
import { TileGrower, edgeWidths, rootOfEdge } from '#kit/merkle/tiles';
import { hashBytes } from '#kit/merkle/tree';

const total = Number(process.argv[2]);
const batch = 65_536;
const began = process.cpuUsage();
const grower = new TileGrower(nodeTreeHash);
const entry = new Uint8Array(8);
const view = new DataView(entry.buffer);
const leaves = new Uint8Array(batch * hashBytes);
const counted = { tiles: 0 };

for (let at = 0; at < total; at += batch) {
  const count = Math.min(batch, total - at);
  for (let i = 0; i < count; i++) {
    view.setUint32(0, Math.floor((at + i) / 2 ** 32));
    view.setUint32(4, (at + i) >>> 0);
    leaves.set(nodeTreeHash.leaf(entry), i * hashBytes);
  }
  grower.append(leaves.subarray(0, count * hashBytes), () => { counted.tiles++; });
}
const partials = grower.partials();
const edge = edgeWidths(total).map((_, level) => partials.find((tile) => tile.level === level)?.hashes ?? new Uint8Array(0));
const root = toBase64(rootOfEdge(nodeTreeHash, edge));
const { user, system } = process.cpuUsage(began);
const status = readFileSync('/proc/self/status', 'utf8');
const peakMb = Number(/^VmHWM:\s+([0-9]+) kB$/m.exec(status)?.[1] ?? Number.NaN) / 1024;
process.stdout.write(`${JSON.stringify({ root, cpuSeconds: (user + system) / 1e6, peakMb, tiles: counted.tiles })}\n`);
