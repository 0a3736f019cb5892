/**
 * Two ClickHouse servers on loopback that are two shards of one cluster, for one test file: the engine's library as it is
 * installed, run by a launcher of some lines that the machine's C compiler makes. What it cannot do is what needs Keeper:
 * replication and ON CLUSTER. Without a compiler the tier fails: it is what it tests.
 */
import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { freePort } from '../free-port.ts';

const run = promisify(execFile);

export interface Shards {
  /** As `ENTENTE_EVENTS_URL` has it. */
  readonly url: string;
  stop(): Promise<void>;
}

async function compiled(folder: string): Promise<string> {
  const out = join(folder, 'launcher');
  const source = fileURLToPath(new URL('./launcher.c', import.meta.url));
  await run('cc', ['-O1', '-o', out, source, '-ldl']).catch((error: Error) => {
    throw new Error('a C compiler is not installed: the tests of shards need cc', { cause: error });
  });
  return out;
}

function configOf(own: { tcp: number; http: number }, all: readonly { tcp: number }[]): string {
  const shards = all.map(({ tcp }) =>
    `<shard><replica><host>127.0.0.1</host><port>${tcp}</port></replica></shard>`);
  return `<clickhouse><tcp_port>${own.tcp}</tcp_port><http_port>${own.http}</http_port><listen_host>127.0.0.1</listen_host>
    <background_schedule_pool_size>32</background_schedule_pool_size><background_pool_size>4</background_pool_size>
    <background_distributed_schedule_pool_size>8</background_distributed_schedule_pool_size>
    <remote_servers><entente>${shards.join('')}</entente></remote_servers></clickhouse>`;
}

async function answers(port: number): Promise<void> {
  for (let i = 0; i < 600; i++) {
    const found = await fetch(`http://127.0.0.1:${port}/ping`).then((answer) => answer.ok, () => false);
    if (found) return;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error('a server of the test cluster did not start');
}

export async function startShards(): Promise<Shards> {
  const folder = await mkdtemp(join(tmpdir(), 'entente-shards-'));
  const launcher = await compiled(folder);
  const library = join(dirname(createRequire(import.meta.url).resolve('@chdb/lib-linux-x64-gnu/package.json')), 'libchdb.so');
  const ports: { tcp: number; http: number }[] = [];
  for (let i = 0; i < 2; i++) ports.push({ tcp: await freePort(), http: await freePort() });
  const children: ChildProcess[] = [];
  for (const [i, own] of ports.entries()) {
    const config = join(folder, `config${i}.xml`);
    const data = join(folder, `data${i}`);
    await mkdir(data);
    await writeFile(config, configOf(own, ports));
    const forever = `SYSTEM START LISTEN TCP; SYSTEM START LISTEN HTTP; SELECT sleepEachRow(3) FROM system.numbers SETTINGS max_block_size = 1,
      max_threads = 1, function_sleep_max_microseconds_per_block = 0, max_rows_to_read = 0 FORMAT Null`;
    children.push(spawn(launcher, [library, `--config-file=${config}`, `--path=${data}`, '--query', forever], { cwd: folder, stdio: 'ignore' }));
  }
  const stop = async (): Promise<void> => {
    await Promise.all(children.map((child) => new Promise<void>((resolve) => {
      if (child.exitCode !== null) return resolve();
      child.once('exit', () => resolve());
      child.kill('SIGKILL');
    })));
    await rm(folder, { recursive: true, force: true });
  };
  try {
    await Promise.all(ports.map(({ http }) => answers(http)));
  } catch (error) {
    await stop();
    throw error;
  }
  return { url: `${ports.map(({ http }) => `http://127.0.0.1:${http}`).join(',')}?cluster=entente`, stop };
}
