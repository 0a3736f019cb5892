/** Media types of TAXII 2.1 (1.6.8, 3.1): which a request may name, and which an answer has. Pure. */
import { Refusal } from '#kit/refusal';

export const taxiiType = 'application/taxii+json;version=2.1';
export const stixType = (spec: number): string => `application/stix+json;version=${spec === 20 ? '2.0' : '2.1'}`;

interface Range { readonly type: string; readonly version: string | null; readonly q: number }

/** The ranges of an Accept header; what cannot be read is none. */
function rangesOf(header: string): Range[] {
  return header.split(',').flatMap((part) => {
    const [type = '', ...params] = part.split(';').map((s) => s.trim().toLowerCase());
    if (!/^[\w!#$&^.+*-]+\/[\w!#$&^.+*-]+$/.test(type)) return [];
    const param = (name: string): string | null => {
      const found = params.find((p) => p.replace(/\s*=.*$/, '') === name);
      return found === undefined ? null : found.slice(found.indexOf('=') + 1).trim().replace(/^"(.*)"$/, '$1');
    };
    const q = Number(param('q') ?? '1');
    return [{ type, version: param('version'), q: Number.isFinite(q) ? q : 0 }];
  });
}

/** Throws unless one of the types that are accepted is ours. Nothing said accepts everything. `stix`: the endpoint also names STIX's own type. */
export function refuseUnacceptable(header: string | null, stix: boolean): void {
  if (header === null || header.trim() === '') return;
  const fits = ({ type, version, q }: Range): boolean => q > 0 && (type === '*/*' || type === 'application/*'
    || ((type === 'application/taxii+json' || (stix && type === 'application/stix+json')) && (version === null || version === '2.1')));
  if (rangesOf(header).some(fits)) return;
  throw new Refusal('not-acceptable', 'taxii.not-acceptable', 'This server answers in TAXII 2.1 only.', {
    hint: `Accept ${taxiiType}.`, at: 'accept',
  });
}

/** Throws unless a body is said to be TAXII 2.1, or TAXII of whatever is the highest version. */
export function refuseOtherContent(header: string | null): void {
  const [range] = rangesOf(header ?? '');
  if (range && !/,/.test(header ?? '') && range.type === 'application/taxii+json' && (range.version === null || range.version === '2.1')) return;
  throw new Refusal('unsupported', 'taxii.content-type', 'What is added comes as TAXII 2.1.', { hint: `Send Content-Type: ${taxiiType}.`,
    at: 'content-type' });
}
