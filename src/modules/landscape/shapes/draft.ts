/**
 * One event being made out of one row. There is a single draft a batch, filled and emptied row by row, so that a million
 * rows make no million objects. Shapes fill it; the refinery enriches it and writes it out.
 */
import { readIp } from '#kit/ip/ip';
import { LongNumber } from '#kit/rows/identity';
import type { EventKind, Severity } from '../model.ts';

/** Why a row cannot be an event: a stable reason and a sentence. */
export interface Unfit {
  readonly reason: string;
  readonly detail: string;
}

export const noConfidence = 255;

export class Draft {
  reportType = '';
  /** Seconds since the epoch. */
  time = 0;
  kind: EventKind = 'other';
  type = '';
  family = '';
  severity: Severity = 'unknown';
  confidence = noConfidence;
  /** '' where the row carries none. */
  tlp = '';
  readonly ip = new Uint8Array(16);
  hasIp = false;
  port = 0;
  readonly peer = new Uint8Array(16);
  hasPeer = false;
  peerPort = 0;
  domain = '';
  url = '';
  /** As the feed says, for addresses that no list knows; '' and 0 where it says nothing. */
  area = '';
  asn = 0;
  user = '';
  count = 1;
  readonly keys: string[] = [];
  readonly values: string[] = [];
  pairs = 0;

  reset(): void {
    this.time = 0;
    this.kind = 'other';
    this.type = '';
    this.family = '';
    this.severity = 'unknown';
    this.confidence = noConfidence;
    this.tlp = '';
    this.hasIp = false;
    this.port = 0;
    this.hasPeer = false;
    this.peerPort = 0;
    this.domain = '';
    this.url = '';
    this.area = '';
    this.asn = 0;
    this.user = '';
    this.count = 1;
    this.pairs = 0;
  }

  attr(key: string, value: string): void {
    this.keys[this.pairs] = key;
    this.values[this.pairs] = value;
    this.pairs += 1;
  }

  /** The address it is about; false where the text is no address. */
  setIp(text: string): boolean {
    this.hasIp = readIp(text, this.ip);
    return this.hasIp;
  }

  /** The other side. What is no address is kept as an attribute: it must not cost the row. */
  setPeer(key: string, text: string): void {
    this.hasPeer = readIp(text, this.peer);
    if (!this.hasPeer) this.attr(key, text);
  }
}

const severities: ReadonlySet<string> = new Set(['critical', 'high', 'medium', 'low', 'info']);

export function severityOf(text: string): Severity {
  const word = text.toLowerCase();
  if (severities.has(word)) return word as Severity;
  return word === 'informational' || word === 'information' ? 'info' : 'unknown';
}

/** TLP 2.0 words with and without their prefix, `WHITE` of TLP 1 too. A marking that nobody knows is RED. */
export function tlpOf(text: string): string {
  switch (text.trim().toUpperCase().replace(/^TLP[:\s-]*/, '')) {
    case 'CLEAR': case 'WHITE': return 'CLEAR';
    case 'GREEN': return 'GREEN';
    case 'AMBER': return 'AMBER';
    case 'AMBER+STRICT': return 'AMBER+STRICT';
    default: return 'RED';
  }
}

/** A word or number as text; '' for what is neither. An object of a sender's is never asked to turn itself into one. */
export function wordOf(value: unknown): string {
  if (typeof value === 'string') return value;
  return typeof value === 'number' || typeof value === 'boolean' || value instanceof LongNumber ? String(value) : '';
}

/** How many times it was seen: at least once, at most what the store holds. */
export function countOf(value: unknown): number {
  return Math.max(1, Math.min(4_294_967_295, Math.floor(Number(wordOf(value))) || 1));
}

/** High 85, Medium 50, Low 25; a number as it is. */
export function confidenceOf(value: unknown): number {
  if (typeof value === 'number') return value >= 0 && value <= 100 ? Math.round(value) : noConfidence;
  const word = wordOf(value);
  switch (word.toLowerCase()) {
    case 'high': return 85;
    case 'medium': return 50;
    case 'low': return 25;
    default: return /^\d{1,3}$/.test(word) && Number(word) <= 100 ? Number(word) : noConfidence;
  }
}

/** A port, 0 where the text is none. */
export function portOf(value: unknown): number {
  const port = typeof value === 'number' ? value : Number(wordOf(value));
  return Number.isInteger(port) && port > 0 && port < 65_536 ? port : 0;
}

/** An AS number with or without `AS`, 0 where the text is none. */
export function asnOf(value: unknown): number {
  const asn = typeof value === 'number' ? value : Number(wordOf(value).replace(/^AS/i, ''));
  return Number.isInteger(asn) && asn > 0 && asn <= 4_294_967_295 ? asn : 0;
}

/** A country as two capital letters, '' where the text is none. */
export function areaOf(text: string): string {
  return /^[A-Za-z]{2}$/.test(text) ? text.toUpperCase() : '';
}

export function domainOf(text: string): string {
  const word = text.trim().toLowerCase().replace(/\.$/, '').replace(/:\d+$/, '');
  return word.length <= 253 && /^[^\s/:]+\.[^\s/:]+$/.test(word) && !/^[\d.]+$/.test(word) ? word : '';
}
