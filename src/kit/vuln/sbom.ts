/** What a bill of materials lists: package URLs and CPE names with their versions, of CycloneDX (JSON) and SPDX 2 (JSON). */
import { isFields, Look } from './look.ts';
import { readPurl } from './purl.ts';
import { componentsOf, isCycloneDx } from './vex.ts';

export interface Listed {
  readonly name: string;
  readonly version: string | null;
  readonly purl: string | null;
  readonly cpe: string | null;
}
export interface Bill {
  readonly kind: 'cyclonedx' | 'spdx';
  readonly listed: readonly Listed[];
  /** Entries that no key names: counted, since nothing can be said of them. */
  readonly nameless: number;
}

const isSpdx = (value: unknown): boolean => isFields(value) && typeof value['spdxVersion'] === 'string' && value['spdxVersion'].startsWith('SPDX-2');

function spdx(root: Look): Listed[] {
  return root.all('packages').map((p) => {
    const refs = p.all('externalRefs').map((r) => [r.text('referenceType') ?? '', r.text('referenceLocator') ?? ''] as const);
    const purl = refs.find(([type]) => type === 'purl')?.[1] ?? null;
    const cpe = refs.find(([type]) => type === 'cpe23Type' || type === 'cpe22Type')?.[1] ?? null;
    return { name: p.text('name') ?? 'n/a', version: p.text('versionInfo'), purl, cpe };
  });
}

/** Null where it is no bill of a kind that is read. */
export function readBill(value: unknown): Bill | null {
  const root = new Look(value);
  const kind = isCycloneDx(value) ? 'cyclonedx' : isSpdx(value) ? 'spdx' : null;
  if (kind === null) return null;
  const all = kind === 'spdx' ? spdx(root) : [...componentsOf(root).values()].map(({ name, version, purl, cpe }) => ({ name, version, purl, cpe }));
  const keyed = all.filter(({ purl, cpe }) => (purl !== null && 'purl' in readPurl(purl)) || cpe !== null);
  return { kind, listed: keyed, nameless: all.length - keyed.length };
}
