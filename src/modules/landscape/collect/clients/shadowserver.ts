/**
 * Reports of Shadowserver by its Reports API: `reports/list` for the days of the window, then each report that was not taken yet, by
 * its id, under the name it is given, which names its type. A request is JSON with the key in it, and its HMAC-SHA256 by the secret
 * in the header HMAC2.
 */
import { shownUrl } from '#kit/asking';
import { createHmac } from 'node:crypto';
import { z } from 'zod';
import type { SettingsOf } from '../model.ts';
import { plainName } from '../rules.ts';
import { fileAt } from './http.ts';
import { bodyOf, jsonOf, openUrl, SourceError, textOf, type Asked, type FileStep, type Looking, type Step } from './step.ts';

type Settings = SettingsOf<'shadowserver'>;

const Report = z.object({ id: z.string().regex(/^[\w-]{1,128}$/), file: z.string().max(300), type: z.string().max(100).optional(),
  timestamp: z.string().max(40).optional() });
const listBytes = 16 * 1_048_576;
const dayMs = 86_400_000;
/** Days that the list is asked for where the feed says nothing of a window. */
const leastDays = 3;

export async function* shadowserverFiles(settings: Settings, looking: Looking): AsyncGenerator<Step> {
  const days = Math.max(leastDays, Math.ceil(looking.windowMs / dayMs));
  const [from, to] = [looking.now - days * dayMs, looking.now + dayMs].map((at) => new Date(at).toISOString().slice(0, 10));
  const url = new URL('reports/list', settings.api).href;
  const at = shownUrl(url);
  const { text } = await textOf(looking, url, signed(looking, { date: `${from}:${to}`, ...(settings.lists.length > 0 ? { report: settings.lists } : {}) }));
  const answer = jsonOf(text, at);
  const listed = z.array(Report).safeParse(answer);
  if (!listed.success) {
    const { error } = z.object({ error: z.string() }).safeParse(answer).data ?? {};
    throw new SourceError('feed-source.unreadable', error === undefined ? `${at} answered no list of reports.` : `${at} answered: ${error.slice(0, 200)}`, at);
  }
  const wanted = listed.data.filter((report) => settings.types.length === 0
    || settings.types.some((type) => report.type === type || report.file.includes(`-${type}-`) || report.file.includes(`-${type}.`)));
  const seen = await looking.seen(wanted.map(({ id }) => id));
  const fresh = wanted.filter(({ id }) => !seen.has(id));
  for (const report of fresh.sort((a, b) => ((a.timestamp ?? '') < (b.timestamp ?? '') ? -1 : (a.timestamp ?? '') > (b.timestamp ?? '') ? 1 : 0))) {
    yield download(settings, looking, report.id, plainName(report.file, `${report.id}.csv`));
  }
}

function signed(looking: Looking, fields: Readonly<Record<string, unknown>>): Asked {
  const body = JSON.stringify({ apikey: looking.secret('apikey'), ...fields });
  const hmac = createHmac('sha256', looking.secret('secret')).update(body).digest('hex');
  return { body, headers: { 'content-type': 'application/json', HMAC2: hmac }, bytesMax: listBytes };
}

function download(settings: Settings, looking: Looking, id: string, name: string): FileStep {
  if (settings.downloads !== null) return fileAt(looking, new URL(id, settings.downloads).href, {}, name, id);
  const url = new URL('reports/download', settings.api).href;
  return {
    kind: 'file', name, at: shownUrl(url), remember: { seen: [[id, '']] },
    open: async () => bodyOf(await openUrl(looking, url, { ...signed(looking, { id }), bytesMax: Number.MAX_SAFE_INTEGER }), { lasting: true }),
  };
}
