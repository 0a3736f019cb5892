/**
 * Files by HTTP: one address asked again and again (ETag, Last-Modified), an address for each hour or day of the window, JSON pages
 * that name the next one, or a list or index page that names files. A secret goes to the origin of the source's own address only.
 */
import { shownUrl } from '#kit/asking';
import { memberOf } from '#kit/lines/member';
import type { SettingsOf } from '../model.ts';
import { fits, grainOf, plainName, slotAsked, slotName, slotsDue, slotUrl, type Grain, type SlotCursor } from '../rules.ts';
import { authHeaders, bodyOf, jsonOf, openUrl, SourceError, textOf, type FileStep, type Looking, type Step } from './step.ts';

type Settings = SettingsOf<'http'>;

/** Pages and lists are held whole. */
const pageBytes = 64 * 1_048_576;
const listBytes = 8 * 1_048_576;
const pagesMax = 1000;

const nameOf = (url: string): string => {
  const { pathname } = new URL(url);
  try {
    return plainName(decodeURIComponent(pathname), 'file');
  } catch {
    return plainName(pathname, 'file');
  }
};

export function httpFiles(settings: Settings, looking: Looking): AsyncIterable<Step> {
  if (settings.read === 'pages') return pages(settings, looking);
  if (settings.read === 'list') return listed(settings, looking);
  const grain = grainOf(settings.url);
  return grain === 'hour' || grain === 'day' ? slots(settings, looking, grain) : single(settings, looking);
}

async function* single(settings: Settings, looking: Looking): AsyncGenerator<Step> {
  const { etag, lastModified } = looking.cursor;
  const headers = {
    ...authHeaders(settings.auth, looking.secret), ...(typeof etag === 'string' ? { 'if-none-match': etag } : {}),
    ...(typeof lastModified === 'string' ? { 'if-modified-since': lastModified } : {}),
  };
  const stream = await openUrl(looking, settings.url, { headers });
  if (stream.status === 304 || stream.status === 204) return stream.cancel();
  const body = bodyOf(stream);
  const cursor = {
    ...(stream.headers['etag'] === undefined ? {} : { etag: stream.headers['etag'] }),
    ...(stream.headers['last-modified'] === undefined ? {} : { lastModified: stream.headers['last-modified'] }),
  };
  yield { kind: 'file', name: nameOf(settings.url), at: shownUrl(settings.url), open: async () => body, remember: { cursor } };
}

function slotCursor({ next, missing }: Looking['cursor']): SlotCursor {
  return {
    next: typeof next === 'number' ? next : null,
    missing: Array.isArray(missing) ? missing.filter((at): at is number => typeof at === 'number') : [],
  };
}

async function* slots(settings: Settings, looking: Looking, grain: Grain): AsyncGenerator<Step> {
  const { now, windowMs } = looking;
  let cursor = slotCursor(looking.cursor);
  const twoSlots = new Set([slotUrl(settings.url, 0), slotUrl(settings.url, 3_600_000)].map((url) => nameOf(url)));
  for (const at of slotsDue(grain, cursor, now, windowMs)) {
    const url = slotUrl(settings.url, at);
    const stream = await openUrl(looking, url, { headers: authHeaders(settings.auth, looking.secret) });
    const there = stream.status !== 404 && stream.status !== 410;
    cursor = slotAsked(grain, cursor, at, there, now, windowMs);
    const remember = { cursor: { ...cursor } };
    if (!there) {
      stream.cancel();
      yield { kind: 'note', remember };
      continue;
    }
    const body = bodyOf(stream);
    // A name that is the same for every hour would tell nobody which one it was.
    const name = twoSlots.size === 1 ? `${slotName(grain, at)}-${nameOf(url)}` : nameOf(url);
    yield { kind: 'file', name, at: shownUrl(url), open: async () => body, remember };
  }
}

/** The address of the next page: of the member that is named, else of the header Link (RFC 8288). */
function nextOf(settings: Settings, text: string, link: string | undefined): string | null {
  if (settings.next !== null) {
    const value: unknown = JSON.parse(memberOf(text, settings.next) ?? 'null');
    return typeof value === 'string' && value !== '' ? value : null;
  }
  for (const [, target = '', rest = ''] of (link ?? '').slice(0, 4000).matchAll(/<([^<>]{1,2000})>([^<]{0,500})/g)) {
    if (/;\s*rel\s*=\s*"?next"?\s*(?:[;,]|$)/i.test(rest)) return target;
  }
  return null;
}

async function* pages(settings: Settings, looking: Looking): AsyncGenerator<Step> {
  const headers = { ...authHeaders(settings.auth, looking.secret), accept: 'application/json' };
  const first = new URL(settings.url).origin;
  const asked = new Set<string>();
  for (let url = settings.url, page = 1; ; page++) {
    const at = shownUrl(url);
    if (asked.has(url) || page > pagesMax) throw new SourceError('feed-source.endless', `The pages of ${at} have no end.`, at);
    asked.add(url);
    const { text, stream } = await textOf(looking, url, { headers, bytesMax: pageBytes });
    jsonOf(text, at);
    const rows = settings.rows === null ? text : memberOf(text, settings.rows);
    if (rows === null) throw new SourceError('feed-source.unreadable', `${at} has no member ${settings.rows}.`, at);
    yield { kind: 'file', name: `page-${page}-${nameOf(url)}`, at, open: async () => oneOf(rows), remember: {} };
    const next = nextOf(settings, text, stream.headers['link']);
    if (next === null) return;
    if (!URL.canParse(next, stream.url)) throw new SourceError('feed-source.unreadable', `${at} names no address as its next page.`, at);
    url = new URL(next, stream.url).href;
    if (new URL(url).origin !== first) throw new SourceError('feed-source.elsewhere', `${at} names a next page at another place.`, at);
  }
}

async function* oneOf(text: string): AsyncGenerator<Uint8Array> {
  yield new TextEncoder().encode(text);
}

/** Addresses that a list names: a JSON list of them, of objects with one, or an object with `urls`; links of a page; or a line each. */
export function addressesIn(text: string, from: string): string[] {
  const found = named(text).filter((one) => one.length <= 2000 && URL.canParse(one, from)).map((one) => {
    const url = new URL(one, from);
    url.hash = '';
    return url;
  });
  return [...new Set(found.filter((url) => /^https?:$/.test(url.protocol) && !url.pathname.endsWith('/')).map((url) => url.href))];
}

function named(text: string): string[] {
  const start = text.trimStart();
  if (start.startsWith('[') || start.startsWith('{')) {
    try {
      const value = JSON.parse(text) as unknown;
      const list: unknown = Array.isArray(value) ? value : (value as Record<string, unknown>)['urls'];
      if (!Array.isArray(list)) return [];
      return list.flatMap((one: unknown) => {
        const url = one !== null && typeof one === 'object' ? (one as Record<string, unknown>)['url'] : one;
        return typeof url === 'string' ? [url] : [];
      });
    } catch {
      return [];
    }
  }
  if (start.startsWith('<')) {
    return [...text.matchAll(/\shref\s*=\s*(?:"([^"<>]{1,2000})"|'([^'<>]{1,2000})')/gi)].map((m) => (m[1] ?? m[2] ?? '').replaceAll('&amp;', '&'));
  }
  return text.split(/\r?\n/).map((line) => line.trim()).filter((line) => line !== '' && !line.startsWith('#'));
}

async function* listed(settings: Settings, looking: Looking): AsyncGenerator<Step> {
  const headers = authHeaders(settings.auth, looking.secret);
  const { text, stream } = await textOf(looking, settings.url, { headers, bytesMax: listBytes });
  const own = new URL(settings.url).origin;
  const found = addressesIn(text, stream.url).filter((url) => fits(settings.match, nameOf(url)));
  const seen = await looking.seen(found);
  for (const url of found.filter((one) => !seen.has(one))) yield fileAt(looking, url, new URL(url).origin === own ? headers : {});
}

/** A file at an address that is asked once. */
export function fileAt(looking: Looking, url: string, headers: Readonly<Record<string, string>>, name = nameOf(url), key = url): FileStep {
  return {
    kind: 'file', name, at: shownUrl(url), remember: { seen: [[key, '']] },
    open: async () => bodyOf(await openUrl(looking, url, { headers }), { lasting: true }),
  };
}
