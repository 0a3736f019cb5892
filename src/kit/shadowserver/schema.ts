/**
 * A newer table of report types, read from a file that somebody hands in: Shadowserver's published schema (report by report its columns, what each is
 * called by IntelMQ and how it is converted) or a table in the form that ships. Whatever is wrong with it is said with its place; and what is
 * different between two tables is told report by report and column by column. Pure.
 */
import { Refusal } from '../refusal.ts';
import type { ReportType, ReportTypes } from './types.ts';

export interface Schema {
  /** What the file says of its own date; '' where it says nothing. */
  readonly stand: string;
  readonly types: ReportTypes;
}

export const schemaBytesMax = 8_000_000;
const mostTypes = 2000;
const mostFields = 500;

type Json = Readonly<Record<string, unknown>>;
const isObject = (value: unknown): value is Json => typeof value === 'object' && value !== null && !Array.isArray(value);

function wrong(code: string, sentence: string, at: string): Refusal {
  return new Refusal('invalid', `report-schema.${code}`, sentence, { at: at.slice(0, 200) });
}

/** The place that the parser names, or the end of a file that is cut off. */
function placeOf(error: unknown, text: string): string {
  const found = /position (\d+)/.exec(error instanceof Error ? error.message : '');
  const offset = Math.min(found ? Number(found[1]) : text.length, text.length);
  const before = text.slice(0, offset);
  return `line ${before.split('\n').length}, character ${offset - before.lastIndexOf('\n')}`;
}

function parsed(bytes: Uint8Array): Json {
  if (bytes.length > schemaBytesMax) throw new Refusal('too-large', 'report-schema.too-large', 'A report schema has 8 MB at most.');
  const at = { text: '' };
  try {
    at.text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw wrong('not-text', 'A report schema is text in UTF-8.', 'the file');
  }
  try {
    const value: unknown = JSON.parse(at.text);
    if (isObject(value)) return value;
  } catch (error) {
    throw wrong('not-json', 'The file is no JSON, or it is cut off.', placeOf(error, at.text));
  }
  throw wrong('no-schema', 'The file holds no report types.', 'the file');
}

const isName = (value: unknown): value is string => typeof value === 'string' && /^[a-z0-9][a-z0-9_]{0,79}$/.test(value);
const word = (value: unknown, otherwise: string, most = 200): string =>
  (typeof value === 'string' && value.length <= most && !/\p{Cc}/u.test(value) ? value.trim() : '') || otherwise;

/** A column as a header has it: in small letters. */
function columnOf(value: unknown, at: string): string {
  const name = typeof value === 'string' ? value.trim().toLowerCase() : '';
  if (name === '' || name.length > 120 || /[\p{Cc}"]/u.test(name)) throw wrong('field', 'A column has a name of at most 120 characters.', at);
  return name;
}

function listAt(value: unknown, at: string): readonly unknown[] {
  if (value === undefined) return [];
  if (!Array.isArray(value)) throw wrong('field', 'The columns of a report are a list.', at);
  if (value.length > mostFields) throw wrong('too-many', 'A report has 500 columns at most.', at);
  return value as readonly unknown[];
}

interface Columns { readonly fields: readonly string[]; readonly as: Readonly<Record<string, string>> }

/** Each column once, in the order of the file. */
function columnsOf(entries: readonly (readonly [column: string, as: string])[], at: string): Columns {
  const as = new Map<string, string>();
  for (const [column, meaning] of entries) {
    const before = as.get(column);
    // One column may go to two places.
    as.set(column, before === undefined || before === meaning ? meaning : `${before}; ${meaning}`);
  }
  if (as.size === 0 || as.size > mostFields) throw wrong('field', 'A report has at least one column and 500 at most.', at);
  return { fields: [...as.keys()], as: Object.fromEntries(as) };
}

/** `["source.port", "port", "convert_int"]`: what it is called, the column, how it is converted. */
function published(list: unknown, at: string): [string, string][] {
  return listAt(list, at).map((entry, i) => {
    const here = `${at}[${i}]`;
    if (!Array.isArray(entry)) throw wrong('field', 'A column is a list: what it is called, its name, how it is converted.', here);
    const parts = entry as readonly unknown[];
    return [columnOf(parts[1], here), [parts[0], parts[2]].map((part) => word(part, '')).filter((part) => part !== '').join(' ')];
  });
}

function reportOf(value: unknown, at: string, known: ReportType | undefined): ReportType {
  if (!isObject(value)) throw wrong('type', 'A report type is an object.', at);
  const own = Array.isArray(value['fields']);
  const constant = isObject(value['constant_fields']) ? value['constant_fields'] : {};
  const columns = own
    ? columnsOf(listAt(value['fields'], `${at}.fields`).map((name, i) => [columnOf(name, `${at}.fields[${i}]`), '']), `${at}.fields`)
    : columnsOf([...published(value['required_fields'], `${at}.required_fields`), ...published(value['optional_fields'], `${at}.optional_fields`)], at);
  const [taxonomy, type, severity] = own ? [value['taxonomy'], value['type'], value['severity']]
    : [constant['classification.taxonomy'], constant['classification.type'], constant['extra.severity']];
  return {
    title: word(own ? value['title'] : value['feed_name'], known?.title ?? at), taxonomy: word(taxonomy, known?.taxonomy ?? 'other', 80),
    type: word(type, known?.type ?? 'other', 80), severity: word(severity, known?.severity ?? 'unknown', 20), fields: columns.fields,
    ...own ? {} : { as: columns.as },
  };
}

/** Reads a schema; what it does not say of a type (its severity, mostly) is taken from what was known of it. Throws a located Refusal. */
export function readSchema(bytes: Uint8Array, known: ReportTypes): Schema {
  const file = parsed(bytes);
  const own = isObject(file['types']) && !('constant_fields' in file['types']);
  const table = own ? file['types'] as Json : file;
  const meta = isObject(file['_meta']) ? file['_meta'] : {};
  const entries = Object.entries(table).filter(([key]) => own || key !== '_meta');
  if (entries.length > mostTypes) throw wrong('too-many', 'A schema has 2,000 report types at most.', 'the file');
  const types = new Map<string, ReportType>();
  for (const [key, value] of entries) {
    const stated = !own && isObject(value) ? value['file_name'] : undefined;
    const name = stated === undefined ? key : stated;
    if (!isName(name)) throw wrong('type', 'A report type is named in small letters, digits and low lines.', key || 'the file');
    if (types.has(name)) throw wrong('twice', 'A report type stands in the schema twice.', key);
    types.set(name, reportOf(value, key, known.get(name)));
  }
  if (types.size === 0) throw wrong('no-schema', 'The file holds no report types.', 'the file');
  return { stand: word(own ? file['stand'] : meta['date_created'], '', 60), types };
}

/** Both tables: what the newer one has no word of stays readable as it was. */
export const withOlder = (older: ReportTypes, newer: ReportTypes): ReportTypes => new Map([...older, ...newer]);

export interface ChangedType {
  readonly type: string;
  readonly added: readonly string[];
  readonly removed: readonly string[];
  /** A column, or what is said of the report itself (`type`, `severity`, …), that is another now. */
  readonly changed: readonly { readonly what: string; readonly before: string; readonly after: string }[];
}

export interface SchemaDiff {
  readonly added: readonly string[];
  readonly removed: readonly string[];
  readonly changed: readonly ChangedType[];
}

const said = ['title', 'taxonomy', 'type', 'severity'] as const;

function changeOf(type: string, before: ReportType, after: ReportType): ChangedType {
  const [old, now] = [new Set(before.fields), new Set(after.fields)];
  const meanings = before.as && after.as ? after.fields.filter((field) => old.has(field)) : [];
  return {
    type, added: after.fields.filter((field) => !old.has(field)), removed: before.fields.filter((field) => !now.has(field)),
    changed: [
      ...said.filter((what) => before[what] !== after[what]).map((what) => ({ what, before: before[what], after: after[what] })),
      ...meanings.map((what) => ({ what, before: before.as?.[what] ?? '', after: after.as?.[what] ?? '' })).filter((one) => one.before !== one.after),
    ],
  };
}

/** From one table to another, in the order of names. */
export function diffOf(before: ReportTypes, after: ReportTypes): SchemaDiff {
  const names = [...new Set([...before.keys(), ...after.keys()])].sort();
  const changed = names.flatMap((name) => {
    const [old, now] = [before.get(name), after.get(name)];
    return old && now ? [changeOf(name, old, now)] : [];
  });
  return {
    added: names.filter((name) => !before.has(name)), removed: names.filter((name) => !after.has(name)),
    changed: changed.filter((one) => one.added.length + one.removed.length + one.changed.length > 0),
  };
}
