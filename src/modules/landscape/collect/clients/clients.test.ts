import { createHmac } from 'node:crypto';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import type { OutboundRequest } from '#world/http/port';
import { zipOf } from '#kit/lines/testing';
import { asLines, ctipRow } from '../../testing.ts';
import type { Run } from '../model.ts';
import { openCollecting, type Collecting } from '../testing.ts';

const at: { open: Collecting | null } = { open: null };
const c = (): Collecting => at.open as Collecting;
beforeAll(async () => { at.open = await openCollecting(); });
afterEach(() => { c().replies = () => null; });
afterAll(() => at.open?.close());

const secrets = { secret: 'the-secret-of-it', apikey: 'the-key' };
const run = async (source: string): Promise<Run> => {
  await c().collector.begin(source, 'per_lan');
  await c().collector.idle();
  const [last] = await c().runs(source);
  if (!last) throw new Error('it did not run');
  return last;
};
const feedOf = (name: string, shape: 'ctip' | 'ndjson' | 'shadowserver' = 'ctip'): Promise<string> => c().field.addFeed({ name, shape });
const filesOf = async (feed: string): Promise<unknown[]> => (await c().facts(feed)).filter((f) => f.class === 'batch.stored').map((f) => f.body['file']);
const rows = (n: number): string => asLines([ctipRow(n)]);

describe('HTTP', () => {
  test('pages: rows of each page, next by member, digits as sent; another origin is refused', async () => {
    const feed = await feedOf('pages', 'ndjson');
    const source = await c().addSource(feed, { kind: 'http', url: 'https://api.example/v1/rows', read: 'pages', rows: 'items', next: 'next',
      auth: { scheme: 'header', header: 'X-Api-Key' } }, { secrets });
    const given: unknown[] = [];
    const row = (n: number): string => `{"time":"2026-11-20T0${n}:00:00Z","type":"infection","ip":"203.0.113.${n}","serial":1234567890123456789${n}}`;
    let elsewhere = false;
    c().replies = ({ url, headers }) => {
      given.push(headers?.['x-api-key']);
      if (url.endsWith('page=2')) return { body: `{"items":[${row(2)}],"next":${elsewhere ? '"https://evil.example/x"' : 'null'}}` };
      return { body: `{"next":"?page=2","items":[${row(1)}, ${row(3)}]}` };
    };
    expect(await run(source)).toMatchObject({ state: 'done', files: 2, stored: 3 });
    expect(await c().field.count(`(SELECT groupArray(attrs['serial']) FROM (SELECT attrs FROM ev WHERE feed = '${feed}' ORDER BY attrs['serial']))`))
      .toEqual(['12345678901234567891', '12345678901234567892', '12345678901234567893']);
    elsewhere = true;
    expect(await run(source)).toMatchObject({ state: 'failed', files: 2, stored: 0,
      error: { code: 'feed-source.elsewhere', at: 'https://api.example/v1/rows' } });
    expect(new Set(given)).toEqual(new Set(['the-secret-of-it']));
    expect(c().outbound.asked.some(({ url }) => url.includes('evil'))).toBe(false);
  });

  test('pages by the header Link, of rows that are the page; pages that never end are ended', async () => {
    const feed = await feedOf('linked');
    const source = await c().addSource(feed, { kind: 'http', url: 'https://api.example/l?p=1', read: 'pages' });
    c().replies = ({ url }) => ({ body: JSON.stringify([ctipRow(Number(url.at(-1)) + 1000)]), headers: url.endsWith('1')
      ? { link: '</l?p=0>; rel="prev", </l?p=2>; rel="next"' } : {} });
    expect(await run(source)).toMatchObject({ state: 'done', files: 2, stored: 2 });
    c().replies = () => ({ body: '[]', headers: { link: '</l?p=1>; rel=next' } });
    expect(await run(source)).toMatchObject({ state: 'failed', error: { code: 'feed-source.endless' } });
    c().replies = () => ({ body: '{"items":[' });
    expect(await run(source)).toMatchObject({ state: 'failed', files: 0, error: { code: 'feed-source.unreadable' } });
  });

  test.each([
    ['JSON', (names: string[]) => JSON.stringify(names)], ['JSON with urls', (names: string[]) => JSON.stringify({ urls: names.map((url) => ({ url })) })],
    ['an index page', (names: string[]) => `<html><a href="../">up</a>${names.map((n) => `<a class=x href='${n}'>${n}</a>`).join('\n')}</html>`],
    ['lines', (names: string[]) => `# new ones\n${names.join('\n')}\n`],
  ])('a list as %s names files; each is taken once, a missing one is passed over, secrets stay at home', async (form, write) => {
    const name = `listed-${form.toLowerCase().replaceAll(/[^a-z]+/g, '-')}`;
    const feed = await feedOf(name);
    const source = await c().addSource(feed, { kind: 'http', url: 'https://files.example/new/', read: 'list', match: '*.ndjson',
      auth: { scheme: 'basic', user: 'me' } }, { secrets });
    const names = ['a.ndjson', 'https://cdn.example/b.ndjson', 'gone.ndjson', 'other.txt', 'sub/', 'javascript:alert(1)'];
    const asked: [string, boolean][] = [];
    c().replies = ({ url, headers }) => {
      asked.push([url, headers?.['authorization'] !== undefined]);
      if (url.endsWith('/new/')) return { body: write(names) };
      return url.includes('gone') ? { status: 404 } : { body: rows(2000 + url.length) };
    };
    expect(await run(source)).toMatchObject({ state: 'done', files: 2, passedOver: 1,
      error: { code: 'feed-source.gone', at: 'https://files.example/new/gone.ndjson' } });
    expect(asked).toEqual([
      ['https://files.example/new/', true], ['https://files.example/new/a.ndjson', true], ['https://cdn.example/b.ndjson', false],
        ['https://files.example/new/gone.ndjson', true],
    ]);
    names.push('c.ndjson');
    expect(await run(source)).toMatchObject({ state: 'done', files: 1, passedOver: 0, error: null });
    expect(await filesOf(name)).toEqual(['a.ndjson', 'b.ndjson', 'c.ndjson']);
  });

  test('an address inside the own networks is not asked, and a provider that refuses is told', async () => {
    const feed = await feedOf('blocked');
    const source = await c().addSource(feed, { kind: 'http', url: 'http://169.254.169.254/latest' });
    expect(await run(source)).toMatchObject({ state: 'failed', error: { code: 'feed-source.blocked', at: 'http://169.254.169.254/latest' } });
    const other = await c().addSource(feed, { kind: 'http', url: 'https://files.example/x?token=abc' });
    c().replies = () => ({ status: 401 });
    expect((await run(other)).error).toEqual({ code: 'feed-source.denied', sentence: 'https://files.example/x answered 401.', at: 'https://files.example/x',
      clause: null });
  });
});

describe('a folder', () => {
  test('a file is taken once two looks found it the same, and moved; one that is none is moved too; what is on its way is left', async () => {
    const feed = await feedOf('folder');
    const source = await c().addSource(feed, { kind: 'folder', folder: 'vendor', match: '*.ndjson' });
    expect(await run(source)).toMatchObject({ state: 'failed', error: { code: 'feed-source.no-folder', at: 'org_centre/vendor' } });
    const { inbox } = c();
    inbox.lay('org_centre/vendor', 'a.ndjson', rows(3000), 1);
    inbox.lay('org_centre/vendor', 'b.ndjson', rows(3001), 2);
    inbox.lay('org_centre/vendor', 'c.txt', 'not ours', 3);
    inbox.lay('org_centre/vendor', 'bad.ndjson', zipOf([{ name: 'x', text: 'x' }]).subarray(0, 40).toString('latin1'), 4);
    expect(await run(source)).toMatchObject({ state: 'done', files: 0 });
    // One grows between the looks.
    inbox.lay('org_centre/vendor', 'b.ndjson', rows(3001) + rows(3002), 5);
    expect(await run(source)).toMatchObject({ state: 'done', files: 1, stored: 1, passedOver: 1,
      error: { code: 'feed-source.zip', at: 'org_centre/vendor/bad.ndjson' } });
    expect([inbox.names('org_centre/vendor/done'), inbox.names('org_centre/vendor/failed')]).toEqual([['a.ndjson'], ['bad.ndjson']]);
    expect(await run(source)).toMatchObject({ files: 1, stored: 2 });
    expect(inbox.names('org_centre/vendor')).toEqual(['c.txt']);
    expect(await filesOf('folder')).toEqual(['a.ndjson', 'b.ndjson']);
  });

  test('one that breaks off stays, and its rows count once when it is taken', async () => {
    const feed = await feedOf('folder-breaks');
    const source = await c().addSource(feed, { kind: 'folder', folder: 'breaks' });
    c().inbox.lay('org_centre/breaks', 'a.ndjson', rows(3100) + rows(3101));
    await run(source);
    c().inbox.failRead();
    expect(await run(source)).toMatchObject({ state: 'failed', error: { code: 'feed-source.unreadable' } });
    expect(c().inbox.names('org_centre/breaks')).toEqual(['a.ndjson']);
    expect(await run(source)).toMatchObject({ state: 'done', files: 1 });
    expect(await c().field.count(`(SELECT count() FROM ev WHERE feed = '${feed}')`)).toBe(2);
  });
});

describe('letters', () => {
  const settings = { kind: 'imap', host: 'mail.example.org', user: 'feeds', senders: ['Reports@provider.example', '@trusted.example'], subject: 'report' };
  const attached = (fileName: string, bytes: Uint8Array | string) => ({ type: 'application/zip', fileName, attached: true, bytes: Buffer.from(bytes) });

  test('attachments of senders on the list, zips unpacked, each letter once; other numbering begins anew and changes nothing', async () => {
    const feed = await feedOf('letters');
    const source = await c().addSource(feed, settings, { secrets });
    const { mailboxes } = c();
    mailboxes.deliver({ from: 'reports@provider.example', subject: 'Your REPORT', parts: [
      { type: 'text/plain', fileName: null, attached: false, bytes: Buffer.from('see it') },
      attached('../../night\u202e.zip', zipOf([{ name: 'in/a.ndjson', text: rows(4000) }, { name: 'b.ndjson', text: rows(4001) }])),
        attached('c.ndjson', rows(4002)),
    ] });
    mailboxes.deliver({ from: 'evil@else.example', subject: 'report', parts: [attached('x.ndjson', rows(4003))] });
    mailboxes.deliver({ from: 'evil@nottrusted.example', subject: 'report', parts: [attached('x.ndjson', rows(4004))] });
    mailboxes.deliver({ from: 'bot@trusted.example', subject: 'lunch', parts: [attached('x.ndjson', rows(4005))] });
    mailboxes.deliver({ from: 'Bot@Trusted.example', subject: 'report 2',
      parts: [attached('broken.zip', 'PK\u0003\u0004 and no more'), attached('d.ndjson', rows(4006))] });
    expect(await run(source)).toMatchObject({ state: 'done', files: 4, stored: 4, passedOver: 1,
      error: { code: 'feed-source.zip', at: 'feeds@mail.example.org/INBOX#5' } });
    expect(await filesOf('letters')).toEqual(['a.ndjson', 'b.ndjson', 'c.ndjson', 'd.ndjson']);
    expect(await run(source)).toMatchObject({ state: 'done', files: 0, passedOver: 0 });
    mailboxes.renumber();
    expect(await run(source)).toMatchObject({ state: 'done', files: 4, stored: 0 });
    expect(mailboxes.opened.at(-1)).toMatchObject({ host: 'mail.example.org', port: 993, secure: true, password: 'the-secret-of-it', mailbox: 'INBOX' });
    mailboxes.fail('refused');
    expect(await run(source)).toMatchObject({ state: 'failed', error: { code: 'feed-source.mail-refused', at: 'feeds@mail.example.org/INBOX' } });
  });

  test('links at named hosts only, and each once', async () => {
    const feed = await feedOf('letters-links');
    const source = await c().addSource(feed, { ...settings, take: 'links', linkHosts: ['dl.provider.example'], subject: '' }, { secrets });
    const text = 'Report: https://dl.provider.example/abc123. Also <https://dl.provider.example/abc123> and https://dl.provider.example.evil.example/x, '
      + 'http://dl.provider.example/plain, https://evil.example/https://dl.provider.example/y https://dl.provider.example@evil.example/z';
    c().mailboxes.deliver({ from: 'reports@provider.example', subject: '',
      parts: [{ type: 'text/html', fileName: null, attached: false, bytes: Buffer.from(text) }] });
    c().replies = () => ({ body: rows(4100) });
    const before = c().outbound.asked.length;
    expect(await run(source)).toMatchObject({ state: 'done', files: 1, stored: 1 });
    expect(c().outbound.asked.slice(before).map(({ url }) => url)).toEqual(['https://dl.provider.example/abc123']);
  });
});

describe('a bucket', () => {
  test('keys after the last one, by pattern, each once', async () => {
    const feed = await feedOf('bucket');
    const source = await c().addSource(feed, { kind: 's3', bucket: 'reports', prefix: 'in/', accessKeyId: 'k', match: '*.ndjson' }, { secrets });
    const { objects } = c();
    objects.put('in/', '');
    objects.put('in/01.ndjson', rows(5000));
    objects.put('in/02.txt', 'no');
    objects.put('out/03.ndjson', rows(5001));
    expect(await run(source)).toMatchObject({ state: 'done', files: 1, stored: 1 });
    objects.put('in/04.ndjson', rows(5002));
    expect(await run(source)).toMatchObject({ files: 1, stored: 1 });
    objects.fail('refused');
    expect(await run(source)).toMatchObject({ state: 'failed', error: { code: 'feed-source.store-refused', at: 'reports/in/' } });
  });
});

describe('Shadowserver', () => {
  const report = (id: string, file: string, day: string) => ({ id, file, type: file.split('-')[3], report: 'vietnam', timestamp: `${day} 00:00:00`,
    url: `https://dl.shadowserver.org/${id}` });
  const csv = 'timestamp,ip,protocol,port\n2026-11-18 04:00:00,203.0.113.20,tcp,445\n';

  test('the list is asked for the days of the window, signed; each report comes once, under its name, by type', async () => {
    const feed = await feedOf('shadow', 'shadowserver');
    const source = await c().addSource(feed, { kind: 'shadowserver', lists: ['vietnam'], types: ['scan_smb'] }, { secrets });
    const requests: OutboundRequest[] = [];
    const listed = [report('newer', '2026-11-19-scan_smb-vietnam-geo.csv', '2026-11-19'), report('older', '2026-11-18-scan_smb-vietnam-geo.csv', '2026-11-18'),
      report('ssl', '2026-11-19-scan_ssl-vietnam-geo.csv', '2026-11-19')];
    c().replies = (request) => {
      requests.push(request);
      return request.method === 'POST' ? { body: JSON.stringify(listed) }
        : { body: csv.replace('113.20', request.url.endsWith('older') ? '113.21' : '113.22') };
    };
    expect(await run(source)).toMatchObject({ state: 'done', files: 2, stored: 2 });
    const [list, ...downloads] = requests;
    expect([list?.url, JSON.parse(String(list?.body))]).toEqual(['https://transform.shadowserver.org/api2/reports/list',
      { apikey: 'the-key', date: '2026-11-17:2026-11-21', report: ['vietnam'] }]);
    expect(list?.headers?.['HMAC2']).toBe(createHmac('sha256', 'the-secret-of-it').update(String(list?.body)).digest('hex'));
    expect(downloads.map(({ url, headers }) => [url, headers])).toEqual([['https://dl.shadowserver.org/older', {}], ['https://dl.shadowserver.org/newer', {}]]);
    expect(await filesOf('shadow')).toEqual(['2026-11-18-scan_smb-vietnam-geo.csv', '2026-11-19-scan_smb-vietnam-geo.csv']);
    expect(await run(source)).toMatchObject({ state: 'done', files: 0 });
  });

  test('reports/download where it is set so; an error that the API tells is told on', async () => {
    const feed = await feedOf('shadow-api', 'shadowserver');
    const source = await c().addSource(feed, { kind: 'shadowserver', downloads: null }, { secrets });
    const bodies: unknown[] = [];
    c().replies = ({ url, body, headers }) => {
      bodies.push(JSON.parse(String(body)));
      expect(headers?.['HMAC2']).toBe(createHmac('sha256', 'the-secret-of-it').update(String(body)).digest('hex'));
      return { body: url.endsWith('reports/list') ? JSON.stringify([report('one', '2026-11-19-scan_smb-vietnam-geo.csv', '2026-11-19')]) : csv };
    };
    expect(await run(source)).toMatchObject({ state: 'done', files: 1, stored: 1 });
    expect(bodies.at(-1)).toEqual({ apikey: 'the-key', id: 'one' });
    c().replies = () => ({ body: '{"error":"invalid apikey"}' });
    expect((await run(source)).error).toMatchObject({ code: 'feed-source.unreadable',
      sentence: 'https://transform.shadowserver.org/api2/reports/list answered: invalid apikey' });
  });
});

describe('MISP', () => {
  test('events that are new or changed since, the oldest change first, one file each', async () => {
    const feed = await feedOf('misp', 'ndjson');
    const source = await c().addSource(feed, { kind: 'misp', url: 'https://misp.example/feed' });
    const uuid = (n: number): string => `5b3c1f${n}0-0000-4000-8000-000000000000`;
    const manifest: Record<string, { timestamp: string; info?: string }> = { [uuid(1)]: { timestamp: '1700000200' },
      [uuid(2)]: { timestamp: '1700000100', info: 'x' }, 'not-a-uuid': { timestamp: '1' } };
    c().replies = ({ url }) => ({ body: url.endsWith('manifest.json') ? JSON.stringify(manifest) : `{"Event":{"uuid":"${url.split('/').at(-1)}"}}` });
    expect(await run(source)).toMatchObject({ state: 'done', files: 2 });
    expect(await run(source)).toMatchObject({ state: 'done', files: 0 });
    manifest[uuid(2)] = { timestamp: '1700000300' };
    manifest[uuid(3)] = { timestamp: '1700000050' };
    expect(await run(source)).toMatchObject({ state: 'done', files: 2 });
    expect(await filesOf('misp')).toEqual([uuid(2), uuid(1), uuid(3), uuid(2)].map((one) => `${one}.json`));
    c().replies = () => ({ body: '[]' });
    expect(await run(source)).toMatchObject({ state: 'failed', error: { code: 'feed-source.unreadable', at: 'https://misp.example/feed/manifest.json' } });
  });
});
