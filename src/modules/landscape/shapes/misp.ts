/**
 * Attributes of a MISP event to rows: each attribute with what its event says of it, its value under the name of its type. Written from
 * MISP's core format (Internet-Draft dulaunoy-misp-core-format).
 */
import { flatten } from '#kit/rows/flatten';
import { formats } from './formats.ts';
import { Mapper } from './mapping.ts';
import type { Draft, Unfit } from './draft.ts';

type Json = Readonly<Record<string, unknown>>;

/** What a type of attribute is about, where its event has no RSIT tag: kind, and type in RSIT's words. */
const meanings: Readonly<Record<string, readonly [kind: string, type: string]>> = {
  'ip-dst': ['c2', 'c2-server'], domain: ['c2', 'c2-server'], hostname: ['c2', 'c2-server'], 'ip-src': ['attack', 'ids-alert'],
  url: ['website-attack', 'malware-distribution'], uri: ['website-attack', 'malware-distribution'],
  md5: ['malicious-file', 'malware-file'], sha1: ['malicious-file', 'malware-file'], sha256: ['malicious-file', 'malware-file'],
};

/** An attribute with its event, as one row. What the row is told apart by is what was sent of the attribute, and its event's id and marks. */
export function mispRow(attribute: Json, event: Json): Json {
  const marks = [...tagsOf(event), ...tagsOf(attribute)];
  const { Tag: _tag, Galaxy: _galaxy, RelatedAttribute: _related, ShadowAttribute: _shadow, Sighting: _sighting, ...sent } = attribute;
  return { ...sent, 'event.uuid': event['uuid'] ?? null, 'event.info': event['info'] ?? null, 'event.date': event['date'] ?? null, tags: marks };
}

function tagsOf(holder: Json): string[] {
  const tags = holder['Tag'];
  if (!Array.isArray(tags)) return [];
  return tags.flatMap((tag: unknown) => (tag !== null && typeof tag === 'object' && 'name' in tag && typeof tag.name === 'string' ? [tag.name] : []));
}

const mapper = (): Mapper => new Mapper(formats.misp);

/** Fills drafts from rows of `mispRow`. */
export function mispFiller(): (draft: Draft, row: Json, type: string) => Unfit | null {
  const map = mapper();
  return (draft, row, type) => {
    const values = flatten(row);
    const word = text(row['type']);
    const parts = word.split('|');
    // `ip-dst|port` holds `192.0.2.1|443`; of two parts each is a value by its own name.
    const sent = parts.length === 1 ? [text(row['value'])] : text(row['value']).split('|');
    parts.forEach((part, i) => { if ((sent[i] ?? '') !== '') values.set(part, sent[i] ?? ''); });
    const told = parts.map((part) => meanings[part]).find((meaning) => meaning !== undefined);
    const tags = tagList(row['tags']);
    const rsit = tags.flatMap((tag) => /^rsit:[a-z-]+="([a-z0-9-]+)"$/i.exec(tag)?.[1] ?? [])[0];
    const tlp = tags.filter((tag) => /^tlp:/i.test(tag));
    if (rsit !== undefined) values.set('rsit', rsit);
    // The strictest of several markings holds; an order is not needed where an unknown word is RED anyway.
    if (tlp.length > 0) values.set('tlp', strictest(tlp));
    if (told !== undefined) {
      values.set('meaning', told[1]);
      if (rsit === undefined) values.set('is', told[0]);
    }
    if (row['to_ids'] !== true) values.delete('is');
    return map.fill(draft, (name) => values.get(name), values.keys(), type);
  };
}

const order = ['tlp:clear', 'tlp:white', 'tlp:green', 'tlp:amber', 'tlp:amber+strict', 'tlp:red'];
function strictest(tags: readonly string[]): string {
  const ranks = tags.map((tag) => order.indexOf(tag.toLowerCase()));
  if (ranks.includes(-1)) return 'tlp:red';
  return order[Math.max(...ranks)] ?? 'tlp:red';
}

const text = (value: unknown): string => (typeof value === 'string' ? value : '');
const tagList = (value: unknown): string[] => (Array.isArray(value) ? value.filter((tag): tag is string => typeof tag === 'string') : []);
