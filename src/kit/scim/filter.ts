/**
 * SCIM filters (RFC 7644, 3.4.2.2) as far as we answer them: `attribute eq value`, joined by `and`. What is right by the
 * standard and not answered here, and what is no filter at all, are both refused with the place.
 */

export interface Comparison {
  /** Lower case, without the schema's name before it. */
  readonly attribute: string;
  readonly value: string | boolean;
}

export class FilterError extends Error {
  override readonly name = 'FilterError';
}

const longest = 1000;
const core = 'urn:ietf:params:scim:schemas:core:2.0:user:';

/** The comparisons that must all hold. Throws a FilterError that names the place. */
export function parseFilter(text: string): Comparison[] {
  if (text.length > longest) throw new FilterError(`a filter has at most ${longest} characters`);
  const found: Comparison[] = [];
  for (let at = 0; ;) {
    // Sticky, so that each step begins where the last one ended and the whole is read once.
    const term = /\s*([A-Za-z][\w$.:-]*)\s+([A-Za-z]+)(?:\s+("(?:[^"\\]|\\.)*"|true|false))?/y;
    term.lastIndex = at;
    const read = term.exec(text);
    if (!read) throw new FilterError(`this is no comparison, at character ${at + 1}`);
    const [whole, attribute = '', operator = '', value] = read;
    if (operator.toLowerCase() !== 'eq') throw new FilterError(`only eq is answered, at character ${at + 1}`);
    if (value === undefined) throw new FilterError(`eq wants a value, at character ${at + whole.length + 1}`);
    found.push({ attribute: bare(attribute), value: valueOf(value, at) });
    at += whole.length;
    if (/^\s*$/.test(text.slice(at))) return found;
    const joined = /\s+and(?=\s)/iy;
    joined.lastIndex = at;
    if (!joined.test(text)) throw new FilterError(`only and joins comparisons, at character ${at + 1}`);
    at = joined.lastIndex;
  }
}

/** An attribute's name as it is compared: SCIM's names know no case, and may carry their schema. */
export function bare(attribute: string): string {
  const lower = attribute.toLowerCase();
  return lower.startsWith(core) ? lower.slice(core.length) : lower;
}

function valueOf(text: string, at: number): string | boolean {
  if (text === 'true' || text === 'false') return text === 'true';
  try {
    return JSON.parse(text) as string;
  } catch {
    throw new FilterError(`the value is no JSON string, after character ${at + 1}`);
  }
}
