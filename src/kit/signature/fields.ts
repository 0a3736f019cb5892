/**
 * The structured fields (RFC 9651) that signed requests carry: dictionaries of byte sequences, and of lists of component
 * names with parameters. Strict and bounded: what is not in this form is no signature, and the place where it ends is told.
 */
import { fromBase64, toBase64 } from '../encoding.ts';

export type Bare = string | number | boolean | Uint8Array;
export interface Item { readonly value: string; readonly params: Params }
export type Params = ReadonlyMap<string, Bare>;
/** A list in brackets with its own parameters. */
export interface InnerList { readonly items: readonly Item[]; readonly params: Params }

/** Fields longer than this are not read. */
const longest = 8192;

export class FieldError extends Error {
  override readonly name = 'FieldError';
  readonly offset: number;
  constructor(offset: number, sentence: string) {
    super(sentence);
    this.offset = offset;
  }
}

const keyForm = /[a-z*][a-z0-9_.*-]*/y;
const numberForm = /-?\d{1,15}(?![\d.])/y;
const stringForm = /"((?:[\x20\x21\x23-\x5b\x5d-\x7e]|\\["\\])*)"/y;
const bytesForm = /:([A-Za-z0-9+/]*={0,2}):/y;
const tokenForm = /[A-Za-z*][A-Za-z0-9!#$%&'*+.^_`|~:/-]*/y;
const optionalSpace = /[ \t]*/y;
const space = / */y;

class Cursor {
  readonly text: string;
  at = 0;
  constructor(text: string) {
    if (text.length > longest) throw new FieldError(longest, `is longer than ${longest} characters`);
    this.text = text;
  }

  take(form: RegExp): RegExpExecArray | null {
    form.lastIndex = this.at;
    const found = form.exec(this.text);
    if (found) this.at += found[0].length;
    return found;
  }

  eat(sign: string): boolean {
    const there = this.text.startsWith(sign, this.at);
    if (there) this.at += sign.length;
    return there;
  }

  get done(): boolean {
    return this.at >= this.text.length;
  }

  fail(wanted: string): never {
    throw new FieldError(this.at, `has no ${wanted} at character ${this.at}`);
  }
}

function bare(cursor: Cursor): Bare {
  const text = cursor.take(stringForm);
  if (text) return (text[1] ?? '').replaceAll(/\\(["\\])/g, '$1');
  const bytes = cursor.take(bytesForm);
  if (bytes) return fromBase64(bytes[1] ?? '') ?? cursor.fail('base64 with its padding');
  const number = cursor.take(numberForm);
  if (number) return Number(number[0]);
  if (cursor.eat('?1')) return true;
  if (cursor.eat('?0')) return false;
  return cursor.take(tokenForm)?.[0] ?? cursor.fail('value');
}

function parameters(cursor: Cursor): Params {
  const found = new Map<string, Bare>();
  while (cursor.eat(';')) {
    cursor.take(space);
    const key = cursor.take(keyForm)?.[0] ?? cursor.fail('name of a parameter');
    const value = cursor.eat('=') ? bare(cursor) : true;
    // The last one counts, and stands where the last one stood.
    found.delete(key);
    found.set(key, value);
  }
  return found;
}

function innerList(cursor: Cursor): InnerList {
  if (!cursor.eat('(')) cursor.fail('list in brackets');
  const items: Item[] = [];
  for (;;) {
    cursor.take(space);
    if (cursor.eat(')')) return { items, params: parameters(cursor) };
    const name = cursor.take(stringForm) ?? cursor.fail('name in quotes');
    items.push({ value: (name[1] ?? '').replaceAll(/\\(["\\])/g, '$1'), params: parameters(cursor) });
    if (!/[ )]/.test(cursor.text[cursor.at] ?? '')) cursor.fail('space or bracket');
  }
}

function dictionary<T>(text: string, member: (cursor: Cursor) => T): Map<string, T> {
  const cursor = new Cursor(text);
  const found = new Map<string, T>();
  cursor.take(space);
  while (!cursor.done) {
    const key = cursor.take(keyForm)?.[0] ?? cursor.fail('name');
    if (!cursor.eat('=')) cursor.fail('=');
    const value = member(cursor);
    found.delete(key);
    found.set(key, value);
    cursor.take(optionalSpace);
    if (cursor.done) return found;
    if (!cursor.eat(',')) cursor.fail('comma');
    cursor.take(optionalSpace);
    if (cursor.done) cursor.fail('name after the comma');
  }
  return found;
}

/** `sig1=("@method" "date");created=1` by name; throws a FieldError. */
export const listsOf = (text: string): Map<string, InnerList> => dictionary(text, innerList);

/** `sig1=:base64:` by name; throws a FieldError. */
export const bytesOf = (text: string): Map<string, Uint8Array> => dictionary(text, (cursor) => {
  const value = bare(cursor);
  parameters(cursor);
  return value instanceof Uint8Array ? value : cursor.fail('bytes between colons');
});

function bareText(value: Bare): string {
  if (typeof value === 'string') return `"${value.replaceAll(/["\\]/g, '\\$&')}"`;
  if (typeof value === 'boolean') return value ? '?1' : '?0';
  return typeof value === 'number' ? String(value) : `:${toBase64(value)}:`;
}

const paramsText = (params: Params): string =>
  [...params].map(([key, value]) => (value === true ? `;${key}` : `;${key}=${bareText(value)}`)).join('');

/** The one spelling of a component's name, `"content-type"`. */
export const itemText = ({ value, params }: Item): string => `${bareText(value)}${paramsText(params)}`;

/** The one spelling of a list, as a signature covers it. */
export const listText = ({ items, params }: InnerList): string => `(${items.map(itemText).join(' ')})${paramsText(params)}`;
