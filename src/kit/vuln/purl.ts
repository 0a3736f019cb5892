/**
 * Package URLs (ECMA-427): read, brought to the spelling of their type, and printed. The key of a package is its type, namespace and
 * name; version, qualifiers and subpath are read beside it.
 */

export interface Purl {
  readonly type: string;
  readonly namespace: string | null;
  readonly name: string;
  readonly version: string | null;
  readonly qualifiers: ReadonlyMap<string, string>;
  readonly subpath: string | null;
}
export interface PurlFault { readonly at: number; readonly text: string }
export type PurlRead = { readonly purl: Purl } | { readonly fault: PurlFault };

const longest = 4_096;
const lowerAll = new Set(['alpm', 'apk', 'bitbucket', 'composer', 'deb', 'github', 'gitlab', 'golang', 'hex', 'npm', 'oci', 'pypi']);
/** Registries in which the namespace is the distributor, written small, while names keep their letters. */
const lowerNamespace = new Set(['rpm', 'qpkg', 'luarocks']);
const fault = (at: number, text: string): PurlRead => ({ fault: { at, text } });

function decoded(part: string): string | null {
  try {
    return decodeURIComponent(part);
  } catch {
    return null;
  }
}

/** Percent-encoded as the standard wants: letters, digits and . - _ ~ stay, and so does the colon. */
const encoded = (part: string): string => encodeURIComponent(part).replaceAll('%3A', ':')
  .replaceAll(/[!'()*]/g, (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`);

function nameOf(type: string, name: string): string {
  if (type === 'pypi') return name.toLowerCase().replaceAll('_', '-');
  return lowerAll.has(type) || type === 'pub' ? name.toLowerCase() : name;
}

function qualifiersOf(text: string): Map<string, string> | null {
  const found = new Map<string, string>();
  for (const pair of text.split('&').filter((p) => p !== '')) {
    const equals = pair.indexOf('=');
    const key = (equals < 0 ? pair : pair.slice(0, equals)).toLowerCase();
    const value = decoded(equals < 0 ? '' : pair.slice(equals + 1));
    if (!/^[a-z][a-z0-9._-]*$/.test(key) || value === null || found.has(key)) return null;
    if (value !== '') found.set(key, value);
  }
  return new Map([...found].sort(([a], [b]) => (a < b ? -1 : 1)));
}

const segments = (path: string): (string | null)[] => path.split('/').filter((s) => s !== '').map(decoded);

/** One package URL. Never throws. */
export function readPurl(text: string): PurlRead {
  if (text.length > longest) return fault(longest, `a package URL has at most ${longest} characters here`);
  const scheme = /^pkg:\/*/i.exec(text);
  if (!scheme) return fault(0, 'a package URL begins with pkg:');
  let [rest, subpath] = [text.slice(scheme[0].length), null as string | null];
  const hash = rest.lastIndexOf('#');
  if (hash >= 0) {
    const parts = segments(rest.slice(hash + 1)).filter((s) => s !== '.' && s !== '..');
    if (parts.some((s) => s === null || s.includes('/'))) return fault(scheme[0].length + hash, 'the subpath is not percent-encoded');
    [rest, subpath] = [rest.slice(0, hash), parts.join('/') || null];
  }
  const question = rest.lastIndexOf('?');
  const qualifiers = question < 0 ? new Map<string, string>() : qualifiersOf(rest.slice(question + 1));
  if (qualifiers === null) return fault(scheme[0].length + question, 'the qualifiers are no pairs of key and value');
  if (question >= 0) rest = rest.slice(0, question);
  const slash = rest.indexOf('/');
  const type = (slash < 0 ? rest : rest.slice(0, slash)).toLowerCase();
  if (!/^[a-z][a-z0-9.-]*$/.test(type)) return fault(scheme[0].length, 'the type of the package is missing, or no type');
  if (slash < 0) return fault(text.length, 'the name of the package is missing');
  return named(type, rest.slice(slash + 1), { qualifiers, subpath, at: scheme[0].length + slash + 1 });
}

function named(type: string, path: string, { qualifiers, subpath, at }: { qualifiers: Map<string, string>; subpath: string | null; at: number }): PurlRead {
  // An @ within a namespace is a scope of npm, not the version.
  const sign = path.lastIndexOf('@');
  const versioned = sign > 0 && !path.slice(sign).includes('/') && path[sign - 1] !== '/';
  const version = versioned ? decoded(path.slice(sign + 1)) : '';
  if (version === null) return fault(at + sign, 'the version is not percent-encoded');
  const parts = segments(versioned ? path.slice(0, sign) : path);
  if (parts.some((p) => p === null)) return fault(at, 'the name is not percent-encoded');
  const last = parts.pop();
  if (last === undefined || last === null) return fault(at, 'the name of the package is missing');
  const namespace = parts.join('/');
  const small = lowerAll.has(type) || lowerNamespace.has(type);
  return {
    purl: { type, namespace: namespace === '' ? null : small ? namespace.toLowerCase() : namespace, name: nameOf(type, last), version: version || null,
      qualifiers, subpath },
  };
}

const pathOf = ({ type, namespace, name }: Purl): string =>
  `pkg:${type}/${namespace === null ? '' : `${namespace.split('/').map(encoded).join('/')}/`}${encoded(name)}`;

/** The canonical spelling. */
export function purlText(purl: Purl): string {
  const qualifiers = [...purl.qualifiers].map(([key, value]) => `${key}=${encoded(value)}`).join('&');
  return [pathOf(purl), purl.version === null ? '' : `@${encoded(purl.version)}`, qualifiers === '' ? '' : `?${qualifiers}`,
    purl.subpath === null ? '' : `#${purl.subpath.split('/').map(encoded).join('/')}`].join('');
}

/** What a package is found by: all its versions have one key. */
export const purlKey = (purl: Purl): string => pathOf(purl);
