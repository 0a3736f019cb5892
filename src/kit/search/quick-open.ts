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

/** Where the letters of a word are put: nothing is made anew for each of a hundred thousand paths. A letter may be lowered to two. */
const places = new Int32Array(mostLetters * 3);

/** The places of a word, the last that fit, from behind: so the file's name is preferred to its folders. False where it does not fit. */
function lastPlaces(path: string, word: readonly number[]): boolean {
  for (let i = word.length - 1, place = path.length - 1; i >= 0; i--, place--) {
    const code = word[i] as number;
    while (place >= 0 && lower(path.charCodeAt(place)) !== code) place--;
    if (place < 0) return false;
    places[i] = place;
  }
  return true;
}

/** Where the whole word stands, nearest to the end; -1 where it does not stand so. */
function together(path: string, lowered: string, word: string, name: number): number {
  let found = lowered.indexOf(word, name);
  // In the name the first that begins a word is best; elsewhere the last.
  for (let next = found; next >= 0; next = lowered.indexOf(word, next + 1)) {
    if (worthOf(path, next) > 1) {
      found = next;
      break;
    }
  }
  return found < 0 ? lowered.lastIndexOf(word) : found;
}

function scoreOf(path: string, length: number, name: number): number {
  let score = places[0] === name ? 15 : 0;
  for (let i = 0; i < length; i++) {
    const place = places[i] as number;
    score += worthOf(path, place);
    if (i > 0 && places[i - 1] === place - 1) score += 7;
    if (place >= name) score += 5;
  }
  // Of two that fit as well, the one with less around it.
  return score - path.length / 50 - (path.length - name) / 20;
}

/** One each for the letters, one for all digits, one each for three signs and one for all others: what a path does not hold at all is seen at once. */
function bitOf(code: number): number {
  const small = lower(code);
  if (small >= 97 && small <= 122) return 1 << (small - 97);
  if (isDigit(code)) return 1 << 26;
  const sign = '/_.'.indexOf(String.fromCharCode(code));
  return sign >= 0 ? 1 << (27 + sign) : 1 << 30;
}

function bitsOf(text: string): number {
  let bits = 0;
  for (let i = 0; i < text.length; i++) bits |= bitOf(text.charCodeAt(i));
  return bits;
}

/** The paths of a source as they are compared, and the signs in each; made once for as long as the list is held. */
interface Prepared { readonly lowered: readonly string[]; readonly signs: Int32Array }
const prepared = new WeakMap<readonly string[], Prepared>();

function preparedOf(paths: readonly string[]): Prepared {
  const known = prepared.get(paths);
  if (known) return known;
  // A letter that grows when it is lowered moves all places: such a path is looked at as it stands.
  const lowered = paths.map((path) => {
    const small = path.toLowerCase();
    return small.length === path.length && small !== path ? small : path;
  });
  const made = { lowered, signs: Int32Array.from(paths, (path, i) => bitsOf(path) | (lowered[i] === path ? 0 : bitsOf(lowered[i] as string))) };
  prepared.set(paths, made);
  return made;
}

interface Word { readonly text: string; readonly codes: readonly number[] }

/** Puts the letters of a word at their places in a path; false where it does not fit. */
function placed(path: string, lowered: string, { text, codes }: Word, name: number): boolean {
  const start = together(path, lowered, text, name);
  if (start < 0) return lastPlaces(path, codes);
  for (let i = 0; i < text.length; i++) places[i] = start + i;
  return true;
}

/** How well the words fit a path; -Infinity where one does not. */
function fitOf(path: string, lowered: string, words: readonly Word[]): number {
  const name = path.lastIndexOf('/') + 1;
  let score = 0;
  for (const word of words) {
    if (!placed(path, lowered, word, name)) return -Infinity;
    score += scoreOf(path, word.text.length, name);
  }
  return score;
}

function placesOf(path: string, lowered: string, words: readonly Word[]): number[] {
  const at = new Set<number>();
  for (const word of words) {
    placed(path, lowered, word, path.lastIndexOf('/') + 1);
    for (let i = 0; i < word.text.length; i++) at.add(places[i] as number);
  }
  return [...at].sort((one, other) => one - other);
}

/** The best, best first; ties in the order of the paths. */
export function findPaths(paths: readonly string[], asked: string, most: number): FoundPath[] {
  const words = asked.slice(0, mostLetters).toLowerCase().split(/\s+/).filter((w) => w !== '')
    .map((text): Word => ({ text, codes: Array.from({ length: text.length }, (_, i) => text.charCodeAt(i)) }));
  if (words.length === 0) return paths.slice(0, most).map((path) => ({ path, at: [] }));
  const { lowered, signs } = preparedOf(paths);
  const wanted = words.reduce((bits, { text }) => bits | bitsOf(text), 0);
  const best: { readonly score: number; readonly i: number }[] = [];
  for (let i = 0; i < paths.length; i++) {
    if (((signs[i] as number) & wanted) !== wanted) continue;
    const score = fitOf(paths[i] as string, lowered[i] as string, words);
    if (score === -Infinity || (best.length >= most && score <= (best.at(-1)?.score ?? 0))) continue;
    const place = best.findIndex((other) => other.score < score);
    best.splice(place < 0 ? best.length : place, 0, { score, i });
    if (best.length > most) best.pop();
  }
  return best.map(({ i }) => ({ path: paths[i] as string, at: placesOf(paths[i] as string, lowered[i] as string, words) }));
}
