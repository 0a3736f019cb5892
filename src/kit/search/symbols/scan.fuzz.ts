import fc from 'fast-check';
import { expect, test } from 'vitest';
import { toUtf8 } from '#kit/encoding';
import { definitionsIn, scannedLanguages } from './scan.ts';

const piece = fc.constantFrom('class', 'struct', 'enum', 'fn', 'func', 'impl', 'for', 'def', 'type', 'const', 'template', 'operator', 'typedef', 'a', 'B',
  'x1', '{', '}',
  '(', ')', '[', ']', '<', '>', ';', ',', ':', '=', '"', "'", '`', '${', '/*', '*/', '//', '/', '\\', '#define ', '#', '"""', '\n', '\n  ', '\\\n', ' ', '@',
    '~', '\0', 'é', '$', '1');

test('whatever a file holds, each name is told where it stands, within the file and in order of lines', () => {
  fc.assert(fc.property(fc.array(piece, { maxLength: 200 }), fc.constantFrom(...scannedLanguages), fc.boolean(), (pieces, language, spaced) => {
    const bytes = toUtf8(pieces.join(spaced ? ' ' : ''));
    for (const { name, line, from, to } of definitionsIn(language, bytes)) {
      expect(Buffer.from(bytes.subarray(from, to)).toString('latin1').slice(0, name.length)).toBe(name);
      expect(line).toBe(bytes.subarray(0, from).filter((byte) => byte === 10).length + 1);
    }
  }), { numRuns: 1500 });
});

test('bytes that are no text are read to their end', () => {
  fc.assert(fc.property(fc.uint8Array({ maxLength: 3000 }), fc.constantFrom(...scannedLanguages), (bytes, language) => {
    definitionsIn(language, bytes);
  }), { numRuns: 300 });
});

/** What a scanner does is counted by what it takes, twice the text against once; generous, since the machine is not ours alone. */
const seconds = (run: () => void): number => {
  const from = process.cpuUsage();
  run();
  const { user, system } = process.cpuUsage(from);
  return (user + system) / 1e6;
};
test.each(scannedLanguages)('what is made to be slow takes time in proportion, in %s', (language) => {
  for (const text of ['{', '(', '}', 'f(', 'class A {', 'impl ', 'const f = (', 'func (', 'template <', '[', '"', '`${', '/*', 'a::', 'a, ', 'enum {',
    'x = ', '@a ', "'", '#define \\\n']) {
    const bytes = toUtf8(text.repeat(2 ** 17 / text.length));
    expect([text, seconds(() => definitionsIn(language, bytes)) < 5]).toEqual([text, true]);
  }
});
