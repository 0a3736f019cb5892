/** What a build's environment is: system, packages and tools with their versions, as text. The same machine says the same twice. */
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { revisionsIn, type Revision } from '#kit/rebuild/toolchain';

const output = (program: string, words: readonly string[]): string => {
  const ran = spawnSync(program, [...words], { encoding: 'utf8', timeout: 30_000, maxBuffer: 64 * 1024 * 1024, env: { PATH: '/usr/bin:/bin', LC_ALL: 'C' } });
  return ran.status === 0 ? ran.stdout.trim() : '';
};

function release(): string {
  try {
    return readFileSync('/etc/os-release', 'utf8').split('\n').filter((line) => /^(ID|VERSION_ID)=/.test(line)).join('\n');
  } catch {
    return '';
  }
}

/** In the syntax of Debian’s `.buildinfo`, with fields of ours. */
export function environmentText(sandbox: string): string {
  const packages = output('dpkg-query', ['-W', '-f', '${Package} (= ${Version})\n']).split('\n').filter((line) => line !== '').sort();
  return [
    'Format: 1.0', `Architecture: ${process.arch}`, ...release().split('\n').map((line) => `X-System: ${line}`),
      `X-Node: ${process.version}`, `X-Sandbox: ${sandbox}`,
    'Installed-Build-Depends:', ...packages.map((line) => ` ${line},`), '',
  ].join('\n');
}

/** Larger changelogs are not read. */
const mostChangelog = 64 * 1024 * 1024;

/** Revisions of the C compiler that is installed, its own first, from its package's changelog. None where it has none, as in small images. */
export function compilerRevisions(): Revision[] {
  const major = /^\d+/.exec(output('gcc', ['-dumpversion']))?.[0];
  if (major === undefined) return [];
  const here = output('dpkg-query', ['-W', '-f', '${Version}', `gcc-${major}`]);
  for (const name of [`gcc-${major}-base`, `gcc-${major}`]) {
    try {
      const packed = readFileSync(`/usr/share/doc/${name}/changelog.Debian.gz`);
      const found = revisionsIn(gunzipSync(packed, { maxOutputLength: mostChangelog }).toString('utf8'));
      if (found[0]?.version === here) return found;
    } catch {
      // Images without documents have none: then no revision is tried.
    }
  }
  return [];
}
