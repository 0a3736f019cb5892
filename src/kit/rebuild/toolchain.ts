/**
 * The compiler's revision as a fact of a build. A distribution's compiler writes its revision into every object file (`.comment`), which
 * the linker's Build-ID covers and `strip` then takes away: of two files with the same code only the Build-ID tells that another revision
 * made them. The older compiler is seldom to be had. What can be had is its name: the trial builds with the compiler that is here, and
 * puts the other revision wherever a revision is stated, by an assembler and a linker that stand before the real ones. The same bytes
 * then prove that the name was the whole difference. They do not prove what the older compiler did.
 */
import { isDeb } from '#kit/compare/formats/ar';
import { latin1 } from '#kit/compare/piece';
import type { Fact } from '#kit/compare/verdict';

/** One entry of a compiler package's changelog. */
export interface Revision { readonly version: string; readonly at: string }

/** Entries of a Debian changelog, the newest first; what is no entry is read past. */
export function revisionsIn(changelog: string): Revision[] {
  const found: Revision[] = [];
  const open: { version: string | null } = { version: null };
  for (const line of changelog.split('\n')) {
    const head = /^[a-z0-9][a-z0-9+.-]* \(([0-9A-Za-z.+~-]{1,100})\) /.exec(line);
    if (head) open.version = head[1] ?? null;
    const trailer = /^ -- .{0,500}> {2}(.{1,60})$/.exec(line);
    if (!trailer || open.version === null) continue;
    const time = new Date(trailer[1] ?? '');
    if (!Number.isNaN(time.getTime())) found.push({ version: open.version, at: time.toISOString() });
    open.version = null;
  }
  return found;
}

const upstreamOf = (version: string): string => version.slice(0, version.lastIndexOf('-'));

/** Trials are whole builds: more than these are not made. */
const mostTried = 4;

/**
 * Which revisions to try, the likeliest first. `installed` has the one that is here first. When a file was made only ranks them: a builder may
 * run later than the day that a file states, so that the next newer one comes right after the one of the day. A revision of another
 * upstream version is another compiler, whose name alone would prove nothing.
 */
export function revisionsToTry(installed: readonly Revision[], shippedAt: string | null): Fact[] {
  const [here, ...others] = installed;
  if (!here || !here.version.includes('-')) return [];
  const same = others.filter((r) => upstreamOf(r.version) === upstreamOf(here.version) && r.version !== here.version);
  const ofTheDay = shippedAt === null ? 0 : same.findIndex((r) => Date.parse(r.at) <= Date.parse(shippedAt));
  const from = ofTheDay === -1 ? same.length : ofTheDay;
  const ranked = [...same.slice(from, from + 1), ...same.slice(Math.max(0, from - 1), from), ...same.slice(from + 1), ...same.slice(0, Math.max(0,
    from - 1)).reverse()];
  return ranked.slice(0, mostTried).map(({ version }) => ({ name: 'toolchain', value: `gcc ${version}` }));
}

/** When a `.deb` was made, as it states itself: `dpkg-deb` writes the time of the changelog. Null for anything else. */
export function statedTime(bytes: Uint8Array): string | null {
  if (!isDeb(bytes) || bytes.length < 36) return null;
  const seconds = Number(latin1(bytes, 24, 36).trim());
  return Number.isInteger(seconds) && seconds > 0 && seconds < 1e11 ? new Date(seconds * 1000).toISOString() : null;
}

/**
 * The file `as` of a trial. Inputs that state a revision are read from copies which state the other one; a copy is made beside no file of the
 * build, and goes away with the call.
 */
const assembler = `#!/bin/sh
drafts=$(mktemp -d) || exit 1
trap 'rm -rf "$drafts"' EXIT
count=$#
piped=
while [ "$count" -gt 0 ]; do
  word=$1; shift; count=$((count-1))
  case $word in
    -) piped=yes;;
    -*) ;;
    *.s|*.S) if [ -f "$word" ] && LC_ALL=C grep -q 'GCC: (' "$word"; then
      LC_ALL=C sed "$ENTENTE_RESTATED" "$word" > "$drafts/$count.s" || exit 1
      word=$drafts/$count.s
    fi;;
  esac
  set -- "$@" "$word"
done
if [ -n "$piped" ]; then LC_ALL=C sed "$ENTENTE_RESTATED" | "$ENTENTE_AS" "$@"; else "$ENTENTE_AS" "$@"; fi
`;

/** The file `ld` of a trial: start files that the compiler's package brings are taken from the restated copies; so in files of words. */
const linker = `#!/bin/sh
drafts=$(mktemp -d) || exit 1
trap 'rm -rf "$drafts"' EXIT
count=$#
while [ "$count" -gt 0 ]; do
  word=$1; shift; count=$((count-1))
  case $word in
    /*.o) if [ -f "$ENTENTE_TOOLS/start$word" ]; then word=$ENTENTE_TOOLS/start$word; fi;;
    @*) if [ -f "\${word#@}" ]; then
      sed "s#/usr/lib/gcc/[^ ]*/crt[A-Za-z]*\\.o#$ENTENTE_TOOLS/start&#g" "\${word#@}" > "$drafts/$count" || exit 1
      word=@$drafts/$count
    fi;;
  esac
  set -- "$@" "$word"
done
"$ENTENTE_LD" "$@"
`;

/** Makes the tools, and the restated copies of the start files. Without a compiler that can be restated it ends with a sentence. */
const arrange = `set -e
mkdir -p "$ENTENTE_TOOLS"; printf '%s' "$1" > "$ENTENTE_TOOLS/as"; printf '%s' "$2" > "$ENTENTE_TOOLS/ld"
cp "$ENTENTE_TOOLS/ld" "$ENTENTE_TOOLS/ld.bfd"; chmod 755 "$ENTENTE_TOOLS/as" "$ENTENTE_TOOLS/ld" "$ENTENTE_TOOLS/ld.bfd"
restated=no
for file in $(find /usr/lib/gcc -name '*.o' -type f); do
  objcopy --dump-section .comment="$ENTENTE_TOOLS/said" "$file" "$ENTENTE_TOOLS/none" 2>/dev/null || continue
  LC_ALL=C sed "$ENTENTE_RESTATED" "$ENTENTE_TOOLS/said" > "$ENTENTE_TOOLS/says"
  if cmp -s "$ENTENTE_TOOLS/said" "$ENTENTE_TOOLS/says"; then continue; fi
  mkdir -p "$ENTENTE_TOOLS/start$(dirname "$file")"
  objcopy --update-section .comment="$ENTENTE_TOOLS/says" "$file" "$ENTENTE_TOOLS/start$file"
  restated=yes
done
[ $restated = yes ] || { echo 'No compiler here states a revision of that version.' >&2; exit 1; }
`;

export interface Restating { readonly command: readonly string[]; readonly environment: Readonly<Record<string, string>> }

/** What a build with another stated revision runs first, and what it sets. `at` is the folder of the build; null where a value names no revision. */
export function restating(value: string, at: string): Restating | null {
  const read = /^gcc ([0-9][0-9A-Za-z.+~]{0,40})-([0-9A-Za-z.+~]{1,60})$/.exec(value);
  if (!read) return null;
  const [, upstream = '', revision = ''] = read;
  const tools = `${at}/tools`;
  return {
    command: ['sh', '-c', arrange, 'sh', assembler, linker],
    environment: {
      COMPILER_PATH: tools, ENTENTE_TOOLS: tools, ENTENTE_AS: '/usr/bin/as', ENTENTE_LD: '/usr/bin/ld',
      ENTENTE_RESTATED: `s/GCC: (\\([A-Za-z]*\\) ${upstream.replaceAll('.', '\\.')}-[^)]*)/GCC: (\\1 ${upstream}-${revision})/g`,
    },
  };
}
