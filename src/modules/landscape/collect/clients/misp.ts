/**
 * A MISP feed: a folder with `manifest.json`, which names each event by its uuid with the time of its last change, and one
 * `UUID.json` for each. Those that are new or changed are taken, each as a file of its own, the oldest change first. `hashes.csv`
 * is an index for look-ups and is not needed.
 */
import { shownUrl } from '#kit/asking';
import { z } from 'zod';
import type { SettingsOf } from '../model.ts';
import { authHeaders, bodyOf, jsonOf, openUrl, SourceError, textOf, type Looking, type Step } from './step.ts';

const manifestBytes = 64 * 1_048_576;
const Uuid = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
const Manifest = z.record(z.string(), z.object({ timestamp: z.union([z.string().max(20), z.number()]) }));

export async function* mispFiles(settings: SettingsOf<'misp'>, looking: Looking): AsyncGenerator<Step> {
  const root = settings.url.endsWith('/') ? settings.url : `${settings.url}/`;
  const headers = authHeaders(settings.auth, looking.secret);
  const url = new URL('manifest.json', root).href;
  const { text } = await textOf(looking, url, { headers, bytesMax: manifestBytes });
  const manifest = Manifest.safeParse(jsonOf(text, shownUrl(url)));
  if (!manifest.success) throw new SourceError('feed-source.unreadable', `${shownUrl(url)} is no manifest of a MISP feed.`, shownUrl(url));
  const events = Object.entries(manifest.data).filter(([uuid]) => Uuid.test(uuid)).map(([uuid, { timestamp }]) =>
    ({ uuid: uuid.toLowerCase(), as: uuid, mark: String(timestamp) }));
  const seen = await looking.seen(events.map(({ uuid }) => uuid));
  const fresh = events.filter(({ uuid, mark }) => seen.get(uuid) !== mark).sort((a, b) => Number(a.mark) - Number(b.mark) || (a.uuid < b.uuid ? -1 : 1));
  for (const { uuid, as, mark } of fresh) {
    const at = new URL(`${as}.json`, root).href;
    yield {
      kind: 'file', name: `${uuid}.json`, at: shownUrl(at), remember: { seen: [[uuid, mark]] },
      open: async () => bodyOf(await openUrl(looking, at, { headers }), { lasting: true }),
    };
  }
}
