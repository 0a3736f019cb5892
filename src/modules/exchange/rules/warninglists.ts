/**
 * Lists of what is known to be harmless, as MISP writes them: `{name, description, version, type, list}`. Strings, host names and
 * prefixes become keys of the same space as indicators; what is looked for within a text has no key and is told, not taken. Pure.
 */
import { Refusal } from '#kit/refusal';
import { keyOf } from '#kit/match/key';
import { readValue, type Value } from '#kit/match/value';

export interface ReadList {
  readonly name: string;
  readonly description: string;
  readonly kind: string;
  readonly version: string;
  readonly keys: readonly string[];
  readonly prefixes: readonly (readonly [family: 4 | 6, length: number])[];
  /** Entries that are no value of the list's kind. */
  readonly leftOff: number;
}

const kinds = ['string', 'hostname', 'cidr'] as const;
const textOf = (value: unknown, most: number): string => (typeof value === 'string' || typeof value === 'number' ? String(value) : '').slice(0, most);
const bad = (at: string, sentence: string): Refusal => new Refusal('invalid', 'warninglist.unreadable', sentence, { at });

function valueOf(kind: string, entry: unknown): Value | null {
  const text = textOf(entry, 8_192).trim();
  if (text === '') return null;
  if (kind === 'hostname') return readValue(text.replace(/^\./, ''), 'domain');
  if (kind === 'cidr') return readValue(text, 'prefix');
  return readValue(text);
}

export function readWarninglist(text: string): ReadList {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw bad('file', `The file is no JSON: ${error instanceof Error ? error.message.slice(0, 120) : 'unreadable'}.`);
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw bad('file', 'A warninglist is a JSON object.');
  const { name, description, type, version, list } = value as Record<string, unknown>;
  if (textOf(name, 200).trim() === '') throw bad('name', 'A warninglist has a name.');
  if (!Array.isArray(list)) throw bad('list', 'A warninglist has a list.');
  const kind = kinds.find((k) => k === type);
  if (!kind) throw bad('type', `Lists of type ${kinds.join(', ')} are taken; what is searched within a text is not.`);
  const values = new Map<string, Value>();
  let leftOff = 0;
  for (const entry of list) {
    const found = valueOf(kind, entry);
    if (found) values.set(`${found.kind} ${found.value}`, found);
    else leftOff++;
  }
  return {
    name: textOf(name, 200).trim(), description: textOf(description, 500), kind, version: textOf(version, 40), leftOff,
    keys: [...values.values()].map((v) => keyOf(v.kind, v.value)),
    prefixes: [...values.values()].filter((v) => v.kind === 'prefix')
      .map((v) => [v.value.includes(':') ? 6 : 4, Number(v.value.slice(v.value.indexOf('/') + 1))] as const),
  };
}
