/**
 * Real builds in a real sandbox: Entente itself, small programs by make, and Debian packages where their sources can be had. The larger
 * ones run with the full counts (`npm run check -- rebuild`), and want what they are built with: `apt-get build-dep sed`.
 */
import { execFileSync, spawnSync } from 'node:child_process';
import { generateKeyPairSync } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { elfOf } from '#kit/compare/formats/elf';
import { compilerRevisions } from '#world/sandbox/machine';
import { filesBelow, sourceFiles } from './source-package.ts';

const work = mkdtempSync(join(tmpdir(), 'entente-rebuilds-'));
afterAll(() => rmSync(work, { recursive: true, force: true }));

interface Answer { readonly verdict: string; readonly why: string | null; readonly files: readonly { verdict: string;
  recovered: { name: string; value: string } | null; causes: { fact: { name: string } }[];
  trials: { verdict: string }[] }[] }
function entente(...words: string[]): { status: number | null; answer: Answer; err: string } {
  const ran = spawnSync(process.execPath, ['bin/entente', ...words], { encoding: 'utf8', maxBuffer: 64 * 1024 * 1024, env: { ...process.env,
    NODE_OPTIONS: '' } });
  const last = ran.stdout.trimEnd().split('\n').at(-1) ?? '';
  return { status: ran.status, answer: (last.startsWith('{') ? JSON.parse(last) : {}) as Answer, err: ran.stderr };
}
const recipeFile = (name: string, fields: object): string => {
  const path = join(work, name);
  writeFileSync(path, JSON.stringify({ v: 1, name, ...fields }));
  return path;
};

describe('entente rebuild', () => {
  test('--self makes its own release again, to the byte', () => {
    const ran = spawnSync(process.execPath, ['bin/entente', 'rebuild', '--self', '--json'], { encoding: 'utf8', env: { ...process.env, NODE_OPTIONS: '' } });
    expect(ran.stdout.trimEnd().split('\n').at(-1)).toContain('"verdict":"IDENTICAL"');
    expect(ran.status).toBe(0);
  });

  test('of a program by make: identical, different, and not rebuilt, with evidence that another can check', () => {
    const source = join(work, 'program');
    mkdirSync(source);
    writeFileSync(join(source, 'main.c'), '#include <stdio.h>\nint main(void) { puts("hello"); return 0; }\n');
    writeFileSync(join(source, 'Makefile'), 'program: main.c\n\tcc -O2 -g -ffile-prefix-map=$(CURDIR)=. -o $@ main.c\n');
    const recipe = recipeFile('program.json', { kind: 'plain', source: 'program', steps: [['make']], products: ['program'] });
    // What was shipped was built elsewhere, under another path.
    const shipped = join(work, 'shipped');
    mkdirSync(shipped);
    execFileSync('cp', [join(source, 'main.c'), join(source, 'Makefile'), shipped]);
    execFileSync('make', ['-C', shipped], { stdio: 'ignore' });
    const { privateKey, publicKey } = generateKeyPairSync('ed25519');
    writeFileSync(join(work, 'key.pem'), privateKey.export({ type: 'pkcs8', format: 'pem' }));
    writeFileSync(join(work, 'public.pem'), publicKey.export({ type: 'spki', format: 'pem' }));
    const signed = ['--evidence', join(work, 'evidence'), '--key', join(work, 'key.pem'), '--keyid', 'rebuilder.example/one'];
    const file = join(shipped, 'program');
    expect(entente('rebuild', recipe, '--against', file, '--json', ...signed)).toMatchObject({ status: 0, answer: { verdict: 'IDENTICAL' } });
    const trusted = ['verify-evidence', join(work, 'evidence'), '--trust', `rebuilder.example/one=${join(work, 'public.pem')}`];
    expect(entente(...trusted).status).toBe(0);
    writeFileSync(join(work, 'evidence'), readFileSync(join(work, 'evidence'), 'utf8').replace('"sig":"', '"sig":"A'));
    expect(entente(...trusted).status).toBe(1);

    const bytes = readFileSync(file);
    const code = elfOf(bytes).sections.find((s) => s.name === '.text');
    bytes[(code?.from ?? 0) + 7] = (bytes[(code?.from ?? 0) + 7] ?? 0) ^ 1;
    writeFileSync(file, bytes);
    expect(entente('rebuild', recipe, '--against', file, '--json', '--explain')).toMatchObject({ status: 1, answer: { verdict: 'DIFFERENT' } });

    writeFileSync(join(source, 'main.c'), 'int main(void) { return }\n');
    const log = join(work, 'log');
    expect(entente('rebuild', recipe, '--against', file, '--json', '--log', log)).toMatchObject({ status: 2, answer: { verdict: 'NOT-REBUILT' } });
    expect(readFileSync(log, 'utf8')).toMatch(/error: expected/);
  });

  const [, ...others] = compilerRevisions();
  const older = others.find((r) => r.version.startsWith(`${compilerRevisions()[0]?.version.split('-')[0] ?? ''}-`));
  if (older) {
    test('finds that a library was made by another revision of the compiler, though nothing but its Build-ID is left of it', () => {
      const source = join(work, 'library');
      mkdirSync(source);
      writeFileSync(join(source, 'one.c'), 'int answer(int x) { return x * 42; }\n');
      const linked = ['-shared', '-Wl,--build-id', '-o', 'one.so', 'one.o'];
      writeFileSync(join(source, 'Makefile'), `one.so: one.c\n\tgcc -O2 -fPIC -c -o one.o one.c\n\tgcc ${linked.join(' ')}\n`
        + '\tstrip -R .comment one.so\n');
      // What was shipped: the same, by a compiler that states the older revision in its objects and in its start files.
      const shipped = join(work, 'older');
      mkdirSync(shipped);
      const run = (program: string, ...words: string[]): string => execFileSync(program, words, { cwd: shipped, encoding: 'utf8' });
      const restate = (bytes: Buffer): Buffer =>
        Buffer.from(bytes.toString('latin1').replaceAll(/GCC: \((\w+) [^)]*\)/g, `GCC: ($1 ${older.version})`), 'latin1');
      run('gcc', '-O2', '-fPIC', '-S', '-o', 'one.s', join(source, 'one.c'));
      writeFileSync(join(shipped, 'one.s'), restate(readFileSync(join(shipped, 'one.s'))));
      run('gcc', '-c', '-o', 'one.o', 'one.s');
      const command = spawnSync('gcc', ['-###', ...linked], { cwd: shipped, encoding: 'utf8' }).stderr.split('\n').find((line) =>
        line.includes('collect2')) ?? '';
      const words = [...command.matchAll(/"([^"]*)"|(\S+)/g)].map((m) => m[1] ?? m[2] ?? '').slice(1);
      run('ld', ...words.map((word, at) => {
        if (!/\/crt(begin|end)S\.o$/.test(word)) return word;
        run('objcopy', '--dump-section', '.comment=said', word, 'none');
        writeFileSync(join(shipped, 'said'), restate(readFileSync(join(shipped, 'said'))));
        run('objcopy', '--update-section', '.comment=said', word, `${at}.o`);
        return `${at}.o`;
      }));
      run('strip', '-R', '.comment', 'one.so');
      const recipe = recipeFile('library.json', { kind: 'plain', source: 'library', steps: [['make']], products: ['one.so'] });
      const { answer } = entente('rebuild', recipe, '--against', join(shipped, 'one.so'), '--json', '--explain');
      expect(answer.files[0]).toMatchObject({ verdict: 'IDENTICAL-AFTER-RECOVERY', recovered: { name: 'toolchain', value: `gcc ${older.version}` } });
    });
  }

  test('refuses what is no recipe, with a sentence', () => {
    writeFileSync(join(work, 'none.json'), '{"v":1}');
    expect(entente('rebuild', join(work, 'none.json'), '--against', join(work, 'none.json'))).toMatchObject({ status: 65,
      err: expect.stringMatching(/is none: /) as string });
    expect(entente('rebuild')).toMatchObject({ status: 64 });
  });
});

/** Apt with sources, without touching the machine's own lists; null where there are none, or no debhelper. */
function debianSources(): ((...words: string[]) => string | null) | null {
  const lists = '/etc/apt/sources.list.d/debian.sources';
  if (!existsSync(lists) || spawnSync('which', ['dpkg-buildpackage', 'dh', 'fakeroot']).status !== 0) return null;
  writeFileSync(join(work, 'src.sources'), readFileSync(lists, 'utf8').replaceAll(/^Types: deb$/gm, 'Types: deb-src'));
  mkdirSync(join(work, 'lists', 'partial'), { recursive: true });
  const options = ['-q', '-o', `Dir::Etc::sourcelist=${join(work, 'src.sources')}`, '-o', 'Dir::Etc::sourceparts=-', '-o',
    `Dir::State::Lists=${join(work, 'lists')}`];
  const apt = (...words: string[]): string | null => {
    const [program = '', ...rest] = words;
    const ran = spawnSync(program, [...(rest[0] === 'download' ? ['-q'] : options), ...rest], { cwd: work, encoding: 'utf8', maxBuffer: 64 * 1024 * 1024 });
    return ran.status === 0 ? ran.stdout : null;
  };
  return apt('apt-get', 'update') === null ? null : apt;
}
const found = (pattern: RegExp): string => readdirSync(work).find((name) => pattern.test(name)) ?? '';

interface Wanted { readonly name: string; readonly binaries?: readonly string[]; readonly depends: readonly string[]; readonly words: readonly string[];
  readonly verdict: string; readonly full: boolean; readonly seconds: number }
const packages: readonly Wanted[] = [
  { name: 'tree', depends: [], words: [], verdict: 'CODE-IDENTICAL', full: false, seconds: 600 },
  { name: 'hello', depends: ['help2man', 'makeinfo'], words: ['--explain', '--clock', '2022-12-26T15:30:00Z'], verdict: 'EXPLAINED', full: false,
    seconds: 600 },
  { name: 'sed', depends: [], words: [], verdict: 'IDENTICAL', full: true, seconds: 1800 },
  { name: 'xz-utils', binaries: ['xz-utils', 'xzdec', 'liblzma5', 'liblzma-dev'], depends: [], words: [], verdict: 'IDENTICAL', full: true, seconds: 1800 },
  { name: 'expat', binaries: ['expat', 'libexpat1', 'libexpat1-dev'], depends: ['docbook-to-man', 'xsltproc'], words: [], verdict: 'IDENTICAL', full: true,
    seconds: 1800 },
  { name: 'libtasn1-6', binaries: ['libtasn1-6', 'libtasn1-6-dev', 'libtasn1-bin', 'libtasn1-doc'], depends: ['bison', 'help2man', 'gtkdocize', 'faketime'],
    words: ['--explain'], verdict: 'IDENTICAL-AFTER-RECOVERY', full: true, seconds: 1800 },
];
const full = process.env['FULL'] === 'yes';
/** Sources of every shape: a diff, bzip2, xz with sums of SHA-256, long rows of patches. */
const sources = full ? ['bash', 'bzip2', 'gzip', 'make-dfsg', 'tar', 'xz-utils', 'zlib'] : ['make-dfsg', 'xz-utils', 'zlib'];
const apt = debianSources();
/** The newest version of which the archive has both: a mirror may lag behind its own lists. */
const both = ({ name, binaries = [name] }: Wanted): boolean => {
  const versions = [...new Set([...(apt?.('apt-cache', 'showsrc', '--only-source', name) ?? '').matchAll(/^Version: (?:\d+:)?(\S+)$/gm)].map((m) =>
    m[1] ?? ''))].sort((a, b) => b.localeCompare(a, 'en', { numeric: true }));
  return versions.some((version) => apt?.('apt-get', 'source', '--download-only', `${name}=${version}`) != null
    && apt('apt-get', 'download', ...binaries.map((binary) => `${binary}=${version}`)) !== null);
};
const have = packages.filter((p) => (full || !p.full) && both(p));
const reason = apt !== null && have.length > 0 ? null : 'no Debian sources here, or no debhelper';
const fetchedSources = apt?.('apt-get', 'source', '--download-only', ...sources) != null;

describe('Debian packages as shipped', () => {
  if (reason !== null) {
    test('are not rebuilt on this machine', () => expect(reason).toMatch(/^no Debian/));
    return;
  }
  test.each(have.map((p) => [p.name, p] as const))('%s', (name, { binaries = [name], depends, words, verdict, seconds }) => {
    if (spawnSync('which', [...depends, 'dh']).status !== 0) return expect(depends).not.toEqual([]);
    const recipe = recipeFile(`${name}.json`, { kind: 'debian', source: found(new RegExp(`^${name}_.*\\.dsc$`)), seconds });
    const shipped = binaries.flatMap((binary) => ['--against', join(work, found(new RegExp(`^${binary}_.*\\.deb$`)))]);
    const { answer } = entente('rebuild', recipe, ...shipped, '--json', ...words);
    expect([answer.verdict, answer.why]).toEqual([verdict, null]);
    if (name === 'libtasn1-6') {
      const recovered = answer.files.flatMap((f) => (f.recovered === null ? [] : [f.recovered]));
      expect(new Set(recovered.map((f) => f.name))).toEqual(new Set(['toolchain']));
    }
    if (name === 'hello') {
      expect(answer.files[0]?.causes.map((c) => c.fact.name)).toEqual(['clock']);
      expect(answer.files[0]?.trials.map((t) => t.verdict)).toContain('CODE-IDENTICAL');
    }
  });
  test('are unpacked as dpkg-source unpacks them, each file with its mode', async () => {
    const described = readdirSync(work).filter((name) => name.endsWith('.dsc'));
    expect(described.length).toBeGreaterThanOrEqual(new Set([...have.map((p) => p.name), ...(fetchedSources ? sources : [])]).size);
    for (const name of described) {
      const folder = join(work, `unpacked-${name}`);
      execFileSync('dpkg-source', ['--no-check', '-x', join(work, name), folder], { stdio: 'ignore' });
      expect(await sourceFiles(join(work, name)), name).toEqual(filesBelow(folder));
    }
  });
  test('a back door in one branch of a shipped tree is DIFFERENT', () => {
    const shipped = join(work, found(/^tree_.*\.deb$/));
    const opened = join(work, 'opened');
    execFileSync('dpkg-deb', ['-R', shipped, opened]);
    const program = join(opened, 'usr', 'bin', 'tree');
    const bytes = readFileSync(program);
    const code = elfOf(bytes).sections.find((s) => s.name === '.text');
    // The first short `je` becomes `jne`.
    const at = bytes.indexOf(0x74, (code?.from ?? 0) + 64);
    bytes[at] = 0x75;
    writeFileSync(program, bytes);
    mkdirSync(join(work, 'planted'));
    execFileSync('dpkg-deb', ['--root-owner-group', '-b', opened, join(work, 'planted')], { stdio: 'ignore' });
    const planted = join(work, 'planted', readdirSync(join(work, 'planted'))[0] ?? '');
    const ran = spawnSync(process.execPath, ['bin/entente', 'compare', shipped, planted, '--json'], { encoding: 'utf8', env: { ...process.env,
      NODE_OPTIONS: '' } });
    expect(JSON.parse(ran.stdout)).toMatchObject({ verdict: 'DIFFERENT' });
    expect(ran.stdout).toMatch(/"region":"\.text"/);
  });
});
