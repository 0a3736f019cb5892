/** Reads rules of Suricata (and Snort’s older form): a rule a line, what it looks for by its options `content`, `pcre` and those of lists. */
import { Problems, rulesMax, type Rule, type RuleSet, type Wanted } from './rule.ts';

const head = /^(?:alert|drop|reject(?:src|dst|both)?|pass|log|config)\s+(\S+)\s+(.+?)\s+(?:->|<>|=>)\s+(.+?)\s*\((.*)\)\s*$/s;

/** Options in order; a semicolon within quotes or behind a backslash is part of the text. Null where one does not end. */
function optionsOf(text: string): [string, string][] | null {
  const found: [string, string][] = [];
  for (let at = 0; at < text.length;) {
    if (/\s/.test(text[at] ?? '')) {
      at++;
      continue;
    }
    let [end, inQuotes] = [at, false];
    for (; end < text.length && (inQuotes || text[end] !== ';'); end++) {
      if (text[end] === '\\') end++;
      else if (text[end] === '"') inQuotes = !inQuotes;
    }
    if (end >= text.length) return null;
    const option = text.slice(at, end);
    const colon = option.indexOf(':');
    found.push(colon < 0 ? [option.trim(), ''] : [option.slice(0, colon).trim(), option.slice(colon + 1).trim()]);
    at = end + 1;
  }
  return found;
}

const unwrapped = (value: string): string => value.replace(/^!?\s*"/, '').replace(/"$/, '').replaceAll(/\\([";\\:])/g, '$1');

/** Bytes between bars become the letters that they are, where they are letters. */
function contentOf(value: string): { text: string; hex: boolean } {
  let hex = false;
  const text = unwrapped(value).replaceAll(/\|([0-9a-fA-F\s]+)\|/g, (_, bytes: string) => bytes.trim().split(/\s+/).map((b) => {
    const code = Number.parseInt(b, 16);
    if (code < 32 || code > 126) hex = true;
    return String.fromCharCode(code);
  }).join(''));
  return { text, hex };
}

function ruleOf(text: string, line: number): Rule | string {
  const found = head.exec(text);
  if (!found) return 'This is no rule: action, protocol, addresses and options in brackets are expected.';
  const options = optionsOf(found[4] ?? '');
  if (options === null) return 'An option does not end with a semicolon.';
  const wanted: Wanted[] = [];
  const said: Record<string, string> = {};
  let [name, sid] = ['', ''];
  for (const [key, value] of options) {
    const id = `${key}${wanted.length + 1}`;
    if (key === 'msg') name = unwrapped(value);
    else if (key === 'sid') sid = value;
    else if (key === 'content' || key === 'uricontent') {
      const { text: content, hex } = contentOf(value.replace(/"\s*,.*$/s, '"'));
      wanted.push({ id, kind: hex ? 'hex' : 'text', text: content });
    } else if (key === 'pcre') wanted.push({ id, kind: 'regex', text: unwrapped(value) });
    else if (key === 'dataset' || key === 'ja3.hash' || key === 'ja3_hash') wanted.push({ id, kind: 'field', text: `${key}=${value}` });
    else if (['reference', 'classtype', 'metadata'].includes(key)) said[key] = value;
  }
  if (sid === '') return 'A rule has no number (sid).';
  const network = `${found[1]} ${found[2]} ${found[3]}`;
  if (wanted.length === 0) wanted.push({ id: 'network', kind: 'field', text: `network=${network}` });
  return { grammar: 'suricata', name: `${sid} ${name}`.trim(), line, wanted, condition: network, said: { ...said, description: name },
    body: text.replaceAll(/\s+/g, ' ').trim() };
}

export function readSuricata(source: string): RuleSet {
  const [rules, problems]: [Rule[], Problems] = [[], new Problems()];
  const lines = source.split(/\r?\n/);
  for (let i = 0; i < lines.length && rules.length < rulesMax; i++) {
    const line = i + 1;
    let text = lines[i] ?? '';
    while (text.endsWith('\\') && i + 1 < lines.length) text = `${text.slice(0, -1)}${lines[++i] ?? ''}`;
    if (text.trim() === '' || text.trimStart().startsWith('#')) continue;
    const rule = ruleOf(text.trim(), line);
    if (typeof rule === 'string') problems.add(line, rule);
    else rules.push(rule);
  }
  return { grammar: 'suricata', rules, problems: problems.list };
}
