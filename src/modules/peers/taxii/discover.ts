/**
 * A look at another server before anything is settled: from its discovery resource, or from one API root, to its collections. What one
 * root refuses hides no other; a root at another host is named and not asked, since the credential is not meant for it.
 */
import { shownUrl } from '#kit/asking';
import type { Found, FoundCollection, FoundRoot } from '../model/peers.ts';
import { jsonOf, PeerError, type Session } from './session.ts';

const mostRoots = 50;
const mostCollections = 2_000;
const text = (value: unknown, most: number): string => (typeof value === 'string' ? value.slice(0, most) : '');

/** Looks where it was told to, and where that is no resource of TAXII at the place that the standard names. */
export async function discover(session: Session, url: string): Promise<Found> {
  try {
    return await at(session, url);
  } catch (error) {
    const usual = new URL('/taxii2/', url).href;
    if (!(error instanceof PeerError) || (error.code !== 'peer.gone' && error.code !== 'peer.unreadable') || url.replace(/\/*$/, '/') === usual) throw error;
    return at(session, usual);
  }
}

async function at(session: Session, url: string): Promise<Found> {
  const answer = await session.get(url);
  const resource = jsonOf(answer);
  const roots = resource['api_roots'];
  if (Array.isArray(roots)) {
    const found: FoundRoot[] = [];
    const named = roots.filter((one): one is string => typeof one === 'string' && one.length <= 2000 && URL.canParse(one, answer.url));
    for (const one of [...new Set(named.map((name) => new URL(name, answer.url).href))].slice(0, mostRoots)) found.push(await rootAt(session, one));
    return { title: text(resource['title'], 200), description: text(resource['description'], 1000), roots: found };
  }
  if (!Array.isArray(resource['versions']) && typeof resource['title'] !== 'string') {
    throw new PeerError('peer.unreadable', `${answer.shown} is neither a discovery resource nor an API root.`, answer.shown);
  }
  const root = await withCollections(session, answer.url, resource);
  return { title: root.title, description: text(resource['description'], 1000), roots: [root] };
}

async function rootAt(session: Session, url: string): Promise<FoundRoot> {
  const none = (code: FoundRoot['trouble'], title = ''): FoundRoot => ({ url: shownUrl(url), title, trouble: code, collections: [] });
  if (!session.isHome(url)) return none('peer.elsewhere');
  try {
    const answer = await session.get(url);
    return await withCollections(session, answer.url, jsonOf(answer));
  } catch (error) {
    if (!(error instanceof PeerError)) throw error;
    return none(error.code);
  }
}

async function withCollections(session: Session, url: string, resource: Readonly<Record<string, unknown>>): Promise<FoundRoot> {
  const title = text(resource['title'], 200);
  const base = url.replace(/\/*$/, '/');
  try {
    const listed = jsonOf(await session.get(`${base}collections/`))['collections'];
    return { url: base, title, trouble: null, collections: collectionsIn(listed) };
  } catch (error) {
    if (!(error instanceof PeerError)) throw error;
    return { url: base, title, trouble: error.code, collections: [] };
  }
}

/** Collections that a list names; what has no id is none. */
export function collectionsIn(listed: unknown): FoundCollection[] {
  if (!Array.isArray(listed)) return [];
  return listed.slice(0, mostCollections).flatMap((one: unknown): FoundCollection[] => {
    const c = one !== null && typeof one === 'object' ? one as Readonly<Record<string, unknown>> : {};
    const id = text(c['id'], 200);
    if (!/^[\w.~-]{1,200}$/.test(id)) return [];
    return [{
      id, title: text(c['title'], 200), description: text(c['description'], 1000), canRead: c['can_read'] === true, canWrite: c['can_write'] === true,
    }];
  });
}
