/**
 * Vector strings of CVSS 2, 3.0, 3.1 and 4.0, read and written. The order of metrics is no fault, since records in the wild have every
 * order; what is unknown, doubled or missing is one, with its place in the text.
 */
import { metricsOf, type CvssVersion, type Metric } from './metrics.ts';

export interface CvssVector {
  readonly version: CvssVersion;
  /** Metrics that were said, the ones that say nothing left out. */
  readonly metrics: ReadonlyMap<string, string>;
}
export type VectorFault = 'empty' | 'too-long' | 'version' | 'syntax' | 'unknown-metric' | 'unknown-value' | 'twice' | 'missing';
export interface CvssFault {
  readonly code: VectorFault;
  /** Characters from the beginning. */
  readonly at: number;
  readonly text: string;
}
export type CvssRead = { readonly vector: CvssVector } | { readonly fault: CvssFault };

const longest = 400;
const byName = new Map(Object.entries(metricsOf).map(([version, metrics]) => [version, new Map(metrics.map((m) => [m.name, m]))]));

const fault = (code: VectorFault, at: number, text: string): CvssRead => ({ fault: { code, at, text } });

function beginOf(text: string): { version: CvssVersion; from: number } | null {
  const prefix = /^CVSS:([\d.]{1,8})\//.exec(text);
  // Only the second edition has no prefix; some write it in parentheses, as its specification once did.
  if (!prefix) return text.startsWith('CVSS:') ? null : { version: '2.0', from: text.startsWith('(') ? 1 : 0 };
  const version = prefix[1] === '2.0' || prefix[1] === '3.0' || prefix[1] === '3.1' || prefix[1] === '4.0' ? prefix[1] : null;
  return version === null ? null : { version, from: prefix[0].length };
}

/** One vector, whatever its version. Never throws. */
export function readCvss(text: string): CvssRead {
  if (text === '') return fault('empty', 0, 'there is no vector');
  if (text.length > longest) return fault('too-long', longest, `a vector has at most ${longest} characters`);
  const begin = beginOf(text);
  if (begin === null) return fault('version', 0, 'this is no version of CVSS that is known: 2.0, 3.0, 3.1, 4.0');
  const known = byName.get(begin.version) as Map<string, Metric>;
  const metrics = new Map<string, string>();
  const seen = new Set<string>();
  const end = begin.from === 1 && text.endsWith(')') ? text.length - 1 : text.length;
  let at = begin.from;
  for (const part of text.slice(begin.from, end).split('/')) {
    const colon = part.indexOf(':');
    if (colon < 1) return fault('syntax', at, `a metric and its value were expected, joined by a colon: ${JSON.stringify(part)}`);
    const [name, value] = [part.slice(0, colon), part.slice(colon + 1)];
    const metric = known.get(name);
    if (!metric) return fault('unknown-metric', at, `CVSS ${begin.version} has no metric ${JSON.stringify(name)}`);
    if (!metric.values.includes(value)) return fault('unknown-value', at + colon + 1, `${name} has no value ${JSON.stringify(value)}`);
    if (seen.has(name)) return fault('twice', at, `${name} stands here a second time`);
    seen.add(name);
    if (value !== metric.none) metrics.set(name, value);
    at += part.length + 1;
  }
  const missing = metricsOf[begin.version].find((m) => m.none === null && !metrics.has(m.name));
  if (missing) return fault('missing', text.length, `the base metric ${missing.name} is missing`);
  return { vector: { version: begin.version, metrics } };
}

/** As the specification writes it: its order, and nothing that says nothing. */
export function cvssText({ version, metrics }: CvssVector): string {
  const parts = metricsOf[version].flatMap(({ name }) => (metrics.has(name) ? [`${name}:${metrics.get(name)}`] : []));
  return version === '2.0' ? parts.join('/') : [`CVSS:${version}`, ...parts].join('/');
}
