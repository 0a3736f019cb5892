import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { linuxSandbox, linuxSandboxes } from './linux.ts';
import { NoSandbox, type Sandbox, type SandboxEnd } from './port.ts';

const folder = await mkdtemp(join(tmpdir(), 'entente-sandbox-'));
const rooms = linuxSandboxes(folder);

async function ran(room: Sandbox, script: string, change: { seconds?: number; megabytes?: number; logBytes?: number; shows?: 'programs';
  readOnly?: { from: string; to: string }[] } = {}): Promise<SandboxEnd & { text: string }> {
  const chunks: Uint8Array[] = [];
  await room.hand(folder);
  const end = await room.run({
    folder, at: '/tmp/build', readOnly: change.readOnly ?? [], shows: change.shows ?? 'machine', command: ['sh', '-c', script],
    environment: { PATH: '/usr/bin:/bin', HERE: 'yes' },
    seconds: change.seconds ?? 20, megabytes: change.megabytes ?? 2000, logBytes: change.logBytes ?? 10_000, log: (chunk) => { chunks.push(chunk); },
  });
  return { ...end, text: Buffer.concat(chunks).toString() };
}

afterAll(() => rm(folder, { recursive: true, force: true }));

test('where nothing can be shut in, nothing is built, and a sentence says what to do', () => {
  if (rooms.length === 0) expect(() => linuxSandbox(folder)).toThrow(NoSandbox);
  else expect(linuxSandbox(folder).kind).toBe(rooms[0]?.kind);
});

describe.each(rooms.map((room) => [room.kind, room] as const))('a build in %s', (_, room) => {
  const server = createServer((socket) => socket.end('reached'));
  let port = 0;
  beforeAll(() => new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', () => {
      port = (server.address() as { port: number }).port;
      resolve();
    });
  }));
  afterAll(() => void server.close());

  test('writes its folder, and what it wrote is there afterwards', async () => {
    expect(await ran(room, 'echo made > product; echo $HERE; pwd')).toMatchObject({ exit: 0, stopped: null, text: 'yes\n/tmp/build\n' });
    expect(await readFile(join(folder, 'product'), 'utf8')).toBe('made\n');
  });
  test('has a place for drafts, which is gone afterwards', async () => {
    expect((await ran(room, 'echo x > /tmp/draft && cat /tmp/draft')).text).toBe('x\n');
    expect((await ran(room, 'cat /tmp/draft 2>/dev/null || echo gone')).text).toBe('gone\n');
  });
  test('writes nowhere else', async () =>
    expect((await ran(room, 'for p in /usr/x /etc/x /x /var/x; do touch $p 2>/dev/null && echo wrote $p; done; echo end')).text).toBe('end\n'));
  test('reaches no network, not this machine’s either', async () => {
    const script = `node -e "require('net').connect(${port}, '127.0.0.1').on('data', (d) => console.log(String(d))).on('error', (e) => console.log(e.code))"`;
    expect((await ran(room, script)).text).toMatch(/^(ECONNREFUSED|ENETUNREACH)\n$/);
  });
  test('sees no other process, and is nobody with rights', async () => {
    const { text } = await ran(room, 'cat /proc/1/comm; grep CapEff /proc/self/status; id -u; grep NoNewPrivs /proc/self/status');
    expect(text).toMatch(/CapEff:\s+0+\n[1-9]\d*\nNoNewPrivs:\s+1\n$/);
    expect(text).not.toMatch(/^systemd/);
  });
  test('sees what it is given, and cannot change it', async () => {
    await writeFile(join(folder, 'given'), 'words');
    expect((await ran(room, 'cat /tmp/given/given; echo x > /tmp/given/given || echo no', { readOnly: [{ from: folder,
      to: '/tmp/given' }] })).text).toMatch(/^words[\s\S]*no\n/);
  });
  test('that needs programs alone sees nothing else that lies on this machine', async () => {
    await writeFile(join(folder, 'given'), 'words');
    const script = 'exec 2>/dev/null; echo $(ls -A /); ls -A /etc; cat ../given/given; cat /etc/passwd /root/* /var/lib/*; touch /usr/x /x || echo no; '
      + 'echo made > product; pwd';
    const { text, exit } = await ran(room, script, { shows: 'programs', readOnly: [{ from: folder, to: '/tmp/given' }] });
    const [first = '', ...rest] = text.split('\n');
    expect(first.trim().split(' ').filter((name) => !/^(usr|s?bin|lib\w*|etc|tmp|var|run|proc|dev)$/.test(name))).toEqual([]);
    expect(rest.filter((name) => name !== 'alternatives' && name !== 'ld.so.cache')).toEqual(['wordsno', '/tmp/build', '']);
    expect([exit, await readFile(join(folder, 'product'), 'utf8')]).toEqual([0, 'made\n']);
    expect((await ran(room, 'sh -c "sleep 60 & sleep 60"', { shows: 'programs', seconds: 1 })).stopped).toBe('time');
    expect((await ran(room, 'grep CapEff /proc/self/status; id -u', { shows: 'programs' })).text).toMatch(/CapEff:\s+0+\n[1-9]\d*\n$/);
  });
  test('that does not end is ended, with all that it began', async () =>
    expect(await ran(room, 'sleep 1000 & sleep 1000', { seconds: 1 })).toMatchObject({ exit: null, stopped: 'time' }));
  test('that takes more memory than it may is ended', async () =>
    expect(await ran(room, 'node -e "const all = []; setInterval(() => all.push(Buffer.alloc(20e6, 1)), 20)"',
      { megabytes: 200 })).toMatchObject({ exit: null, stopped: 'memory' }));
  test('that talks without end is ended, and what it said is kept up to there', async () => {
    const found = await ran(room, 'yes', { logBytes: 5000 });
    expect([found.stopped, found.text.length]).toEqual(['log', 5000]);
  });
  test('that fails says how', async () => expect(await ran(room, 'echo why >&2; exit 3')).toMatchObject({ exit: 3, text: 'why\n' }));
});
