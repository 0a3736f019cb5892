import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { instructionsIn } from '#kit/disassemble/answer';
import { machines, type Code } from '#kit/disassemble/model';
import { fakeSandbox } from '../sandbox/fake.ts';
import { linuxSandboxes } from '../sandbox/linux.ts';
import { NoSandbox, type SandboxEnd, type SandboxJob } from '../sandbox/port.ts';
import { fakeDisassembler } from './fake.ts';
import { objdumpIn } from './objdump.ts';

const folder = await mkdtemp(join(tmpdir(), 'entente-sandbox-'));
afterAll(() => rm(folder, { recursive: true, force: true }));
const rooms = linuxSandboxes(folder);
const installed = spawnSync('objdump', ['--version']).status === 0;

/** `cmp $0x7e6,%edi; je …+7; mov $0x1,%eax; ret`, where the kernel would load it. */
const code = (bytes = Uint8Array.of(0x81, 0xff, 0xe6, 7, 0, 0, 0x74, 5, 0xb8, 1, 0, 0, 0, 0xc3)): Code =>
  ({ machine: { name: 'x86-64', little: true }, address: 0xffff_ffff_8100_0000n, bytes });
const ended = (end: SandboxEnd) => fakeSandbox(() => Promise.resolve(end));

test('where nothing can be shut in, no tool is run', async () => {
  const none = objdumpIn(() => { throw new NoSandbox('none'); });
  expect([await none.decode(code()), await none.decode(code())]).toEqual([{ ok: false, why: 'no-sandbox' }, { ok: false, why: 'no-sandbox' }]);
});

test('a tool that is stopped or fails is ended, and nothing of the code is left behind', async () => {
  const jobs: SandboxJob[] = [];
  const seen: string[] = [];
  const room = fakeSandbox(async (job) => {
    jobs.push(job);
    seen.push((await readFile(join(job.readOnly[0]?.from ?? '', 'code'))).toString('hex'), ...await readdir(job.folder));
    return { exit: null, stopped: 'time' };
  });
  expect(await objdumpIn(() => room).decode(code())).toEqual({ ok: false, why: 'ended' });
  expect(seen).toEqual(['81ffe60700007405b801000000c3']);
  expect(jobs[0]).toMatchObject({ shows: 'programs', seconds: 5, megabytes: 512 });
  expect(jobs.flatMap((j) => [j.folder, ...j.readOnly.map((r) => r.from)]).filter((path) => existsSync(path))).toEqual([]);
  expect(await objdumpIn(() => ended({ exit: 1, stopped: null })).decode(code())).toEqual({ ok: false, why: 'ended' });
});

test('few run at once, some wait, and whoever would wait behind too many is told at once', async () => {
  const state = { running: 0, most: 0 };
  const gate = { both: () => undefined as void, open: () => undefined as void };
  const [both, opened] = [new Promise<void>((resolve) => { gate.both = resolve; }), new Promise<void>((resolve) => { gate.open = resolve; })];
  const room = fakeSandbox(async () => {
    state.most = Math.max(state.most, ++state.running);
    if (state.running === 2) gate.both();
    await opened;
    state.running--;
    return { exit: 0, stopped: null };
  });
  const busy = objdumpIn(() => room);
  const all = Array.from({ length: 20 }, () => busy.decode(code()));
  expect(await Promise.all(all.slice(18))).toEqual([{ ok: false, why: 'busy' }, { ok: false, why: 'busy' }]);
  await both;
  gate.open();
  expect((await Promise.all(all.slice(0, 18))).every((r) => r.ok)).toBe(true);
  expect(state).toEqual({ running: 0, most: 2 });
  expect(await busy.decode(code())).toMatchObject({ ok: true });
});

test('the fake speaks as the tool does, and refuses as told', async () => {
  const fake = fakeDisassembler();
  const said = await fake.decode(code());
  expect(instructionsIn(said.ok ? said.text : '', code(), 100)?.slice(-1)).toEqual([{ at: 113, address: 'ffffffff8100000d', bytes: 'c3', text: '.byte 0xc3' }]);
  fake.refuseNext('no-tool');
  expect([await fake.decode(code()), (await fake.decode(code())).ok]).toEqual([{ ok: false, why: 'no-tool' }, true]);
});

describe.each(rooms.map((room) => [room.kind, room] as const))('in %s', (_, room) => {
  test('a tool that is not there is said to be not there', async () =>
    expect(await objdumpIn(() => room, 'no-such-objdump').decode(code())).toEqual({ ok: false, why: 'no-tool' }));

  if (installed) {
    const tool = objdumpIn(() => room);
    test('code becomes instructions, at the addresses where it is loaded', async () => {
      const said = await tool.decode(code());
      expect(instructionsIn(said.ok ? said.text : '', code(), 0)?.map((i) => `${i.at} ${i.address} ${i.bytes} ${i.text}`)).toEqual([
        '0 ffffffff81000000 81ffe6070000 cmp $0x7e6,%edi', '6 ffffffff81000006 7405 je 0xffffffff8100000d',
        '8 ffffffff81000008 b801000000 mov $0x1,%eax', '13 ffffffff8100000d c3 ret',
      ]);
    });
    test('a run of zeros is written out, and a cut instruction is one of its own', async () => {
      const bytes = Uint8Array.of(...new Array<number>(300).fill(0), 0x81, 0xff);
      const said = await tool.decode(code(bytes));
      const all = instructionsIn(said.ok ? said.text : '', code(bytes), 0) ?? [];
      expect(all.map((i) => i.bytes).join('')).toBe(Buffer.from(bytes).toString('hex'));
      expect(all.length).toBeGreaterThan(150);
    });
    test('every machine is read, or the tool says that it does not know it', async () => {
      const bytes = Uint8Array.of(0x07, 0x00, 0x60, 0x38, 0x20, 0x00, 0x80, 0x4e);
      for (const name of machines) {
        const own = { ...code(bytes), address: 0x1000n, machine: { name, little: name !== 's390x' } };
        const said = await tool.decode(own);
        if (said.ok) expect(instructionsIn(said.text, own, 0)?.map((i) => i.bytes).join(''), name).toBe(Buffer.from(bytes).toString('hex'));
        else expect(said.why, name).toBe('unknown-machine');
        if (name === 'x86-64' || name === 'i386') expect(said.ok).toBe(process.arch === 'x64');
      }
    });
  }
});
