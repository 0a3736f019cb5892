/**
 * The form of a story: lines that a lawyer can read. `as` says who acts, a request line what they ask, and the indented
 * lines what must then hold. Reading a script knows nothing of hubs; a line that means nothing is an error with its place.
 */

export type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';

export interface Place {
  readonly file: string;
  readonly line: number;
}

/** What must hold of an answer, what is kept of it, or by which approval it is asked: `verb` and the rest of its line. */
export interface Claim extends Place {
  readonly verb: (typeof claimVerbs)[number];
  readonly words: string;
}

export type Step = Place & (
  | { readonly kind: 'as'; readonly who: string }
  | { readonly kind: 'clock'; readonly words: string }
  | { readonly kind: 'drain' }
  | { readonly kind: 'letter'; readonly to: string; readonly keep: string }
  | { readonly kind: 'dns'; readonly name: string; readonly text: string }
  /** The hub does what it does between requests. */
  | { readonly kind: 'round' }
  /** Attests of an agreement all that who acts may. */
  | { readonly kind: 'attest'; readonly agreement: string }
  /** Brings source code into a prepared release; its artefact is kept as `source`. */
  | { readonly kind: 'source'; readonly release: string }
  /** The public key of an observer, kept under its name. */
  | { readonly kind: 'key'; readonly keyid: string }
  /** What an observer was served, signed and handed in: `same` for all, or `other` bytes; what it raised is kept as `alarm` and `piece`. */
  | { readonly kind: 'look'; readonly channel: string; readonly keyid: string; readonly served: 'same' | 'other' }
  /** The public key of a rebuilder of that name, kept under another. */
  | { readonly kind: 'rebuilder'; readonly name: string; readonly keep: string }
  /** Sends evidence of what a shipped word and a rebuilt one come to, `-` where nothing was built; kept as `rebuild` and `verdict`. */
  | { readonly kind: 'evidence'; readonly release: string; readonly by: string; readonly shipped: string; readonly rebuilt: string; readonly corrects:
    string | null }
  /** Hands in a picture of a sitting's screen; the answer names that sitting. */
  | { readonly kind: 'screen'; readonly review: string }
  /** Hands in captured traffic of a machine, against a declaration; the comparison is kept as `comparison`. */
  | { readonly kind: 'capture'; readonly visit: string; readonly artefact: string }
  | { readonly kind: 'fact'; readonly name: string; readonly subject: string; readonly times: number }
  | { readonly kind: 'request'; readonly method: Method; readonly path: string; readonly body: string | null; readonly claims: readonly Claim[] }
);

export interface Story {
  readonly file: string;
  /** The first comment: what the story tells. */
  readonly title: string;
  /** The story has a hub of its own, since it moves the clock or changes what others rest on. */
  readonly alone: boolean;
  readonly steps: readonly Step[];
}

export const claimVerbs = [
  'status', 'code', 'is', 'has', 'lacks', 'contains', 'count', 'keep', 'same', 'header', 'verifies', 'proves', 'approval',
] as const;

/** An error of a story says where: `file:line: what`. */
export function wrong({ file, line }: Place, what: string): Error {
  return new Error(`${file}:${line}: ${what}`);
}

const isVerb = (word: string): word is Claim['verb'] => (claimVerbs as readonly string[]).includes(word);

export function parseStory(file: string, text: string): Story {
  const lines = text.split('\n');
  const steps: Step[] = [];
  for (let at = 0; at < lines.length; at++) {
    const line = lines[at] ?? '';
    const place = { file, line: at + 1 };
    if (/^\s*(#|$)/.test(line) || line === 'alone') continue;
    if (/^\s/.test(line)) throw wrong(place, 'an indented line without a request above it');
    const request = /^(GET|POST|PUT|PATCH|DELETE) (\/\S*)(?: (.+))?$/.exec(line);
    if (!request) {
      steps.push(plainStep(place, line));
      continue;
    }
    const { block, claims, end } = below(file, lines, at + 1);
    const [, method, path = '', said] = request;
    steps.push({ ...place, kind: 'request', method: method as Method, path, body: bodyOf(place, said, block), claims });
    at = end - 1;
  }
  const title = /^# (.+)$/m.exec(text)?.[1];
  if (!title) throw wrong({ file, line: 1 }, 'a story begins with `# ` and what it tells');
  return { file, title, alone: lines.includes('alone'), steps };
}

/** The block of text (`| …`) and the claims that belong to a request; `end` is the first line after them. */
function below(file: string, lines: readonly string[], from: number): { block: string[]; claims: Claim[]; end: number } {
  const block: string[] = [];
  const claims: Claim[] = [];
  let at = from;
  for (; at < lines.length && /^(\s|$)/.test(lines[at] ?? ''); at++) {
    const line = lines[at] ?? '';
    const text = /^\s+\| ?(.*)$/.exec(line);
    if (text) {
      block.push(text[1] ?? '');
      continue;
    }
    const [, verb = '', words = ''] = /^\s+(\S+)(?:\s+(.*\S))?\s*$/.exec(line) ?? [];
    if (verb === '' || verb.startsWith('#')) continue;
    if (!isVerb(verb)) throw wrong({ file, line: at + 1 }, `“${verb}” says nothing; known: ${claimVerbs.join(', ')}`);
    claims.push({ file, line: at + 1, verb, words });
  }
  return { block, claims, end: at };
}

/** The block alone is the body as it stands; where the request line says TEXT, the block is put there as a JSON string. */
function bodyOf(place: Place, said: string | undefined, block: readonly string[]): string | null {
  if (block.length === 0) return said ?? null;
  const text = `${block.join('\n')}\n`;
  if (said === undefined) return text;
  if (!said.includes('TEXT')) throw wrong(place, 'has a body and a block of text, and no TEXT to put it');
  return said.replace('TEXT', () => JSON.stringify(text));
}

function plainStep(place: Place, line: string): Step {
  const [verb, ...rest] = line.trim().split(/\s+/);
  const words = rest.join(' ');
  if (verb === 'as' && rest.length > 0) return { ...place, kind: 'as', who: words };
  if (verb === 'clock') return { ...place, kind: 'clock', words };
  if (verb === 'letter' && rest.length === 3 && rest[1] === 'as') return { ...place, kind: 'letter', to: rest[0] ?? '', keep: rest[2] ?? '' };
  if (verb === 'dns' && rest.length === 2) return { ...place, kind: 'dns', name: rest[0] ?? '', text: rest[1] ?? '' };
  if ((verb === 'drain' || verb === 'round') && rest.length === 0) return { ...place, kind: verb };
  if (verb === 'attest' && rest.length === 1) return { ...place, kind: 'attest', agreement: words };
  if (verb === 'key' && rest.length === 1) return { ...place, kind: 'key', keyid: words };
  if (verb === 'look' && rest.length === 3 && (rest[2] === 'same' || rest[2] === 'other')) {
    return { ...place, kind: 'look', channel: rest[0] ?? '', keyid: rest[1] ?? '', served: rest[2] };
  }
  if (verb === 'source' && rest.length === 1) return { ...place, kind: 'source', release: words };
  if (verb === 'rebuilder' && rest.length === 3 && rest[1] === 'as') return { ...place, kind: 'rebuilder', name: rest[0] ?? '', keep: rest[2] ?? '' };
  if (verb === 'evidence' && (rest.length === 4 || (rest.length === 6 && rest[4] === 'corrects'))) {
    const [release = '', by = '', shipped = '', rebuilt = '', , corrects = null] = rest;
    return { ...place, kind: 'evidence', release, by, shipped, rebuilt, corrects };
  }
  if (verb === 'capture' && rest.length === 2) return { ...place, kind: 'capture', visit: rest[0] ?? '', artefact: rest[1] ?? '' };
  if (verb === 'screen' && rest.length === 1) return { ...place, kind: 'screen', review: words };
  const often = rest.slice(2).join(' ') || 'once';
  const times = { once: 1, twice: 2, never: 0 }[often] ?? (/^\d+ times$/.test(often) ? Number(rest[2]) : undefined);
  if (verb === 'fact' && rest.length >= 2 && times !== undefined) {
    return { ...place, kind: 'fact', name: rest[0] ?? '', subject: rest[1] ?? '', times };
  }
  throw wrong(place, `“${line}” says nothing`);
}

/** Replaces `{name}` by what was kept under that name. JSON's own braces never look like that. */
export function filled(place: Place, text: string, kept: ReadonlyMap<string, string>): string {
  return text.replaceAll(/\{([a-zA-Z][\w-]*)\}/g, (_, name: string) => {
    const value = kept.get(name);
    if (value === undefined) throw wrong(place, `nothing is kept as ${name}`);
    return value;
  });
}

/** `items.0.name`, `parts[id=investigation].state`: what stands there, or undefined. */
export function at(json: unknown, path: string): unknown {
  const steps = [...path.matchAll(/\[([\w-]+)=([^\]]*)\]|([^.[\]]+)/g)];
  return steps.reduce<unknown>((found, [, key, value, name]) => {
    if (found === null || typeof found !== 'object') return undefined;
    if (key !== undefined) {
      return Array.isArray(found)
        ? found.find((item) => String((item as Record<string, unknown> | null)?.[key]) === value) : undefined;
    }
    return (found as Record<string, unknown>)[name ?? ''];
  }, json);
}
