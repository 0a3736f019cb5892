/**
 * Looking into JSON of unknown shape: each question answers a value of the wanted kind or null, and what is there but of another kind
 * is noted at its JSON Pointer. Lists and texts have bounds, so that a hostile record costs no more than its size.
 */
import type { ReadProblem, Score } from './record.ts';
import { severityOf, scoresOf, overallOf } from './cvss/score.ts';
import { readCvss } from './cvss/vector.ts';

export type Fields = Readonly<Record<string, unknown>>;
export const isFields = (value: unknown): value is Fields => typeof value === 'object' && value !== null && !Array.isArray(value);

export const mostItems = 50_000;
export const longestText = 65_536;
const mostProblems = 100;

/** One value with its place; what is wrong goes into the list that all of one record share. */
export class Look {
  readonly value: unknown;
  readonly pointer: string;
  readonly problems: ReadProblem[];
  constructor(value: unknown, pointer = '', problems: ReadProblem[] = []) {
    this.value = value;
    this.pointer = pointer;
    this.problems = problems;
  }

  note(text: string, key?: string): null {
    if (this.problems.length < mostProblems) this.problems.push({ pointer: key === undefined ? this.pointer : pointed(this.pointer, key), text });
    return null;
  }

  private own(key: string): unknown {
    return isFields(this.value) && Object.hasOwn(this.value, key) ? this.value[key] : undefined;
  }

  has(key: string): boolean {
    return this.own(key) !== undefined;
  }

  at(key: string): Look {
    const value = this.own(key);
    if (value !== undefined && !isFields(value)) this.note('an object was expected', key);
    return new Look(isFields(value) ? value : undefined, pointed(this.pointer, key), this.problems);
  }

  /** A text that says something, cut where it is too long. */
  text(key: string): string | null {
    const value = this.own(key);
    if (value === undefined || value === null || value === '') return null;
    if (typeof value !== 'string') return this.note('a text was expected', key);
    // PostgreSQL keeps no NUL, and a lone half of a pair is no text.
    const clean = value.replaceAll('\u0000', '\ufffd').replaceAll(/\p{Surrogate}/gu, '\ufffd').trim();
    if (clean.length > longestText) this.note(`a text of more than ${longestText} characters is cut`, key);
    return clean === '' ? null : clean.slice(0, longestText);
  }

  one<T extends string>(key: string, of: readonly T[]): T | null {
    const value = this.text(key);
    if (value === null) return null;
    return (of as readonly string[]).includes(value) ? value as T : this.note(`${JSON.stringify(value.slice(0, 60))} is none of ${of.join(', ')}`, key);
  }

  /** Objects of a list; others are noted. */
  all(key: string): Look[] {
    return this.items(key).flatMap((item, i) => {
      const look = new Look(item, pointed(pointed(this.pointer, key), String(i)), this.problems);
      if (isFields(item)) return [look];
      look.note('an object was expected');
      return [];
    });
  }

  texts(key: string): string[] {
    return this.items(key).flatMap((item, i) => {
      const said = new Look({ item }, pointed(pointed(this.pointer, key), String(i)), this.problems).text('item');
      return said === null ? [] : [said];
    });
  }

  private items(key: string): readonly unknown[] {
    const value = this.own(key);
    if (value === undefined || value === null) return [];
    if (!Array.isArray(value)) {
      this.note('a list was expected', key);
      return [];
    }
    if (value.length > mostItems) this.note(`of this list only the first ${mostItems} are read`, key);
    return value.slice(0, mostItems);
  }

  /** A moment as ISO 8601 in UTC. What has no zone is taken as UTC, as CVE records are written. */
  moment(key: string): string | null {
    const said = this.text(key);
    if (said === null) return null;
    return momentOf(said) ?? this.note(`${JSON.stringify(said.slice(0, 60))} is no moment`, key);
  }
}

const pointed = (pointer: string, key: string): string => `${pointer}/${key.replaceAll('~', '~0').replaceAll('/', '~1')}`;

export function momentOf(said: string): string | null {
  const found = /^(\d{4}-\d{2}-\d{2})(?:[Tt ](\d{2}:\d{2}:\d{2})(\.\d{1,9})?([Zz]|[+-]\d{2}:?\d{2})?)?$/.exec(said);
  if (!found) return null;
  const [, day = '', time = '00:00:00', fraction = '', zone = 'Z'] = found;
  const ms = Date.parse(`${day}T${time}${fraction.slice(0, 4)}${zone.toUpperCase()}`);
  return Number.isNaN(ms) || ms < 0 || ms > 4_102_444_800_000 || !existing(day) ? null : new Date(ms).toISOString();
}

/** The engine takes 30 February for 2 March. */
const existing = (day: string): boolean => new Date(`${day}T00:00:00Z`).toISOString().startsWith(day);

/** A vector and what it is scored here; a word that came with it stays where there is none of ours. */
export function scoreOf(by: string | null, vector: string, word: string | null = null): Score {
  const read = readCvss(vector);
  if ('fault' in read) return { by, vector, version: '', score: null, severity: word };
  const score = overallOf(scoresOf(read.vector));
  return { by, vector, version: read.vector.version, score, severity: severityOf(score, read.vector.version) };
}

/** Each once, in the order of their first. */
export const once = (texts: readonly string[]): string[] => [...new Set(texts)];
export const isWeb = (url: string): boolean => /^(?:https?|ftp):\/\/[^\s]{1,2000}$/i.test(url);
