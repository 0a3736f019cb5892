/**
 * Finds files by a few letters of their paths: the letters stand in the path in their order, and those matches come first whose letters
 * begin words, stand together and lie in the file's name. Words apart by spaces are looked for one by one. Linear in the length of all
 * paths, so that nothing that is typed takes long.
 */
export interface FoundPath {
  readonly path: string;
  /** Places of the letters in the path, rising. */
  readonly at: readonly number[];
}

const mostLetters = 100;

const lower = (code: number): number => (code >= 65 && code <= 90 ? code + 32 : code);
const isLetter = (code: number): boolean => (code >= 97 && code <= 122) || (code >= 65 && code <= 90);
const isUpper = (code: number): boolean => code >= 65 && code <= 90;
const isDigit = (code: number): boolean => code >= 48 && code <= 57;

/** What a letter at a place is worth: the beginning of a step most, then that of a word. */
function worthOf(path: string, at: number): number {
  if (at === 0) return 10;
  const [before, code] = [path.charCodeAt(at - 1), path.charCodeAt(at)];
  if (before === 47) return 12;
  if (!isLetter(before) && !isDigit(before)) return 8;
  if (isUpper(code) && !isUpper(before)) return 8;
  return 1;
}

/** The places of a word, the last that fit, from behind: so the file's name is preferred to its folders. Null where it does not fit. */
function lastPlaces(path: string, word: readonly number[], end: number): number[] | null {
  const at: number[] = [];
  for (let i = word.length - 1, place = end - 1; i >= 0; i--, place--) {
    while (place >= 0 && lower(path.charCodeAt(place)) !== word[i]) place--;
    if (place < 0) return null;
    at.push(place);
  }
  return at.reverse();
}

/** The whole word as it stands, nearest to the end; null where it does not stand so. */
function together(path: string, lowered: string, word: string): number[] | null {
  const name = path.lastIndexOf('/') + 1;
  let found = lowered.indexOf(word, name);
  // In the name the first that begins a word is best; elsewhere the last.
  for (let next = found; next >= 0; next = lowered.indexOf(word, next + 1)) {
    if (worthOf(path, next) > 1) {
      found = next;
      break;
    }
  }
  if (found < 0) found = lowered.lastIndexOf(word);
  return found < 0 ? null : Array.from({ length: word.length }, (_, i) => found + i);
}

function scoreOf(path: string, at: readonly number[]): number {
  const name = path.lastIndexOf('/') + 1;
  let score = 0;
  at.forEach((place, i) => {
    score += worthOf(path, place);
    if (i > 0 && at[i - 1] === place - 1) score += 7;
    if (place >= name) score += 5;
  });
  if (at[0] === name) score += 15;
  // Of two that fit as well, the one with less around it.
  return score - path.length / 50 - (path.length - name) / 20;
}

function fit(path: string, words: readonly { readonly text: string; readonly codes: readonly number[] }[]): { score: number; at: number[] } | null {
  const lowered = path.toLowerCase();
  // A letter that grows when it is lowered moves all places: such a path is looked at as it stands.
  const plain = lowered.length === path.length ? lowered : path;
  let score = 0;
  const at = new Set<number>();
  for (const { text, codes } of words) {
    const places = together(path, plain, text) ?? lastPlaces(path, codes, path.length);
    if (!places) return null;
    score += scoreOf(path, places);
    for (const place of places) at.add(place);
  }
  return { score, at: [...at].sort((a, b) => a - b) };
}

/** The best, best first; ties in the order of the paths. */
export function findPaths(paths: readonly string[], asked: string, most: number): FoundPath[] {
  const words = asked.slice(0, mostLetters).toLowerCase().split(/\s+/).filter((w) => w !== '')
    .map((text) => ({ text, codes: Array.from({ length: text.length }, (_, i) => text.charCodeAt(i)) }));
  if (words.length === 0) return paths.slice(0, most).map((path) => ({ path, at: [] }));
  const best: { score: number; path: string; at: number[] }[] = [];
  for (const path of paths) {
    const found = fit(path, words);
    if (!found || (best.length >= most && found.score <= (best.at(-1)?.score ?? 0))) continue;
    const place = best.findIndex((other) => other.score < found.score);
    best.splice(place < 0 ? best.length : place, 0, { path, ...found });
    if (best.length > most) best.pop();
  }
  return best.map(({ path, at }) => ({ path, at }));
}
