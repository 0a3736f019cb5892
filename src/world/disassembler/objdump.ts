/**
 * GNU objdump (binutils), where the machine has it, always in a sandbox that shows it programs and one file of bare code: no network, no
 * rights, nothing else that lies here, bounds that the kernel holds. Each run has a folder of its own under the system’s temporary one;
 * if we crash, that is left behind, with at most the code that was asked about.
 */
import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Code, MachineName } from '#kit/disassemble/model';
import { linuxSandbox } from '../sandbox/linux.ts';
import { NoSandbox, type Sandbox } from '../sandbox/port.ts';
import type { Disassembler } from './port.ts';

/** As binutils names them; which of them a build of it knows differs. */
const names: Readonly<Record<MachineName, readonly string[]>> = {
  'x86-64': ['i386:x86-64'], i386: ['i386'], aarch64: ['aarch64'], arm: ['arm'], thumb: ['arm', '-M', 'force-thumb'], riscv64: ['riscv:rv64'],
  riscv32: ['riscv:rv32'], ppc64: ['powerpc:common64'], ppc: ['powerpc:common'], s390x: ['s390:64-bit'], mips64: ['mips:isa64r2'], mips: ['mips:isa32r2'],
};

const bounds = { seconds: 5, megabytes: 512, words: 4 * 1024 * 1024 } as const;
/** Bounds by the kernel before the tool begins: address space, processor time, and no file that grows. */
const script = `ulimit -v ${bounds.megabytes * 1024} && ulimit -t ${bounds.seconds} && ulimit -f 0 && command -v "$0" >/dev/null || exit 127; exec "$0" "$@"`;

/** Who runs at once, and who waits for that. */
const [mostAtOnce, mostWaiting] = [2, 16];

type Ran = { readonly exit: number | null; readonly text: string };

async function inRoom(room: Sandbox, { machine, address, bytes }: Code, tool: string): Promise<Ran> {
  const folder = await mkdtemp(join(tmpdir(), 'entente-disassemble-'));
  const chunks: Uint8Array[] = [];
  try {
    // Empty, and all that the tool could write to; what it reads lies in the other one. Nobody else comes by the folder around them.
    const [own, given] = [join(folder, 'own'), join(folder, 'given')];
    await mkdir(own);
    await mkdir(given);
    await writeFile(join(given, 'code'), bytes);
    await chmod(given, 0o755);
    await chmod(join(given, 'code'), 0o644);
    await room.hand(own);
    const { exit } = await room.run({
      folder: own, at: '/tmp/own', readOnly: [{ from: given, to: '/tmp/given' }], shows: 'programs',
      command: ['sh', '-c', script, tool, '-D', '-z', '-w', '--no-show-raw-insn', '-b', 'binary', machine.little ? '-EL' : '-EB',
        '-m', ...names[machine.name], `--adjust-vma=0x${address.toString(16)}`, '/tmp/given/code'],
      environment: { PATH: '/usr/bin:/bin', LC_ALL: 'C' }, seconds: bounds.seconds, megabytes: bounds.megabytes,
      log: (chunk) => { chunks.push(chunk); }, logBytes: bounds.words,
    });
    return { exit, text: Buffer.concat(chunks).toString('latin1') };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** A turn for each who asks, few at once; false for whoever would wait behind too many. */
function turns(): { take(): Promise<boolean>; leave(): void } {
  const state = { busy: 0 };
  const waiting: (() => void)[] = [];
  return {
    async take() {
      if (state.busy >= mostAtOnce) {
        if (waiting.length >= mostWaiting) return false;
        await new Promise<void>((resolve) => waiting.push(resolve));
        return true;
      }
      state.busy++;
      return true;
    },
    // Whoever waits takes over the turn.
    leave() {
      const next = waiting.shift();
      if (next) next();
      else state.busy--;
    },
  };
}

/** `find` is asked once, when somebody first asks for instructions. */
export function objdumpIn(find: () => Sandbox, tool = 'objdump'): Disassembler {
  const state: { room?: Sandbox | null } = {};
  const turn = turns();
  const room = (): Sandbox | null => {
    if (state.room !== undefined) return state.room;
    try {
      state.room = find();
    } catch (error) {
      if (!(error instanceof NoSandbox)) throw error;
      state.room = null;
    }
    return state.room;
  };
  return {
    async decode(code) {
      const found = room();
      if (found === null) return { ok: false, why: 'no-sandbox' };
      if (!await turn.take()) return { ok: false, why: 'busy' };
      try {
        const { exit, text } = await inRoom(found, code, tool);
        if (exit === 0) return { ok: true, text };
        if (exit === 127) return { ok: false, why: 'no-tool' };
        return { ok: false, why: text.includes('supplied machine') ? 'unknown-machine' : 'ended' };
      } finally {
        turn.leave();
      }
    },
  };
}

/** With the best sandbox of this machine. */
export const systemDisassembler = (): Disassembler => objdumpIn(() => linuxSandbox(tmpdir()));
