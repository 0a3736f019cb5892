/**
 * Whether two objects of a static library say the same but for the order of their local symbols. Symbol tables are read as what they
 * name, relocations by the symbol they lead to; everything else must be equal to the byte. So no order that anything depends on is set aside.
 */
import { ArchiveFault, latin1, viewOf } from '../piece.ts';
import { sameBytes } from '../../encoding.ts';
import { elfOf, type Elf, type Section } from './elf.ts';

const kinds = { symbols: 2, strings: 3, rela: 4, rel: 9, group: 17 } as const;

interface Symbols { readonly locals: readonly string[]; readonly globals: readonly string[]; readonly all: readonly string[] }

function symbolsOf(bytes: Uint8Array, elf: Elf, table: Section): Symbols {
  const view = viewOf(bytes);
  const strings = elf.sections[table.link];
  if (!strings || strings.type !== kinds.strings || (table.to - table.from) % (elf.wide ? 24 : 16) !== 0) {
    throw new ArchiveFault('broken', 'The symbols of an object are broken.');
  }
  const size = elf.wide ? 24 : 16;
  const all = Array.from({ length: (table.to - table.from) / size }, (_, i) => {
    const at = table.from + i * size;
    const name = strings.from + view.getUint32(at, elf.little);
    const end = name < strings.to ? bytes.indexOf(0, name) : -1;
    if (end < 0 || end >= strings.to) throw new ArchiveFault('broken', 'A symbol of an object has no name.');
    // All of the entry but the place of its name.
    return `${latin1(bytes, name, end)} ${latin1(bytes, at + 4, at + size)}`;
  });
  return { all, locals: all.slice(0, table.info), globals: all.slice(table.info) };
}

/** Relocations with the symbol written out instead of its number. */
function relocations(bytes: Uint8Array, elf: Elf, section: Section, symbols: readonly string[]): string[] {
  const view = viewOf(bytes);
  const size = (elf.wide ? 16 : 8) + (section.type === kinds.rela ? (elf.wide ? 8 : 4) : 0);
  if ((section.to - section.from) % size !== 0) throw new ArchiveFault('broken', 'Relocations of an object are broken.');
  return Array.from({ length: (section.to - section.from) / size }, (_, i) => {
    const at = section.from + i * size;
    // MIPS packs this otherwise; no object of it is set aside, since its numbers would name no symbol.
    const half = at + (elf.wide ? 8 : 4);
    const [type, symbol] = elf.wide ? [view.getUint32(half + (elf.little ? 0 : 4), elf.little), view.getUint32(half + (elf.little ? 4 : 0), elf.little)]
      : [view.getUint32(half, elf.little) & 0xff, view.getUint32(half, elf.little) >>> 8];
    const named = symbols[symbol];
    if (named === undefined) throw new ArchiveFault('broken', 'A relocation of an object leads to no symbol.');
    return `${latin1(bytes, at, half)} ${type} ${named} ${latin1(bytes, half + (elf.wide ? 8 : 4), at + size)}`;
  });
}

const joined = (texts: readonly string[]): string => JSON.stringify(texts);
const mips = 8;

/** The table of names that only the symbols use may be laid out anew; one that names sections too may not. */
function meaning(bytes: Uint8Array): string[] {
  const elf = elfOf(bytes);
  const tables = elf.sections.filter((s) => s.type === kinds.symbols);
  const [table] = tables;
  if (elf.type !== 1 || elf.machine === mips || !table || tables.length !== 1) throw new ArchiveFault('unsupported',
    'It is no object with one table of symbols.');
  const symbols = symbolsOf(bytes, elf, table);
  const headers = latin1(bytes, elf.heads.from, elf.heads.to);
  const nameSection = elf.sections.findIndex((s) => s.name === '.shstrtab');
  const said = elf.sections.map((section): string => {
    if (section === table) return joined([...symbols.locals].sort()) + joined(symbols.globals);
    if (section.index === table.link && section.index !== nameSection) {
      return joined(latin1(bytes, section.from, section.to).split('\0').sort());
    }
    if (section.type === kinds.rela || section.type === kinds.rel) return joined(relocations(bytes, elf, section, symbols.all));
    if (section.type === kinds.group) return `${symbols.all[section.info]} ${latin1(bytes, section.from, section.to)}`;
    return latin1(bytes, section.from, section.to);
  });
  const groups = elf.sections.filter((s) => s.type === kinds.group);
  // A group names its symbol by number in its section header.
  const heads = groups.length === 0 ? headers : joined(elf.sections.map((s) => joined([s.name, String(s.type), String(s.flags), String(s.size),
    String(s.link), s.type === kinds.group ? '' : String(s.info), String(s.entry)])));
  return [latin1(bytes, 0, elf.headerSize), heads, ...said];
}

export function onlyLocalOrder(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length || sameBytes(a, b)) return false;
  try {
    const [x, y] = [meaning(a), meaning(b)];
    return x.length === y.length && x.every((text, i) => text === y[i]);
  } catch (error) {
    if (error instanceof ArchiveFault || error instanceof RangeError) return false;
    throw error;
  }
}
