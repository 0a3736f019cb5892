/** The language of a file by its name: what the filter of a search goes by, and what a reader's colours go by. */

const endings: Readonly<Record<string, readonly string[]>> = {
  assembly: ['s', 'asm', 'inc'], awk: ['awk'], c: ['c', 'h'],
  cpp: ['cc', 'cpp', 'cxx', 'hh', 'hpp', 'hxx', 'ipp'], csharp: ['cs'], css: ['css', 'scss', 'less'],
  devicetree: ['dts', 'dtsi'], go: ['go'], html: ['html', 'htm', 'xhtml'], java: ['java'], javascript: ['js', 'mjs', 'cjs', 'jsx'], json: ['json'],
  kotlin: ['kt', 'kts'], lua: ['lua'], make: ['mk', 'mak'], markdown: ['md', 'markdown'], objectivec: ['m', 'mm'], perl: ['pl', 'pm'], php: ['php'],
  protobuf: ['proto'], python: ['py', 'pyi'], restructuredtext: ['rst'], ruby: ['rb'], rust: ['rs'], scala: ['scala'], shell: ['sh', 'bash', 'zsh', 'ksh'],
  sql: ['sql'], swift: ['swift'], toml: ['toml'], typescript: ['ts', 'mts', 'cts', 'tsx'], xml: ['xml', 'xsd', 'xsl', 'svg'], yaml: ['yml', 'yaml'],
};
const named: Readonly<Record<string, string>> = {
  makefile: 'make', gnumakefile: 'make', kbuild: 'make', kconfig: 'kconfig', dockerfile: 'docker', 'cmakelists.txt': 'cmake', gemfile: 'ruby', rakefile: 'ruby',
};
const byEnding: ReadonlyMap<string, string> = new Map(Object.entries(endings).flatMap(([language, list]) => list.map((ending) => [ending, language])));

export const languages: readonly string[] = [...new Set([...Object.keys(endings), ...Object.values(named)])].sort();

/** Null where the name tells nothing. */
export function languageOf(path: string): string | null {
  const name = path.slice(path.lastIndexOf('/') + 1).toLowerCase();
  const known = Object.hasOwn(named, name) ? named[name] : undefined;
  const dot = name.lastIndexOf('.');
  return known ?? (dot < 0 ? null : byEnding.get(name.slice(dot + 1)) ?? null);
}
