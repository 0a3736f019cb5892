/**
 * The sandbox on Linux: bubblewrap where it is installed, else namespaces by `unshare` for root. Which of them works is tried, not
 * assumed: a machine may have the program and forbid the namespaces. As root the build runs under a real uid without rights, since
 * package builds change owners (in a namespace of one uid that fails); otherwise as whoever calls.
 */
import { spawn, spawnSync } from 'node:child_process';
import { chown, lstat, readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { NoSandbox, type Sandbox, type SandboxEnd, type SandboxJob } from './port.ts';

/** Who builds where root calls. */
const builder = 1000;
const pollMilliseconds = 500;

const isRoot = (): boolean => process.getuid?.() === 0;
const lower = ['setpriv', '--reuid', String(builder), '--regid', String(builder), '--clear-groups', '--no-new-privs', '--bounding-set=-all',
  '--inh-caps=-all', '--'];

/** A place that any tool may put its drafts in; it is memory, so it has an end. */
const scratch = (place: string): string[] => ['--perms', '1777', '--size', String(2 ** 30), '--tmpfs', place];

/** Where programs and what they load lie; on many systems most of these are links into the first. */
const programPlaces = ['/usr', '/bin', '/sbin', '/lib', '/lib32', '/lib64', '/libx32', '/etc/ld.so.cache', '/etc/alternatives'];
const shown = { machine: ['--ro-bind', '/', '/'], programs: programPlaces.flatMap((place) => ['--ro-bind-try', place, place]) } as const;

function bubblewrap({ folder, at, readOnly, shows, environment, command }: SandboxJob): string[] {
  return [
    'bwrap', '--unshare-pid', '--unshare-net', '--unshare-ipc', '--unshare-uts', ...(isRoot() ? [] : ['--unshare-user']), '--hostname', 'build',
    '--die-with-parent', '--new-session', ...shown[shows], '--dev', '/dev', '--proc', '/proc',
    ...scratch('/tmp'), ...scratch('/var/tmp'), ...scratch('/dev/shm'), '--tmpfs', '/run', '--bind', folder, at, ...readOnly.flatMap(({ from, to }) =>
      ['--ro-bind', from, to]),
    '--chdir', at, '--clearenv', ...Object.entries(environment).flatMap(([name, value]) => ['--setenv', name, value]),
    '--', ...(isRoot() ? lower : []), ...command,
  ];
}

/** Inside new namespaces: the folder is put aside, everything else made read-only, and the command takes this shell’s place. */
const arrange = [
  'set -e', 'mount --make-rprivate /', 'folder=$1; at=$2; count=$3; shift 3',
  'mount -t tmpfs none /mnt', 'mkdir /mnt/own', 'mount --bind "$folder" /mnt/own',
  'i=0; while [ "$i" -lt "$count" ]',
  'do mkdir "/mnt/$i"; mount --bind "$1" "/mnt/$i"; mount -o remount,ro,bind "/mnt/$i"; eval "to$i=\\$2"; i=$((i+1)); shift 2; done',
  'mount -t tmpfs -o mode=1777,size=1g none /tmp; mkdir -p "$at"; mount --bind /mnt/own "$at"',
  'i=0; while [ "$i" -lt "$count" ]; do eval "to=\\$to$i"; mkdir -p "$to"; mount --bind "/mnt/$i" "$to"; i=$((i+1)); done',
  'for place in /mnt /run; do mount -t tmpfs -o ro none "$place"; done',
  'for place in /var/tmp /dev/shm; do mount -t tmpfs -o mode=1777,size=1g none "$place"; done',
  'mount -o remount,ro,bind /', 'hostname build 2>/dev/null || true', 'cd "$at"', 'exec "$@"',
].join('\n');

/** The same with another root: a folder in memory where the programs stand, and what was given. */
const arrangeApart = [
  'set -e', 'mount --make-rprivate /', 'folder=$1; at=$2; count=$3; shift 3', 'root=/mnt/root', 'mount -t tmpfs -o mode=755 none /mnt', 'mkdir "$root"',
  'mount -t tmpfs -o mode=755,size=1m none "$root"',
  `for place in ${programPlaces.join(' ')}; do`,
  'if [ -L "$place" ]; then mkdir -p "$root${place%/*}"; cp -P "$place" "$root$place"',
  'elif [ -d "$place" ]; then mkdir -p "$root$place"; mount --bind "$place" "$root$place"; mount -o remount,ro,bind "$root$place"',
  'elif [ -f "$place" ]; then mkdir -p "$root${place%/*}"; cp "$place" "$root$place"; fi; done',
  'mkdir "$root/tmp" "$root/proc" "$root/dev"; mount -t tmpfs -o mode=1777,size=1g none "$root/tmp"; mount --bind /proc "$root/proc"',
  ': > "$root/dev/null"; mount --bind /dev/null "$root/dev/null"', 'mkdir -p "$root$at"; mount --bind "$folder" "$root$at"',
  'i=0; while [ "$i" -lt "$count" ]; do mkdir -p "$root$2"; mount --bind "$1" "$root$2"; mount -o remount,ro,bind "$root$2"; i=$((i+1)); shift 2; done',
  'mount -o remount,ro "$root"', 'hostname build 2>/dev/null || true', 'exec chroot "$root" sh -c \'cd "$0"; exec "$@"\' "$at" "$@"',
].join('\n');

function namespaces({ folder, at, readOnly, shows, environment, command }: SandboxJob): string[] {
  return [
    'unshare', '--net', '--pid', '--fork', '--kill-child', '--ipc', '--uts', '--mount', '--mount-proc', '--', 'sh', '-c',
    shows === 'machine' ? arrange : arrangeApart, 'sh',
    folder, at, String(readOnly.length), ...readOnly.flatMap(({ from, to }) => [from, to]), ...lower,
    'env', '-i', ...Object.entries(environment).map(([name, value]) => `${name}=${value}`), ...command,
  ];
}

/** Kilobytes that a process and all that it began hold. */
async function held(root: number): Promise<number> {
  const parents = new Map<number, number>();
  const sizes = new Map<number, number>();
  for (const name of await readdir('/proc')) {
    if (!/^\d+$/.test(name)) continue;
    const status = await readFile(`/proc/${name}/status`, 'utf8').catch(() => '');
    parents.set(Number(name), Number(/^PPid:\s+(\d+)/m.exec(status)?.[1] ?? 0));
    sizes.set(Number(name), Number(/^VmRSS:\s+(\d+)/m.exec(status)?.[1] ?? 0));
  }
  const below = (pid: number): boolean => {
    for (let at: number | undefined = pid; at !== undefined && at > 1; at = parents.get(at)) if (at === root) return true;
    return false;
  };
  return [...sizes].reduce((sum, [pid, size]) => (below(pid) ? sum + size : sum), 0);
}

async function childrenOf(parent: number): Promise<number[]> {
  const found: number[] = [];
  for (const name of await readdir('/proc').catch(() => [])) {
    const status = /^\d+$/.test(name) ? await readFile(`/proc/${name}/status`, 'utf8').catch(() => '') : '';
    if (Number(/^PPid:\s+(\d+)/m.exec(status)?.[1] ?? 0) === parent) found.push(Number(name));
  }
  return found;
}

function killed(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It has ended meanwhile.
  }
}

function inRoom(words: readonly string[], job: SandboxJob): Promise<SandboxEnd> {
  return new Promise((resolve, reject) => {
    const [program = '', ...rest] = words;
    const child = spawn(program, rest, { stdio: ['ignore', 'pipe', 'pipe'], env: { PATH: '/usr/sbin:/usr/bin:/sbin:/bin' } });
    const seen: { stopped: SandboxEnd['stopped']; bytes: number } = { stopped: null, bytes: 0 };
    const stop = (why: 'time' | 'memory' | 'log'): void => {
      seen.stopped ??= why;
      // The namespace of processes ends with its first one, which is the program’s child; its own wish to end with the program is
      // forgotten when it changes who it is.
      void childrenOf(child.pid ?? -1).then((pids) => {
        for (const pid of pids) killed(pid);
        child.kill('SIGKILL');
      });
    };
    const clock = setTimeout(() => stop('time'), job.seconds * 1000);
    const watch = setInterval(() => {
      if (child.pid !== undefined) void held(child.pid).then((kilobytes) => { if (kilobytes > job.megabytes * 1024) stop('memory'); }, () => undefined);
    }, pollMilliseconds);
    const take = (chunk: Buffer): void => {
      if (seen.bytes >= job.logBytes) return;
      job.log(chunk.subarray(0, job.logBytes - seen.bytes));
      seen.bytes += chunk.length;
      if (seen.bytes >= job.logBytes) stop('log');
    };
    child.stdout.on('data', take);
    child.stderr.on('data', take);
    const end = (): void => {
      clearTimeout(clock);
      clearInterval(watch);
    };
    child.on('error', (error) => { end(); reject(error); });
    child.on('close', (code) => { end(); resolve({ exit: seen.stopped === null ? code ?? 1 : null, stopped: seen.stopped }); });
  });
}

/** Not through links: what one points to is not the builder’s. */
async function handOver(path: string): Promise<void> {
  await chown(path, builder, builder);
  for (const entry of await readdir(path, { withFileTypes: true })) {
    const inner = join(path, entry.name);
    if (entry.isDirectory()) await handOver(inner);
    else if (!(await lstat(inner)).isSymbolicLink()) await chown(inner, builder, builder);
  }
}

const roomOf = (kind: string, words: (job: SandboxJob) => string[]): Sandbox => ({
  kind, run: (job) => inRoom(words(job), job), hand: (folder) => (isRoot() ? handOver(folder) : Promise.resolve()),
});
const rooms = { bubblewrap: roomOf('bubblewrap', bubblewrap), namespaces: roomOf('namespaces', namespaces) } as const;

const probe = (words: readonly string[]): boolean => {
  const [program = '', ...rest] = words;
  return spawnSync(program, rest, { stdio: 'ignore', timeout: 10_000, env: { PATH: '/usr/sbin:/usr/bin:/sbin:/bin' } }).status === 0;
};

/** The rooms that work on this machine, the better first. `folder` is any that may be written. */
export function linuxSandboxes(folder: string): Sandbox[] {
  if (process.platform !== 'linux') return [];
  const job: SandboxJob = { folder, at: '/tmp/build', readOnly: [], shows: 'machine', command: ['true'], environment: { PATH: '/usr/bin:/bin' }, seconds: 5,
    megabytes: 64, logBytes: 1, log: () => undefined };
  const found: Sandbox[] = [];
  if (probe(bubblewrap(job))) found.push(rooms.bubblewrap);
  if (isRoot() && probe(namespaces(job))) found.push(rooms.namespaces);
  return found;
}

/** The best of them; throws NoSandbox with what to do. */
export function linuxSandbox(folder: string): Sandbox {
  const [best] = linuxSandboxes(folder);
  if (!best) {
    throw new NoSandbox('Nothing is built here: this machine lets no build be shut in. '
      + 'Install bubblewrap (bwrap), or run as root on Linux with util-linux (unshare, setpriv).');
  }
  return best;
}
