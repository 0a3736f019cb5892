/**
 * Reads Sigma rules. Of YAML what such rules are written in: maps and lists by indentation or in brackets, plain and quoted text, blocks
 * of text, several documents. Anchors, tags and what else YAML has is told as a problem of its document, and reading goes on.
 */
import { Problems, rulesMax, type Rule, type RuleSet, type Wanted } from './rule.ts';

export type Yaml = string | Yaml[] | { [key: string]: Yaml };
interface Line { readonly indent: number; readonly text: string; readonly line: number }
class YamlError extends Error {
  readonly line: number;
  constructor(line: number, message: string) {
    super(message);
    this.line = line;
  }
}

/** Up to a comment that no quotes hold. */
function uncommented(text: string): string {
  let quote = '';
  for (let i = 0; i < text.length; i++) {
    const c = text[i] ?? '';
    if (quote === '"' && c === '\\') i++;
    else if (quote !== '') quote = c === quote ? '' : quote;
    else if ((c === '"' || c === "'") && /^$|[\s:,[{-]/.test(text[i - 1] ?? '')) quote = c;
    else if (c === '#' && (i === 0 || /\s/.test(text[i - 1] ?? ''))) return text.slice(0, i);
  }
  return text;
}

function quotedScalar(text: string, line: number): string {
  if (text.startsWith('"')) {
    if (!/^"(?:[^"\\]|\\.)*"$/.test(text)) throw new YamlError(line, 'A text in quotes does not end on its line.');
    try {
      return JSON.parse(text.replaceAll(/\\([^"\\/bfnrtu])/g, '\\\\$1').replaceAll('\t', '\\t')) as string;
    } catch {
      throw new YamlError(line, 'A text in quotes holds an escape that is not read.');
    }
  }
  if (!/^'(?:[^']|'')*'$/.test(text)) throw new YamlError(line, 'A text in quotes does not end on its line.');
  return text.slice(1, -1).replaceAll("''", "'");
}

function scalar(text: string, line: number): Yaml {
  if (text.startsWith('"') || text.startsWith("'")) return quotedScalar(text, line);
  if (text.startsWith('[')) {
    if (!text.endsWith(']')) throw new YamlError(line, 'A list in brackets does not end on its line.');
    const parts = text.slice(1, -1).match(/\s*(?:"(?:[^"\\]|\\.)*"|'(?:[^']|'')*'|[^,]+)/g) ?? [];
    return parts.map((p) => p.trim()).filter((p) => p !== '').map((p) => scalar(p, line));
  }
  if (/^[&*!{%@`]/.test(text)) throw new YamlError(line, 'This part of YAML is not read.');
  return text === '~' || text === 'null' ? '' : text;
}

const keyed = /^("(?:[^"\\]|\\.)*"|'(?:[^']|'')*'|[^\s'"#[\]{}&*!|>%@`-][^#]*?|-[^\s#][^#]*?):(?:\s+(.*))?$/;

class Reader {
  readonly #lines: readonly Line[];
  readonly #raw: readonly string[];
  #at = 0;
  constructor(raw: readonly string[], first: number) {
    this.#raw = raw;
    this.#lines = raw.map((text, i) => {
      const said = uncommented(text).trimEnd();
      return { indent: said.length - said.trimStart().length, text: said.trim(), line: first + i };
    });
  }
  value(depth = 0): Yaml {
    if (depth > 60) throw new YamlError(this.#lines[this.#at]?.line ?? 0, 'It is nested too deep.');
    this.#blank();
    const begin = this.#lines[this.#at];
    if (!begin) return '';
    return begin.text === '-' || begin.text.startsWith('- ') ? this.#list(begin.indent, depth) : this.#map(begin.indent, depth);
  }
  end(): void {
    this.#blank();
    const rest = this.#lines[this.#at];
    if (rest) throw new YamlError(rest.line, 'A line does not stand under what is before it.');
  }
  #blank(): void {
    while (this.#at < this.#lines.length && this.#lines[this.#at]?.text === '') this.#at++;
  }
  #list(indent: number, depth: number): Yaml[] {
    const items: Yaml[] = [];
    for (let line = this.#lines[this.#at]; line && line.indent === indent && (line.text === '-' || line.text.startsWith('- ')); line = this.#lines[this.#at]) {
      const rest = line.text.slice(1).trim();
      this.#at++;
      if (rest === '') items.push(this.#under(indent, depth));
      else if (keyed.test(rest) && !/^["']/.test(rest)) {
        // A map that begins behind the dash goes on where its first key stands.
        this.#at--;
        (this.#lines as Line[])[this.#at] = { ...line, indent: indent + line.text.indexOf(rest), text: rest };
        items.push(this.#map(indent + line.text.indexOf(rest), depth + 1));
      } else items.push(this.#scalarOrBlock(rest, indent, line.line));
      this.#blank();
    }
    return items;
  }
  #map(indent: number, depth: number): { [key: string]: Yaml } {
    const map: { [key: string]: Yaml } = Object.create(null) as { [key: string]: Yaml };
    for (let line = this.#lines[this.#at]; line && line.indent === indent; line = this.#lines[this.#at]) {
      const found = keyed.exec(line.text);
      if (!found) throw new YamlError(line.line, 'A key with a colon behind it is expected here.');
      const raw = found[1] ?? '';
      const key = /^["']/.test(raw) ? quotedScalar(raw, line.line) : raw.trim();
      if (Object.hasOwn(map, key)) throw new YamlError(line.line, 'A key stands twice.');
      this.#at++;
      const rest = (found[2] ?? '').trim();
      map[key] = rest === '' ? this.#under(indent, depth, true) : this.#scalarOrBlock(rest, indent, line.line);
      this.#blank();
    }
    return map;
  }
  /** What stands deeper; a list may stand as deep as the key that it belongs to. */
  #under(indent: number, depth: number, ofKey = false): Yaml {
    this.#blank();
    const next = this.#lines[this.#at];
    const isList = next !== undefined && (next.text === '-' || next.text.startsWith('- '));
    if (!next || next.indent < indent || (next.indent === indent && !(ofKey && isList))) return '';
    return this.value(depth + 1);
  }
  #scalarOrBlock(rest: string, indent: number, line: number): Yaml {
    if (!/^[|>][+-]?\d?$/.test(rest)) return scalar(rest, line);
    const texts: string[] = [];
    for (; this.#at < this.#lines.length; this.#at++) {
      const raw = this.#raw[this.#at] ?? '';
      if (raw.trim() !== '' && raw.length - raw.trimStart().length <= indent) break;
      texts.push(raw.trim());
    }
    return texts.join(rest.startsWith('|') ? '\n' : ' ').trim();
  }
}

function wantedOf(name: string, value: Yaml, field: string): Wanted[] {
  if (typeof value === 'string') return [{ id: name, kind: field === '' ? 'text' : 'field', text: field === '' ? value : `${field}=${value}` }];
  if (Array.isArray(value)) return value.flatMap((v) => wantedOf(name, v, field));
  return Object.entries(value).flatMap(([key, v]) => wantedOf(name, v, key));
}

const textAt = (map: { [key: string]: Yaml }, key: string): string => (typeof map[key] === 'string' ? map[key] : '');

function ruleOf(value: Yaml, line: number, body: string): Rule | string {
  if (typeof value === 'string' || Array.isArray(value)) return 'A rule is a map.';
  const detection = value['detection'];
  if (typeof detection !== 'object' || Array.isArray(detection)) return 'A rule has no detection.';
  const { condition = '', ...selections } = detection;
  if (Object.keys(selections).length === 0 || condition.length === 0) return 'A detection has selections and a condition.';
  const wanted = Object.entries(selections).filter(([name]) => name !== 'timeframe').flatMap(([name, v]) => wantedOf(name, v, ''));
  return {
    grammar: 'sigma', name: textAt(value, 'title') || textAt(value, 'id') || 'untitled', line, wanted,
    condition: Array.isArray(condition) ? condition.join(' or ') : String(condition),
    said: { description: textAt(value, 'description'), author: textAt(value, 'author'), id: textAt(value, 'id') }, body,
  };
}

export function readSigma(source: string): RuleSet {
  const [rules, problems]: [Rule[], Problems] = [[], new Problems()];
  const lines = source.split(/\r?\n/);
  const starts = [0, ...lines.flatMap((text, i) => (/^---(\s|$)/.test(text) ? [i + 1] : []))];
  for (const [i, start] of starts.entries()) {
    const part = lines.slice(start, (starts[i + 1] ?? lines.length + 1) - 1).filter((text) => text !== '...');
    if (rules.length >= rulesMax || part.every((text) => uncommented(text).trim() === '')) continue;
    const first = part.findIndex((text) => uncommented(text).trim() !== '');
    try {
      const tab = part.findIndex((text) => /^ *\t/.test(text));
      if (tab >= 0) throw new YamlError(start + tab + 1, 'A line is indented by a tab.');
      const reader = new Reader(part, start + 1);
      const value = reader.value();
      reader.end();
      const rule = ruleOf(value, start + first + 1, part.map((text) => uncommented(text).trimEnd()).filter((text) => text !== '').join('\n'));
      if (typeof rule === 'string') problems.add(start + first + 1, rule);
      else rules.push(rule);
    } catch (error) {
      if (!(error instanceof YamlError)) throw error;
      problems.add(error.line, error.message);
    }
  }
  return { grammar: 'sigma', rules, problems: problems.list };
}
