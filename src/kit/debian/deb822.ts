/** Paragraphs of fields as Debian writes them (deb822(5)), in a frame of OpenPGP or not: the frame is taken off and not judged. */
export interface Paragraph { readonly line: number; readonly fields: ReadonlyMap<string, string> }

export interface ParagraphOptions {
  readonly most: number;
  /** The error of whoever reads, to be thrown: where, and why. */
  readonly fault: (at: string, why: string) => Error;
}

const begins = '-----BEGIN PGP SIGNED MESSAGE-----';
const signature = '-----BEGIN PGP SIGNATURE-----';

/** The lines within a frame of OpenPGP, with the number of the first. */
function unframed(lines: readonly string[], fault: ParagraphOptions['fault']): { lines: readonly string[]; first: number } {
  if (lines[0] !== begins) return { lines, first: 1 };
  const blank = lines.indexOf('');
  const end = lines.indexOf(signature);
  if (blank < 0 || end < blank) throw fault('line 1', 'a signed message that has no end');
  return { lines: lines.slice(blank + 1, end).map((l) => (l.startsWith('- ') ? l.slice(2) : l)), first: blank + 2 };
}

/** Names of fields are lower case. What goes on in lines that begin with a space follows the field's own text, each after a line's end. */
export function paragraphs(text: string, { most, fault }: ParagraphOptions): Paragraph[] {
  const { lines, first } = unframed(text.split(/\r?\n/), fault);
  const found: Paragraph[] = [];
  let open: Map<string, string> | null = null;
  let last: string | null = null;
  for (const [i, line] of lines.entries()) {
    const at = `line ${first + i}`;
    if (line.trim() === '') {
      [open, last] = [null, null];
      continue;
    }
    if (line.startsWith(' ') || line.startsWith('\t')) {
      if (open === null || last === null) throw fault(at, 'goes on with a field that did not begin');
      open.set(last, `${open.get(last) ?? ''}\n${line.trim()}`);
      continue;
    }
    const colon = line.indexOf(':');
    if (colon <= 0) throw fault(at, 'is no field: a name, a colon, a value');
    if (open === null) {
      open = new Map();
      if (found.length >= most) throw fault(at, `more than ${most} paragraphs`);
      found.push({ line: first + i, fields: open });
    }
    last = line.slice(0, colon).toLowerCase();
    if (open.has(last)) throw fault(at, `the field ${line.slice(0, colon)} stands twice`);
    open.set(last, line.slice(colon + 1).trim());
  }
  return found;
}
