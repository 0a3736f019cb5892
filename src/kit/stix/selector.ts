/** Selectors of granular markings (STIX 2.1, 7.2.3.1): `external_references.[0].source_name`, what they select and what they cover. */
import { isStixObject } from './object.ts';

/** A name of a property or dictionary key, or the index into a list. */
export type SelectorStep = string | number;

const longest = 4096;
const deepest = 64;

/** The steps of a selector, or null where it is none. */
export function parseSelector(text: unknown): readonly SelectorStep[] | null {
  if (typeof text !== 'string' || text === '' || text.length > longest) return null;
  const steps: SelectorStep[] = [];
  for (const part of text.split('.')) {
    const index = /^\[(0|[1-9]\d{0,9})\]$/.exec(part);
    if (index) steps.push(Number(index[1]));
    else if (/^[a-zA-Z0-9_-]{1,250}$/.test(part)) steps.push(part);
    else return null;
  }
  // The root is an object: it has no items.
  return steps.length <= deepest && typeof steps[0] === 'string' ? steps : null;
}

/** The value that steps lead to, as `{value}`, or null where nothing is there. */
export function selected(root: unknown, steps: readonly SelectorStep[]): { readonly value: unknown } | null {
  let value = root;
  for (const step of steps) {
    if (typeof step === 'number') {
      if (!Array.isArray(value) || step >= value.length) return null;
      value = value[step] as unknown;
    } else {
      if (!isStixObject(value) || !Object.hasOwn(value, step)) return null;
      value = value[step];
    }
  }
  return { value };
}

/** Whether a selector covers a place: it leads there, or to something that holds it. */
export function covers(selector: readonly SelectorStep[], place: readonly SelectorStep[]): boolean {
  return selector.length <= place.length && selector.every((step, i) => step === place[i]);
}

export function selectorText(steps: readonly SelectorStep[]): string {
  return steps.map((step) => (typeof step === 'number' ? `[${step}]` : step)).join('.');
}
