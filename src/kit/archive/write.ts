/** Writes tar, for what we pack ourselves: ustar, with GNU's long names where a path does not fit. Times and owners are none. */

const octal = (value: number, length: number): string => `${value.toString(8).padStart(length - 1, '0')}\0`;

function header(path: Buffer, type: string, size: number, mode: number): Buffer {
  const block = Buffer.alloc(512);
  path.copy(block, 0, 0, 100);
  block.write(octal(mode, 8) + octal(0, 8) + octal(0, 8) + octal(size, 12) + octal(0, 12), 100, 'latin1');
  block.write('        ', 148, 'latin1');
  block.write(type, 156, 'latin1');
  block.write('ustar\x0000', 257, 'latin1');
  block.write(octal(block.reduce((sum, byte) => sum + byte, 0), 7), 148, 'latin1');
  return block;
}

const padded = (bytes: Uint8Array): Buffer => Buffer.concat([bytes, Buffer.alloc((512 - bytes.length % 512) % 512)]);

/** One file as it stands in a tar. */
export function tarFile(path: string, bytes: Uint8Array, runs = false): Buffer {
  const name = Buffer.from(path);
  const long = name.length > 100 ? [header(Buffer.from('././@LongLink'), 'L', name.length + 1, 0o644), padded(Buffer.concat([name, Buffer.alloc(1)]))] : [];
  return Buffer.concat([...long, header(name, '0', bytes.length, runs ? 0o755 : 0o644), padded(bytes)]);
}

/** What stands behind the last file. */
export const tarEnd = (): Buffer => Buffer.alloc(1_024);
