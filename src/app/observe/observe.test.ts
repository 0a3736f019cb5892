import { createHash } from 'node:crypto';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { manifestOf, type Release } from '#kit/watch/staged';
import { readView, type View } from '#kit/watch/view';
import { fakeClock } from '#world/clock';
import { fakeOutbound } from '#world/http/fake';
import { keptIn, type Kept } from './kept.ts';
import { lookAt, type LookParts } from './look.ts';
import { handIn, look, type Handing, type Taken } from './observer.ts';

const url = 'https://updates.example/stable/m.json';
const content = new Uint8Array(50_000).fill(3);
const release: Release = { serial: 1, version: '1.0', at: '2026-06-01T00:00:00Z', files: { shield: { listed: content } } };
const clock = fakeClock('2026-06-15T02:00:00.000Z');
const folders: string[] = [];
const state: { folder: string; kept: Kept | null } = { folder: '', kept: null };
const kept = (): Kept => state.kept as Kept;

beforeEach(async () => {
  state.folder = await mkdtemp(join(tmpdir(), 'observe-'));
  folders.push(state.folder);
  state.kept = await keptIn(state.folder, 1_000_000, clock);
});
afterEach(async () => { for (const folder of folders.splice(0)) await rm(folder, { recursive: true, force: true }); });

type Answers = Readonly<Record<string, { status?: number; body?: Uint8Array | string; headers?: Record<string, string> }>>;
const parts = (answers: Answers, fileBytesMax = 1_000_000): LookParts =>
  ({ clock, kept: kept(), fileBytesMax, outbound: fakeOutbound((request) => answers[new URL(request.url).pathname] ?? null) });
const viewIn = (text: string): View => {
  const read = readView(text);
  if ('why' in read) throw new Error(read.why);
  return read.view;
};
const whole: Answers = {
  '/stable/m.json': { body: manifestOf(release), headers: { date: 'Mon, 15 Jun 2026 02:00:01 GMT' } }, '/stable/shield-1.0': { body: content },
};
const key = { name: 'vn-1', sign: (): Uint8Array => new Uint8Array(64) };

describe('a look over the network', () => {
  it('digests the manifest and what it lists, and keeps both for a piece to be handed in', async () => {
    const seen = await lookAt(parts(whole), { url, format: 'entente-update' });
    const view = viewIn(seen.view);
    expect(view).toMatchObject({ listed: 1, fault: null, position: { serial: 1, version: '1.0' } });
    expect(view.files).toMatchObject([{ name: 'shield', version: '1.0', status: 200, size: 50_000, asListed: true }]);
    expect(seen.served).toBe('2026-06-15T02:00:01.000Z');
    const piece = await kept().piece(view.files[0]?.sha256 ?? '', 4_096, 8_192);
    expect(piece).toEqual(content.subarray(4_096, 8_192));
    // Whoever is served the same writes the same.
    expect((await lookAt(parts(whole), { url, format: 'entente-update' })).view).toBe(seen.view);
  });

  it('says of what is missing, refused, too large, another or unreadable what it was', async () => {
    const at = async (answers: Answers, most?: number): Promise<View> => viewIn((await lookAt(parts(answers, most), { url, format: 'entente-update' })).view);
    expect((await at({})).manifest).toMatchObject({ status: 0, sha256: null });
    expect((await at({ '/stable/m.json': { status: 404, body: 'gone' } })).manifest.status).toBe(404);
    expect((await at({ '/stable/m.json': { body: '{"v": 1}' } })).fault).toMatch(/canonical/);
    const { '/stable/m.json': manifest = {} } = whole;
    expect((await at({ '/stable/m.json': manifest, '/stable/shield-1.0': { status: 403 } })).files[0]).toMatchObject({ status: 403, sha256: null });
    expect((await at(whole, 10_000)).files[0]).toMatchObject({ status: 0, sha256: null });
    const other = content.slice();
    other[77] = 0;
    expect((await at({ '/stable/m.json': manifest, '/stable/shield-1.0': { body: other } })).files[0]?.asListed).toBe(false);
    expect((await readdir(join(state.folder, 'files'))).filter((n) => n.endsWith('.part'))).toEqual([]);
  });

  it('never asks one of the own networks, whatever a manifest lists', async () => {
    const sums = `${'a'.repeat(64)}  http://127.0.0.1/secret\n${'b'.repeat(64)}  file:///etc/passwd\n`;
    const asking = parts({ '/stable/m.json': { body: sums }, '/secret': { body: 'never' } });
    const view = viewIn((await lookAt(asking, { url, format: 'list' })).view);
    expect(view.files.map((f) => [f.name, f.status])).toEqual([['file:///etc/passwd', 0], ['http://127.0.0.1/secret', 0]]);
  });

  it('keeps so many bytes of files and no more, the newest', async () => {
    const small = await keptIn(join(state.folder, 'small'), 60_000, clock);
    for (const fill of [1, 2, 3]) {
      clock.advance(1_000);
      const file = await small.begin();
      await file.write(new Uint8Array(25_000).fill(fill));
      await file.end(String(fill).repeat(64));
    }
    expect(await readdir(join(state.folder, 'small', 'files'))).toEqual(['2'.repeat(64), '3'.repeat(64)]);
  });
});

describe('handing in', () => {
  const channel = { id: 'chn_1', url, format: 'entente-update' as const };
  const line = async (): Promise<string> => JSON.stringify(await look(parts(whole), channel, key));

  it('numbers looks so that each is higher, even after the folder was lost', async () => {
    const numbers = [await kept().next('chn_1'), await kept().next('chn_1')];
    clock.advance(60_000);
    const anew = await keptIn(join(state.folder, 'anew'), 1_000, clock);
    expect(numbers[1]).toBe((numbers[0] ?? 0) + 1);
    expect(await anew.next('chn_1')).toBeGreaterThan(numbers[1] ?? 0);
  });

  it('keeps what a hub that is away did not take, hands it in first the next time, and lets go of what is refused for good', async () => {
    for (let i = 0; i < 3; i++) await kept().wait(await line());
    const away: Handing = { record: () => Promise.reject(new Error('away')), addBytes: () => Promise.resolve() };
    await expect(handIn({ kept: kept(), clock }, away)).rejects.toThrow('away');
    expect(await kept().waiting()).toHaveLength(3);
    const [heard, refused]: [number[], string[]] = [[], []];
    const back: Handing = {
      record: (_, body) => {
        const { number } = JSON.parse(Buffer.from((body as { envelope: { payload: string } }).envelope.payload, 'base64').toString()) as { number: number };
        heard.push(number);
        return Promise.resolve(heard.length === 1 ? 'taken already' : { number, alarms: [], wanted: [] });
      },
      addBytes: () => Promise.resolve(),
    };
    expect(await handIn({ kept: kept(), clock }, back, (why) => refused.push(why))).toHaveLength(2);
    expect([heard, refused]).toEqual([heard.toSorted((a, b) => a - b), ['taken already']]);
    expect(await kept().waiting()).toEqual([]);
  });

  it('hands in the piece that an alarm wants, where it was served that file', async () => {
    await kept().wait(await line());
    const sha256 = createHash('sha256').update(content).digest('hex');
    const wanted = [{ alarm: 'cal_1', sha256, from: 4_096, to: 8_192 }, { alarm: 'cal_1', sha256: 'f'.repeat(64), from: 0, to: 10 }];
    const given: { alarm: string; body: object }[] = [];
    const taken: Taken = { number: 1, alarms: ['cal_1'], wanted };
    await handIn({ kept: kept(), clock }, {
      record: () => Promise.resolve(taken), addBytes: async (alarm, body) => { given.push({ alarm, body }); },
    });
    expect(given).toEqual([{ alarm: 'cal_1', body: { sha256, from: 4_096, bytes: Buffer.from(content.subarray(4_096, 8_192)).toString('base64') } }]);
  });
});
