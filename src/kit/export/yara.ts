/**
 * YARA rules (4.2 and later): hashes by its module `hash`, everything else as strings that stand whole, in ASCII and in UTF-16. Lists are
 * cut so that no rule is near the limits of the compiler. A string is found wherever it stands, also within something longer.
 */
import { chunks, headText, oneLine, type ExportHead, type ExportValue } from './export.ts';

const perHashRule = 50;
const perStringRule = 400;
const hashKinds = ['md5', 'sha1', 'sha256'] as const;
/** Kinds whose letters mean the same in either case. */
const caseless: ReadonlySet<string> = new Set(['domain', 'email', 'filename']);

/** Text between quotes: printable ASCII, with what ends or escapes it escaped. */
export const yaraText = (value: string): string => `"${oneLine(value, 400).replaceAll(/[^\x20-\x7e]/g, '?').replaceAll(/["\\]/g, '\\$&')}"`;

function ruleText(head: ExportHead, name: string, strings: readonly string[], condition: string, objects: readonly string[]): string {
  const meta = [
    `description = ${yaraText(head.title)}`, `release = ${head.number}`, `tlp = "TLP:${head.tlp}"`, `made = "${head.madeAt}"`, `expires = "${head.endsAt}"`,
    `objects = ${objects.length}`, `object = ${yaraText(objects[0] ?? '')}`,
  ];
  const said = strings.length === 0 ? [] : ['  strings:', ...strings.map((s) => `    ${s}`)];
  return [`rule ${name}`, '{', '  meta:', ...meta.map((m) => `    ${m}`), ...said, '  condition:', condition, '}', ''].join('\n');
}

export function* yaraRules(head: ExportHead, values: readonly ExportValue[]): Generator<string> {
  yield headText(head, '//');
  yield 'import "hash"\n\n';
  const stem = `entente_${head.id.replaceAll(/[^A-Za-z0-9]/g, '_').slice(0, 60)}`;
  const objectsOf = (piece: readonly ExportValue[]): string[] => [...new Set(piece.map((v) => v.object))];
  for (const kind of hashKinds) {
    let part = 0;
    for (const piece of chunks(values.filter((v) => v.kind === kind), perHashRule)) {
      part += 1;
      yield ruleText(head, `${stem}_${kind}_${part}`, [], piece.map(({ value }) => `    hash.${kind}(0, filesize) == "${value}"`).join(' or\n'),
        objectsOf(piece));
    }
  }
  let part = 0;
  for (const piece of chunks(values.filter((v) => !(hashKinds as readonly string[]).includes(v.kind)), perStringRule)) {
    part += 1;
    const strings = piece.map(({ kind, value }, i) => `$s${i} = ${yaraText(value)} ascii wide${caseless.has(kind) ? ' nocase' : ''} fullword`);
    yield ruleText(head, `${stem}_strings_${part}`, strings, '    any of them', objectsOf(piece));
  }
}
