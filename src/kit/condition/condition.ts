/**
 * Tests over attributes as data, in Kleene's three values: what an absent or ill-typed attribute would decide is neither
 * true nor false. SQL's NULL behaves the same, so that one test can be asked of a value here and of rows there.
 */

/** A test as data. `all` and `any` hold at least one; a deeper nesting than `deepest` is unknown. */
export type Condition =
  | { readonly all: readonly Condition[] }
  | { readonly any: readonly Condition[] }
  | { readonly not: Condition }
  | Leaf;
export type Leaf =
  | { readonly attribute: string; readonly is: 'equal' | 'at-most' | 'at-least'; readonly value: string | number | boolean }
  | { readonly attribute: string; readonly is: 'one-of' | 'all-of' | 'any-of'; readonly value: readonly string[] };

/** True, false, or null: unknown. */
export type Truth = boolean | null;
export type Value = string | number | boolean | readonly string[];
/** The value of an attribute, or undefined where there is none. */
export type ValueOf = (attribute: string) => Value | undefined;
/** Words whose order is not that of their letters, by attribute, lowest first. */
export type Orders = Readonly<Record<string, readonly string[]>>;

/** How deep a test may nest; a signed text needs three or four. */
export const deepest = 32;

export function truthOf(test: Condition, valueOf: ValueOf, orders: Orders = {}, depth = 0): Truth {
  if (depth > deepest) return null;
  if ('all' in test) return test.all.length === 0 ? null : fold(test.all, false, valueOf, orders, depth);
  if ('any' in test) return test.any.length === 0 ? null : fold(test.any, true, valueOf, orders, depth);
  if ('not' in test) {
    const inner = truthOf(test.not, valueOf, orders, depth + 1);
    return inner === null ? null : !inner;
  }
  return leafTruth(test, valueOf(test.attribute), orders);
}

/** `any` where `decisive` is true, `all` where it is false: one decisive value settles it, else an unknown does. */
function fold(tests: readonly Condition[], decisive: boolean, valueOf: ValueOf, orders: Orders, depth: number): Truth {
  let known = true;
  for (const test of tests) {
    const truth = truthOf(test, valueOf, orders, depth + 1);
    if (truth === decisive) return decisive;
    if (truth === null) known = false;
  }
  return known ? !decisive : null;
}

function leafTruth(leaf: Leaf, value: Value | undefined, orders: Orders): Truth {
  if (value === undefined) return null;
  switch (leaf.is) {
    case 'equal': return typeof value === typeof leaf.value && !Number.isNaN(value) ? value === leaf.value : null;
    case 'at-most':
    case 'at-least': {
      const [mine, bound] = [rankOf(leaf.attribute, value, orders), rankOf(leaf.attribute, leaf.value, orders)];
      if (mine === null || bound === null) return null;
      return leaf.is === 'at-most' ? mine <= bound : mine >= bound;
    }
    case 'one-of': return typeof value === 'string' ? leaf.value.includes(value) : null;
    case 'all-of': return Array.isArray(value) ? leaf.value.every((v) => value.includes(v)) : null;
    case 'any-of': return Array.isArray(value) ? leaf.value.some((v) => value.includes(v)) : null;
    default: return null;
  }
}

/** Numbers by size, words by the attribute's own order; anything else has no rank. */
function rankOf(attribute: string, value: Value, orders: Orders): number | null {
  if (typeof value === 'number') return Number.isFinite(value) ? value : null;
  const order = Object.hasOwn(orders, attribute) ? orders[attribute] : undefined;
  const at = order && typeof value === 'string' ? order.indexOf(value) : -1;
  return at < 0 ? null : at;
}

/** Attributes that a test reads, each once. */
export function attributesOf(test: Condition, depth = 0): string[] {
  if (depth > deepest) return [];
  const inner = 'all' in test ? test.all : 'any' in test ? test.any : 'not' in test ? [test.not] : null;
  if (inner === null) return [(test as Leaf).attribute];
  return [...new Set(inner.flatMap((t) => attributesOf(t, depth + 1)))];
}
