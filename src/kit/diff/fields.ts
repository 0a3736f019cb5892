/**
 * The difference of two JSON values, field by field: path, value before, value after. Members of a list that carry an
 * `id` are matched by it; other lists are compared whole.
 */
export interface FieldChange {
  /** `grants[g1].maxTlp`; empty for the values themselves. */
  readonly path: string;
  /** JSON text; null where it was not there. */
  readonly before: string | null;
  readonly after: string | null;
}

type Fields = Readonly<Record<string, unknown>>;
const isFields = (v: unknown): v is Fields => typeof v === 'object' && v !== null && !Array.isArray(v);
const named = (v: unknown): v is readonly (Fields & { readonly id: string })[] =>
  Array.isArray(v) && v.every((item) => isFields(item) && typeof item['id'] === 'string');

/** Changes in the order of the fields of `before`, then those that came. */
export function fieldChanges(before: unknown, after: unknown, path = ''): FieldChange[] {
  const text = (v: unknown): string | null => (v === undefined || v === null ? null : JSON.stringify(v));
  if (named(before) && named(after) && before.length + after.length > 0) {
    const ids = [...new Set([...before, ...after].map((item) => item.id))];
    const of = (list: typeof before, id: string): unknown => list.find((item) => item.id === id);
    return ids.flatMap((id) => fieldChanges(of(before, id), of(after, id), `${path}[${id}]`));
  }
  if (isFields(before) && isFields(after)) {
    const keys = [...new Set([...Object.keys(before), ...Object.keys(after)])];
    return keys.flatMap((key) => fieldChanges(before[key], after[key], path === '' ? key : `${path}.${key}`));
  }
  return text(before) === text(after) ? [] : [{ path, before: text(before), after: text(after) }];
}
