/**
 * What to read first where nobody can read everything: places ranked by dangerous constructs, by how often a file changed, and by the words
 * of the questions; then as many of them, with the lines round them, as a share of all lines allows.
 */
import { dangersIn, knowsDangers, type DangerKind } from './dangers.ts';

export interface SourceText {
  readonly path: string;
  readonly text: string;
  /** Releases in which its bytes changed, 0 where they never did. */
  readonly changes: number;
}

export type Reason = DangerKind | 'question' | 'changed';

export interface Place {
  readonly path: string;
  /** From 1. */
  readonly line: number;
  readonly weight: number;
  readonly reasons: readonly Reason[];
}

export interface Stretch {
  readonly path: string;
  readonly from: number;
  readonly to: number;
  readonly weight: number;
  readonly reasons: readonly Reason[];
}

export interface Plan {
  readonly lines: number;
  readonly ofLines: number;
  /** The weightiest first. */
  readonly stretches: readonly Stretch[];
}

/** A line that is longer was not written by a person. */
const longestLine = 2_000;
/** Lines round a place that make it readable. */
const before = 8;
const after = 11;
/** So many places of one file: what comes after says nothing new of it. */
const mostOfFile = 400;

const isComment = /^\s*(?:\/\/|\*|#(?!\s*(?:define|include|if))|--|;|<!--|\/\*)/;
/** What ships to nobody, and what others have written, is looked at after what is one's own. */
const lessWeight: readonly (readonly [pattern: RegExp, factor: number])[] = [
  [/(?:^|\/)(?:tests?|__tests__|spec|testdata|fixtures?|examples?|samples?|docs?|bench(?:marks?)?)\//i, 0.25],
  [/[._-](?:test|spec)\.\w+$|(?:^|\/)test_[^/]*$|_test\.\w+$/i, 0.25],
  [/(?:^|\/)(?:vendor|third_?party|external|node_modules|generated|gen)\//i, 0.5],
  [/\.(?:min\.js|map|svg|lock|po|pot|md|txt|rst|json|csv)$/i, 0.3],
];
/** Where what comes from outside first arrives, and where trust is decided. */
const moreWeight = new RegExp(String.raw`(?:^|[/_.-])(?:auth\w*|crypt\w*|ssl|tls|net(?:work)?|pars\w*|update\w*|install\w*|sign\w*|verif\w*|login|session`
  + String.raw`|protocol|decod\w*|kernel|driver|privilege)(?=[/_.-]|$)`, 'i');

const factorOf = (path: string): number =>
  lessWeight.reduce((factor, [pattern, by]) => (pattern.test(path) ? factor * by : factor), moreWeight.test(path) ? 1.5 : 1);

/** How soon a file is looked at where not all can be: by its path, and whether its language is one whose dangers are known. */
export const riskOf = (path: string): number => factorOf(path) * (knowsDangers(path) ? 1 : 0.05);

/** Words of the questions that tell something: four letters and more. */
export function wordsOf(questions: readonly string[]): string[] {
  const words = questions.flatMap((q) => q.toLowerCase().match(/[\p{L}\p{N}_]{4,}/gu) ?? []);
  return [...new Set(words)].filter((word) => !common.has(word));
}
const common = new Set(('does this that with from what which where when there have been into over such only also they them then than each every before after '
  + 'about would could should must shall product products code source file files please show whether').split(' '));

const escaped = (word: string): string => word.replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`);

function placeOf(line: string, dangers: ReturnType<typeof dangersIn>, asked: RegExp | null): { weight: number; reasons: Reason[] } {
  const reasons: Reason[] = [];
  let weight = 0;
  for (const { kind, weight: own, pattern } of dangers) {
    if (!pattern.test(line)) continue;
    // Several of one kind are one; of several kinds the lesser ones count half.
    if (!reasons.includes(kind)) reasons.push(kind);
    weight = Math.max(weight, own) + (weight > 0 && reasons.length > 1 ? Math.min(weight, own) / 2 : 0);
  }
  if (isComment.test(line)) weight *= 0.2;
  if (asked?.test(line)) {
    weight += 4;
    reasons.push('question');
  }
  return { weight, reasons };
}

/** Ranks file by file, so that no more than one is in memory; `plan` is asked when all have been seen. */
export class Planner {
  private readonly places: Place[] = [];
  private readonly lengths = new Map<string, number>();
  private readonly asked: RegExp | null;
  private lines = 0;

  constructor(questions: readonly string[]) {
    const words = wordsOf(questions).map(escaped);
    this.asked = words.length > 0 ? new RegExp(words.join('|'), 'iu') : null;
  }

  look({ path, text, changes }: SourceText): void {
    const dangers = dangersIn(path);
    const factor = factorOf(path) * (1 + Math.min(changes, 8) / 8);
    const found: Place[] = [];
    let number = 0;
    for (let at = 0; at < text.length;) {
      const end = text.indexOf('\n', at);
      const to = end < 0 ? text.length : end;
      number += 1;
      if (to - at > 3 && to - at <= longestLine) {
        const { weight, reasons } = placeOf(text.slice(at, to), dangers, this.asked);
        if (weight > 0) found.push({ path, line: number, weight: weight * factor, reasons: changes > 0 ? [...reasons, 'changed'] : reasons });
      }
      at = to + 1;
    }
    this.lines += number;
    this.lengths.set(path, number);
    this.places.push(...found.sort((a, b) => b.weight - a.weight || a.line - b.line).slice(0, mostOfFile));
  }

  /** Places in the order of their weight until the share of lines, in hundredths of a per cent, is used up. */
  plan(share: number): Plan {
    const most = Math.floor((this.lines * share) / 10_000);
    const taken = new Map<string, { lines: Set<number>; places: Place[] }>();
    let used = 0;
    const inOrder = [...this.places].sort((a, b) => b.weight - a.weight || (a.path < b.path ? -1 : a.path > b.path ? 1 : a.line - b.line));
    for (const place of inOrder) {
      const of = taken.get(place.path) ?? { lines: new Set<number>(), places: [] };
      const fresh: number[] = [];
      const last = Math.min(this.lengths.get(place.path) ?? place.line, place.line + after);
      for (let line = Math.max(1, place.line - before); line <= last; line++) if (!of.lines.has(line)) fresh.push(line);
      if (used + fresh.length > most) continue;
      for (const line of fresh) of.lines.add(line);
      used += fresh.length;
      of.places.push(place);
      taken.set(place.path, of);
    }
    const stretches = [...taken].flatMap(([path, { lines, places }]) => stretchesOf(path, lines, places));
    return { lines: used, ofLines: this.lines, stretches: stretches.sort((a, b) => b.weight - a.weight || (a.path < b.path ? -1 : 1)) };
  }
}

function stretchesOf(path: string, lines: ReadonlySet<number>, places: readonly Place[]): Stretch[] {
  const out: { from: number; to: number }[] = [];
  for (const line of [...lines].sort((a, b) => a - b)) {
    const last = out.at(-1);
    if (last?.to === line - 1) last.to = line;
    else out.push({ from: line, to: line });
  }
  return out.map(({ from, to }) => {
    const inside = places.filter((p) => p.line >= from && p.line <= to);
    return {
      path, from, to, weight: Math.round(Math.max(...inside.map((p) => p.weight)) * 10) / 10, reasons: [...new Set(inside.flatMap((p) => p.reasons))],
    };
  });
}
