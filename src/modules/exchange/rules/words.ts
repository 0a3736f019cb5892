/**
 * What an object is found by and what it is joined to: its name, the words of its text, and every object that it names. Written
 * with the version, read through entries within reach. Words are those of PostgreSQL's plain configuration, in lower case.
 */
import { isStixObject, own, type StixObject } from '#kit/stix/object';
import { typeOfId } from '#kit/stix/id';

export interface Edge { readonly relation: string; readonly from: string; readonly to: string }
export interface Words { readonly name: string; readonly text: string; readonly edges: readonly Edge[] }

const textOf = (value: unknown): string => (typeof value === 'string' ? value : '');
const listOf = (value: unknown): string[] => (Array.isArray(value) ? value.filter((v): v is string => typeof v === 'string') : []);
/** Text that can be stored: without what PostgreSQL has no room for. */
const storable = (text: string): string =>
  text.replaceAll(/\u0000|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g, ' ');

/** Texts of an object beside its name that people search for. */
const searched = ['description', 'pattern', 'value', 'path', 'display_name', 'account_login', 'abstract', 'subject', 'definition'] as const;
const longestText = 4_000;
const longestName = 300;
/** A report may list very many, and what it lists is found by it. */
const mostEdges = 50_000;

export function wordsOf(object: StixObject): Words {
  const id = textOf(own(object, 'id'));
  const external = Array.isArray(own(object, 'external_references'))
    ? (own(object, 'external_references') as unknown[]).flatMap((r) => (isStixObject(r) ? [textOf(own(r,
      'external_id'))] : [])).filter((s) => s !== '') : [];
  const name = nameOf(object, external);
  const text = [name, ...external, ...listOf(own(object, 'aliases')), ...listOf(own(object, 'labels')), ...searched.map((key) => textOf(own(object, key))),
    hashesOf(object), ...mispValues(object)].filter((s) => s !== '').join(' \n ');
  return { name: storable(name).slice(0, longestName), text: storable(text).slice(0, longestText), edges: edgesOf(object, id) };
}

function nameOf(object: StixObject, external: readonly string[]): string {
  const type = textOf(own(object, 'type'));
  if (type === 'relationship') return `${textOf(own(object, 'source_ref'))} ${textOf(own(object, 'relationship_type'))} ${textOf(own(object, 'target_ref'))}`;
  const first = ['name', 'value', 'path', 'display_name', 'account_login', 'abstract', 'opinion', 'key', 'subject', 'command_line']
    .map((key) => textOf(own(object, key))).find((s) => s !== '');
  const others = [mispValues(object)[0], external[0], hashesOf(object).split(' ')[0], ...['x_misp_name', 'pattern',
    'id'].map((key) => textOf(own(object, key)))];
  return first ?? others.find((s) => s !== undefined && s !== '') ?? '';
}

/** Values of MISP's attributes, which it knows things by. */
function mispValues(object: StixObject): string[] {
  const parts = own(object, 'x_misp_attributes');
  return [textOf(own(object, 'x_misp_value')), ...(Array.isArray(parts) ? parts.slice(0, 200) : [])
    .map((part: unknown) => (isStixObject(part) ? textOf(own(part, 'value')) : ''))].filter((s) => s !== '' && s.length <= longestName);
}

function hashesOf(object: StixObject): string {
  const hashes = own(object, 'hashes');
  return isStixObject(hashes) ? Object.values(hashes).filter((v): v is string => typeof v === 'string').join(' ') : '';
}

/** Objects that it names: a relationship by what it says, a sighting as seen, everything else by the property that names it. */
function edgesOf(object: StixObject, id: string): Edge[] {
  const type = textOf(own(object, 'type'));
  const [from, to] = [own(object, 'source_ref'), own(object, 'target_ref')];
  if (type === 'relationship' && typeOfId(from) !== null && typeOfId(to) !== null) {
    return [{ relation: storable(textOf(own(object, 'relationship_type'))).slice(0, 100) || 'related-to', from: String(from), to: String(to) }];
  }
  const edges: Edge[] = [];
  for (const [key, value] of Object.entries(object)) {
    if (key === 'id' || key === 'object_marking_refs' || !/_refs?$/.test(key)) continue;
    const relation = storable(key.replace(/_refs?$/, '').replaceAll('_', '-')).slice(0, 100);
    for (const ref of Array.isArray(value) ? value : [value]) {
      if (typeOfId(ref) === null || edges.length >= mostEdges) continue;
      edges.push({ relation, from: id, to: String(ref) });
    }
  }
  return edges;
}
