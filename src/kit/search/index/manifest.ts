/**
 * The manifest of an index as bytes: one spelling, whose hash is the index's name. What is not a manifest, or would not fit together,
 * is damage: nothing of it is guessed.
 */
import { canonicalText, fromCanonical, type CanonicalValue } from '#kit/canonical/canonical';
import { fromUtf8, toUtf8 } from '#kit/encoding';
import { damage } from './damage.ts';
import { formatName, mostFileBytes, pageBytes, sectionNames, type Manifest, type RefusedFile, type SectionRecord, type ShardRecord } from './layout.ts';
import { mostBlocks } from './postings.ts';

export const writeManifest = (manifest: Manifest): Uint8Array => toUtf8(canonicalText(manifest));

type Fields = Readonly<Record<string, CanonicalValue>>;

function fieldsOf(value: CanonicalValue | undefined, names: readonly string[], where: string): Fields {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw damage(`${where} is no object`);
  if (Object.keys(value).sort().join() !== names.toSorted().join()) throw damage(`${where} has other fields`);
  return value as Fields;
}
function number(value: CanonicalValue | undefined, most: number, where: string): number {
  if (typeof value !== 'number' || !Number.isInteger(value) || value < 0 || value > most) throw damage(`${where} is no number up to ${most}`);
  return value;
}
function text(value: CanonicalValue | undefined, form: RegExp, where: string): string {
  if (typeof value !== 'string' || !form.test(value)) throw damage(`${where} is not what it should be`);
  return value;
}
function list<T>(value: CanonicalValue | undefined, where: string, read: (item: CanonicalValue, where: string) => T): T[] {
  if (!Array.isArray(value)) throw damage(`${where} is no list`);
  return value.map((item: CanonicalValue, i) => read(item, `${where}[${i}]`));
}

/** Above the largest shard: 64 MiB, and a line of a file of 2 GiB. */
const mostShardBytes = mostFileBytes * 2;

function sectionOf(value: CanonicalValue, where: string): SectionRecord {
  const fields = fieldsOf(value, ['name', 'bytes', 'sha256'], where);
  const name = sectionNames.find((known) => known === fields['name']);
  if (!name) throw damage(`${where} is no section`);
  return { name, bytes: number(fields['bytes'], mostShardBytes, `${where}.bytes`), sha256: text(fields['sha256'], /^[0-9a-f]{64}$/, `${where}.sha256`) };
}

function shardOf(value: CanonicalValue, where: string): ShardRecord {
  const fields = fieldsOf(value, ['name', 'bytes', 'blocks', 'dropped', 'sections'], where);
  const sections = list(fields['sections'], `${where}.sections`, sectionOf);
  if (sections.map(({ name }) => name).join() !== sectionNames.join()) throw damage(`${where} has other sections`);
  const dropped = list(fields['dropped'], `${where}.dropped`, (item, at) => number(item, Number.MAX_SAFE_INTEGER, at));
  if (dropped.some((part, i) => i > 0 && part <= (dropped[i - 1] as number))) throw damage(`${where}.dropped is not in order`);
  return {
    name: text(fields['name'], /^[0-9]{4,6}\.shard$/, `${where}.name`), bytes: number(fields['bytes'], mostShardBytes, `${where}.bytes`),
    blocks: number(fields['blocks'], mostBlocks, `${where}.blocks`), dropped, sections,
  };
}

function refusedOf(value: CanonicalValue, where: string): RefusedFile {
  const fields = fieldsOf(value, ['path', 'bytes', 'reason'], where);
  return {
    path: text(fields['path'], /./su, `${where}.path`), bytes: number(fields['bytes'], Number.MAX_SAFE_INTEGER, `${where}.bytes`),
    reason: text(fields['reason'], /./su, `${where}.reason`),
  };
}

const names = ['format', 'blockBytes', 'pageBytes', 'text', 'binary', 'bytes', 'lines', 'decoded', 'decodedBytes', 'refused', 'shards'];

export function readManifest(bytes: Uint8Array): Manifest {
  const value = fromCanonical(fromUtf8(bytes) ?? '');
  const fields = fieldsOf(value, names, 'the manifest');
  if (fields['format'] !== formatName || fields['pageBytes'] !== pageBytes) throw damage('the manifest is of another format');
  const sum = (name: string): number => number(fields[name], Number.MAX_SAFE_INTEGER, name);
  const shards = list(fields['shards'], 'shards', shardOf);
  if (new Set(shards.map(({ name }) => name)).size !== shards.length) throw damage('two shards have one name');
  const texts = shards.reduce((total, { sections }) => total + (sections[0]?.bytes ?? 0), 0);
  const rest = texts - sum('bytes') - sum('decodedBytes');
  if (rest < 0 || (rest > 0 && shards.every(({ dropped }) => dropped.length === 0))) throw damage('the shards do not hold the bytes of the files');
  return {
    format: formatName, blockBytes: number(fields['blockBytes'], mostFileBytes, 'blockBytes'), pageBytes, text: sum('text'), binary: sum('binary'),
    bytes: sum('bytes'), lines: sum('lines'), decoded: sum('decoded'), decodedBytes: sum('decodedBytes'),
    refused: list(fields['refused'], 'refused', refusedOf), shards,
  };
}
