/** Writes a relocatable object with local symbols in a given order and one relocation. Only tests use it. */

const str = (names: readonly string[]): { bytes: Buffer; at: (name: string) => number } => {
  const bytes = Buffer.from(`\0${names.join('\0')}\0`, 'latin1');
  return { bytes, at: (name) => bytes.indexOf(`\0${name}\0`) + 1 };
};

export function objectOf(locals: readonly string[], target: string): Buffer {
  const names = str(locals);
  const sectionNames = str(['.text', '.rela.text', '.symtab', '.strtab', '.shstrtab']);
  // The value of a symbol belongs to its name, wherever it stands.
  const value = (name: string): bigint => BigInt(name.length);
  const symbols = Buffer.concat([Buffer.alloc(24), ...locals.map((name) => {
    const out = Buffer.alloc(24);
    out.writeUInt32LE(names.at(name), 0);
    out.writeUInt16LE(1, 6);
    out.writeBigUInt64LE(value(name), 8);
    return out;
  })]);
  const rela = Buffer.alloc(24);
  rela.writeBigUInt64LE(4n, 0);
  rela.writeUInt32LE(2, 8);
  rela.writeUInt32LE(1 + locals.indexOf(target), 12);
  const contents = [
    ['.text', 1, 6, Buffer.alloc(16, 0x90), 0, 0, 0], ['.rela.text', 4, 0, rela, 3, 1, 24], ['.symtab', 2, 0, symbols, 4, 1 + locals.length, 24],
    ['.strtab', 3, 0, names.bytes, 0, 0, 0], ['.shstrtab', 3, 0, sectionNames.bytes, 0, 0, 0],
  ] as const;
  let at = 64;
  const table = [Buffer.alloc(64), ...contents.map(([name, type, flags, bytes, link, info, entry]) => {
    const out = Buffer.alloc(64);
    out.writeUInt32LE(sectionNames.at(name), 0);
    out.writeUInt32LE(type, 4);
    for (const [place, field] of [[8, flags], [24, at], [32, bytes.length], [56, entry]] as const) out.writeBigUInt64LE(BigInt(field), place);
    out.writeUInt32LE(link, 40);
    out.writeUInt32LE(info, 44);
    at += bytes.length;
    return out;
  })];
  const header = Buffer.alloc(64);
  header.write('\u007fELF\u0002\u0001\u0001', 'latin1');
  header.writeUInt16LE(1, 16);
  header.writeUInt16LE(62, 18);
  header.writeBigUInt64LE(BigInt(at), 40);
  for (const [place, field] of [[52, 64], [58, 64], [60, 6], [62, 5]] as const) header.writeUInt16LE(field, place);
  return Buffer.concat([header, ...contents.map(([, , , bytes]) => bytes), ...table]);
}
