/**
 * Whether a value is a statement field for field; a located sentence for the first thing that is not. By hand, since the stand-alone
 * verifier carries no library.
 */

type Check = (value: unknown, at: string) => string | null;

const text = (most: number): Check => (value, at) =>
  (typeof value === 'string' && value.length > 0 && value.length <= most ? null : `${at} is not a text of at most ${most} characters`);
const matching = (pattern: RegExp, what: string): Check => (value, at) => (typeof value === 'string' && pattern.test(value) ? null : `${at} is not ${what}`);
const hex: Check = matching(/^[0-9a-f]{64}$/, '64 hex digits');
const time: Check = matching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z$/, 'a time in UTC');
const whole: Check = (value, at) => (Number.isSafeInteger(value) && (value as number) >= 0 ? null : `${at} is not a whole number`);
const oneOf = (words: readonly string[]): Check => (value, at) => (words.includes(value as string) ? null : `${at} is none of ${words.join(', ')}`);

const list = (most: number, of: Check): Check => (value, at) => {
  if (!Array.isArray(value) || value.length > most) return `${at} is not a list of at most ${most}`;
  for (const [i, item] of value.entries()) {
    const fault = of(item, `${at}.${i}`);
    if (fault !== null) return fault;
  }
  return null;
};

const fields = (shape: Readonly<Record<string, Check>>): Check => (value, at) => {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return `${at} is not an object`;
  const stranger = Object.keys(value).find((key) => !Object.hasOwn(shape, key));
  if (stranger !== undefined) return `${at}.${stranger} is not a field`;
  for (const [key, check] of Object.entries(shape)) {
    const fault = check((value as Record<string, unknown>)[key], at === '' ? key : `${at}.${key}`);
    if (fault !== null) return fault;
  }
  return null;
};

const row = fields({
  file: hex, bytes: whole, seenBytes: whole, seenLines: whole, seenBlocks: whole, carriedBytes: whole, views: list(1_000_000, whole),
});
const counted = fields({ open: whole, closed: whole });

const shape = fields({
  v: oneOf(['entente-review-statement/v1']), id: text(60), madeAt: time, expires: time, by: fields({ org: text(100), name: text(300) }),
  product: fields({ id: text(100), name: text(300), owner: text(300) }), release: fields({ id: text(100), version: text(200), root: hex }),
  level: oneOf(['blue', 'red', 'black']), scope: list(100, text(1_000)),
  coverage: fields({
    files: whole, bytes: whole, blocks: whole, begunFiles: whole, wholeFiles: whole, seenBytes: whole, seenLines: whole, seenBlocks: whole,
    carriedBytes: whole, views: whole, rows: list(200_000, row),
  }),
  equivalence: oneOf(['not assessed', 'identical', 'identical after recovery', 'code identical', 'explained', 'different', 'not rebuilt']),
  findings: fields({ critical: counted, high: counted, medium: counted, low: counted, note: counted }), exceptions: list(200, text(2_000)), secret: hex,
});

export function faultsOfShape(statement: unknown): string[] {
  const fault = shape(statement, '');
  return fault === null ? [] : [fault];
}
