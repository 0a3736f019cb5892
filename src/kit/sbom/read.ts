/**
 * What a bill of materials lists, with what it says of age and support: CycloneDX (JSON), SPDX 2 (JSON) and SPDX 2 (tag-value). Of CycloneDX
 * the dates stand in properties of its taxonomy (`cdx:lifecycle:milestone:…`), of SPDX in the package itself.
 */
import { isFields, Look } from '#kit/vuln/look';

export interface Component {
  readonly name: string;
  readonly version: string | null;
  readonly purl: string | null;
  readonly cpe: string | null;
  /** Days or moments, as they were written; null where nothing is said. */
  readonly released: string | null;
  readonly supportEnds: string | null;
}
export interface Bill { readonly kind: 'cyclonedx' | 'spdx'; readonly version: string; readonly components: readonly Component[] }

const depthMax = 64;
/** A date that can be read; else as if nothing were said. */
const dated = (text: string | null): string | null => (text !== null && /^\d{4}-\d{2}-\d{2}/.test(text) && !Number.isNaN(Date.parse(text)) ? text : null);

function* cycloneDx(from: Look, depth = 0): Generator<Component> {
  for (const c of depth < depthMax ? from.all('components') : []) {
    const said = new Map(c.all('properties').map((p) => [p.text('name') ?? '', p.text('value')] as const));
    const milestone = (name: string): string | null => dated(said.get(`cdx:lifecycle:milestone:${name}`) ?? null);
    const group = c.text('group');
    yield {
      name: group ? `${group}/${c.text('name') ?? ''}` : c.text('name') ?? 'n/a', version: c.text('version'), purl: c.text('purl'), cpe: c.text('cpe'),
      released: milestone('generalAvailability'), supportEnds: milestone('endOfSupport') ?? milestone('endOfLife'),
    };
    yield* cycloneDx(c, depth + 1);
  }
}

function spdx(root: Look): Component[] {
  return root.all('packages').map((p) => {
    const refs = p.all('externalRefs').map((r) => [r.text('referenceType') ?? '', r.text('referenceLocator')] as const);
    const ref = (...types: string[]): string | null => refs.find(([type]) => types.includes(type))?.[1] ?? null;
    return {
      name: p.text('name') ?? 'n/a', version: p.text('versionInfo'), purl: ref('purl'), cpe: ref('cpe23Type', 'cpe22Type'),
      released: dated(p.text('releaseDate')) ?? dated(p.text('builtDate')), supportEnds: dated(p.text('validUntilDate')),
    };
  });
}

type Draft = { -readonly [K in keyof Component]: Component[K] };

/** `Tag: value`, a line each; what stands between `<text>` and `</text>` may go over lines and names no component. */
function tagValue(text: string): Bill | null {
  const version = /^SPDXVersion:[ \t]*(SPDX-2\.\d+)[ \t]*$/m.exec(text)?.[1];
  if (version === undefined) return null;
  const components: Draft[] = [];
  for (const line of text.replaceAll(/<text>[\s\S]*?<\/text>/g, '').split(/\r?\n/)) {
    const [, tag = '', value = ''] = /^([A-Za-z]+):[ \t]*(.*?)[ \t]*$/.exec(line) ?? [];
    if (tag === 'PackageName') components.push({ name: value, version: null, purl: null, cpe: null, released: null, supportEnds: null });
    const now = components.at(-1);
    if (!now) continue;
    if (tag === 'PackageVersion') now.version = value;
    else if (tag === 'ReleaseDate' || (tag === 'BuiltDate' && now.released === null)) now.released = dated(value);
    else if (tag === 'ValidUntilDate') now.supportEnds = dated(value);
    else if (tag === 'ExternalRef') {
      const [, type = '', locator = ''] = value.split(/\s+/);
      if (type === 'purl') now.purl = locator;
      else if (type === 'cpe23Type' || type === 'cpe22Type') now.cpe = locator;
    }
  }
  return { kind: 'spdx', version, components };
}

/** Null for what is no bill that is read. */
export function readComponents(source: string): Bill | null {
  const text = source.startsWith('\ufeff') ? source.slice(1) : source;
  if (!text.trimStart().startsWith('{')) return tagValue(text);
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return null;
  }
  if (!isFields(value)) return null;
  const root = new Look(value);
  if (value['bomFormat'] === 'CycloneDX') return { kind: 'cyclonedx', version: root.text('specVersion') ?? '', components: [...cycloneDx(root)] };
  const version = root.text('spdxVersion');
  return version?.startsWith('SPDX-2') ? { kind: 'spdx', version, components: spdx(root) } : null;
}
