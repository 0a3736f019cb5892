/**
 * The house rules, each one function over one file. `test/tidy/tidy.test.ts` runs them over the tree and breaks each of
 * them once, so that a rule that checks nothing is itself a failure.
 */
import { order } from '../../src/app/modules.ts';

export interface SourceFile {
  /** From the package's root, with slashes: `src/kit/refusal.ts`. */
  readonly path: string;
  readonly text: string;
}
export type Rule = (file: SourceFile) => string[];

const floorsBack = ['kit', 'world', 'modules', 'app', 'cli'];
const floorsFront = ['kit', 'ui', 'views', 'web'];

/** Floor of a file: `views` are the pages inside modules. */
function floorOf(path: string): string {
  if (/^src\/modules\/[^/]+\/views\//.test(path)) return 'views';
  return path.split('/')[1] ?? '';
}
function moduleOf(path: string): string | null {
  return /^src\/modules\/([^/]+)\//.exec(path)?.[1] ?? null;
}

/** Paths imported, as paths from the root; packages and node's own are left out. */
export function importsOf(file: SourceFile): { path: string; typeOnly: boolean }[] {
  const found = [...file.text.matchAll(/^\s*(?:import|export)\s+(type\s+)?(?:[^'"();]*?\sfrom\s+)?['"]([^'"]+)['"]/gm)];
  const lazy = [...file.text.matchAll(/import\(\s*['"]([^'"]+)['"]\s*\)/g)];
  return [
    ...found.map((m) => ({ name: m[2] ?? '', typeOnly: m[1] !== undefined })),
    ...lazy.map((m) => ({ name: m[1] ?? '', typeOnly: false })),
  ].flatMap(({ name, typeOnly }) => {
    if (name.startsWith('#')) return [{ path: `src/${name.slice(1)}`, typeOnly }];
    if (!name.startsWith('.')) return [];
    return [{ path: resolve(file.path, name), typeOnly }];
  });
}

function resolve(from: string, to: string): string {
  const parts = from.split('/').slice(0, -1);
  for (const step of to.split('/')) {
    if (step === '..') parts.pop();
    else if (step !== '.') parts.push(step);
  }
  return parts.join('/');
}

const isSource = (path: string): boolean => path.startsWith('src/');
const isTest = (path: string): boolean => /\.(test|fuzz|bench)\.tsx?$/.test(path) || /\/(testing|contract|fake)\.ts$/.test(path);

export const floors: Rule = (file) => {
  if (!isSource(file.path) || isTest(file.path)) return [];
  const from = floorOf(file.path);
  return importsOf(file).filter(({ path }) => isSource(path)).flatMap(({ path, typeOnly }) => {
    const to = floorOf(path);
    if (from === to) return [];
    const front = floorsFront.indexOf(from) > floorsFront.indexOf(to) && floorsFront.includes(to);
    const back = floorsBack.indexOf(from) > floorsBack.indexOf(to) && floorsBack.includes(to);
    // Pages read the model, the api and the pure rules of modules, and so does the shell that lists them.
    const room = /^src\/modules\/[^/]+\/(?:collect\/)?(model|api|rules|decide|edited|terms|index|roles|labels)(\/[\w-]+)?(\.ts)?$/.test(path);
    const pages = (from === 'views' || from === 'web') && to === 'modules' && room;
    const shellTypes = from === 'views' && to === 'web' && (typeOnly || /^src\/web\/(client|session|tongues)(\.tsx?)?$/.test(path));
    return front || back || pages || shellTypes ? [] : [`imports ${path}, which is not on a floor below ${from}`];
  });
};

export const doors: Rule = (file) => {
  const own = moduleOf(file.path);
  if (!own || isTest(file.path)) return [];
  return importsOf(file).flatMap(({ path }) => {
    const other = moduleOf(`${path}/`);
    if (!other || other === own) return [];
    const rooms: readonly string[] = order;
    if (floorOf(file.path) !== 'views' && rooms.indexOf(other) > rooms.indexOf(own)) return [`${own} may not know the later module ${other}`];
    const door = /^src\/modules\/[^/]+\/index(\.ts)?$/.test(path);
    const page = floorOf(file.path) === 'views' && /^src\/modules\/[^/]+\/(api|model|rules)(\/[\w-]+)?(\.ts)?$/.test(path);
    return door || page ? [] : [`reaches into ${other} past its index.ts: ${path}`];
  });
};

export const size: Rule = (file) => {
  const lines = file.text.split('\n').length;
  return isSource(file.path) && lines > 500 ? [`has ${lines} lines, more than 500`] : [];
};

/** A heuristic on our own formatting: a function opens with `{` at the line's end and closes at the same indent. */
export const functionSize: Rule = (file) => {
  if (!isSource(file.path) || isTest(file.path)) return [];
  const lines = file.text.split('\n');
  return lines.flatMap((line, at) => {
    const open = /^(\s*)(?:export )?(?:async )?(?:function\b.*|(?:const )?[\w'.-]+.*=> ?)\{$/.exec(line);
    if (!open) return [];
    const close = lines.findIndex((other, i) => i > at && other.startsWith(`${open[1]}}`));
    return close - at > 70 ? [`line ${at + 1}: a function of ${close - at} lines, more than 70`] : [];
  });
};

export const lineLength: Rule = (file) =>
  file.text.split('\n').flatMap((line, i) => (line.length > 160 ? [`line ${i + 1} has ${line.length} characters`] : []));

const outside: readonly [RegExp, string][] = [
  [/\bDate\.now\(/, 'Date.now: take world/clock'],
  [/\bnew Date\(\)/, 'new Date(): take world/clock'],
  [/\bMath\.random\(/, 'Math.random: take world/random'],
  [/\bprocess\.env\b/, 'process.env: take world/environment'],
  [/(?<![.\w])fetch\(/, 'fetch: take world/http'],
  [/\bconsole\.\w/, 'console: take world/trace'],
];
export const world: Rule = (file) => {
  const floor = floorOf(file.path);
  if (!isSource(file.path) || isTest(file.path) || floor === 'world') return [];
  const browser = floorsFront.slice(1).includes(floor);
  const code = file.text.replaceAll(/\/\*[\s\S]*?\*\/|\/\/.*$/gm, '').replaceAll(/'[^'\n]*'|`[^`]*`/g, "''");
  return outside.filter(([pattern, name]) => pattern.test(code)
    // The browser has its own clock; it speaks to the hub through one client and the command line through one file.
    && !(browser && /Date/.test(name)) && !(/^fetch/.test(name) && /^src\/(web|cli)\//.test(file.path)))
    .map(([, name]) => name);
};

export const state: Rule = (file) =>
  isSource(file.path) && !isTest(file.path) && /^(?:export )?(?:let|var) /m.test(file.text) ? ['has state at module level (let)'] : [];

export const types: Rule = (file) => {
  if (!isSource(file.path) || isTest(file.path)) return [];
  const code = file.text.replaceAll(/\/\*[\s\S]*?\*\/|\/\/.*$/gm, '').replaceAll(/'[^'\n]*'|`[^`]*`/g, "''");
  return [
    ...(/[:<,|(]\s*any\b(?!\()|\bas any\b/.test(code) ? ['uses the type any'] : []),
    ...(/\bas unknown as\b/.test(code) ? ['casts with `as unknown as`'] : []),
  ];
};

export const exportsNamed: Rule = (file) =>
  isSource(file.path) && /^export default\b/m.test(file.text) ? ['has a default export'] : [];

const banned = /^(utils?|helpers?|common|misc|manager|service|processor|handler|base|impl|data|info)$/i;
export const names: Rule = (file) => {
  if (!isSource(file.path)) return [];
  const stem = (file.path.split('/').at(-1) ?? '').replace(/\..*$/, '');
  const folders = file.path.split('/').slice(1, -1);
  const declared = [...file.text.matchAll(/^export (?:async )?(?:function|const|class|interface|type) (\w+)/gm)].map((m) => m[1] ?? '');
  const words = (name: string): string[] => name.replaceAll(/([a-z])([A-Z])/g, '$1-$2').split(/[-_]/);
  return [stem, ...folders].filter((name) => banned.test(name)).map((name) => `is named ${name}, a word that says nothing`)
    .concat(declared.filter((name) => words(name).length <= 2 && words(name).some((w) => banned.test(w)))
      .map((name) => `exports ${name}, a name that says nothing`));
};

export const opening: Rule = (file) =>
  isSource(file.path) && /\.tsx?$/.test(file.path) && !isTest(file.path) && !/^(\/\*\*|\/\/)/.test(file.text)
    ? ['does not open with what it is for'] : [];

export const unfinished: Rule = (file) => [
  ...(/\b(FIXME|TODO|XXX)\b/.test(file.text) ? ['holds a FIXME or TODO'] : []),
  ...(/\b(test|describe|it)\.(only|skip)\(/.test(file.text) ? ['holds .only or .skip'] : []),
];

/** The product speaks of itself only: no workplace, no machine, no registry. */
export const place: Rule = (file) =>
  /\/work\/(main|shared)|\bregistry\.npmjs\b/.test(file.text) ? ['names a place of one machine'] : [];

/** The demonstration's published figures are computed; only its generator's parameters may name them. */
export const figures: Rule = (file) =>
  isSource(file.path) && !isTest(file.path) && !file.path.endsWith('/demo/telemetry/parameters.ts')
  && /\b(992[_,]?952|410[_,]?000|21\.5)\b/.test(file.text) ? ['names a figure that is to be computed'] : [];

export const rules: Readonly<Record<string, Rule>> = {
  floors, doors, size, functionSize, lineLength, world, state, types, exportsNamed, names, opening, unfinished, place,
  figures,
};

/** Import cycles among files, each as its chain. */
export function cycles(files: readonly SourceFile[]): string[] {
  const byPath = new Map(files.flatMap((f) => [[f.path, f], [f.path.replace(/\.tsx?$/, ''), f]] as const));
  const edges = new Map(files.map((f) => [f.path, importsOf(f).filter((i) => !i.typeOnly)
    .flatMap((i) => byPath.get(i.path)?.path ?? [])]));
  const found: string[] = [];
  const done = new Set<string>();
  const visit = (path: string, trail: readonly string[]): void => {
    if (trail.includes(path)) return void found.push([...trail.slice(trail.indexOf(path)), path].join(' > '));
    if (done.has(path)) return;
    for (const next of edges.get(path) ?? []) visit(next, [...trail, path]);
    done.add(path);
  };
  for (const file of files) visit(file.path, []);
  return found;
}

/** Files that nothing imports and that are no entry. */
export function orphans(files: readonly SourceFile[], entries: readonly RegExp[]): string[] {
  const imported = new Set(files.flatMap((f) => importsOf(f).map((i) => i.path.replace(/\.(tsx?|js)$/, ''))));
  return files.map((f) => f.path).filter((path) => isSource(path) && !isTest(path)
    && !imported.has(path.replace(/\.tsx?$/, '')) && !entries.some((e) => e.test(path)));
}
