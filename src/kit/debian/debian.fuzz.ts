import { createTwoFilesPatch } from 'diff';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { ArchiveError } from '#kit/archive/refused';
import { readDsc } from './dsc.ts';
import { patchedText, readPatch } from './patch.ts';

const line = fc.constantFrom('a', 'b', '', ' x', '+y', '-z', '\\ no', '@@ -1 +1 @@', '--- a', '\tt');
const text = fc.tuple(fc.array(line, { maxLength: 30 }), fc.boolean()).map(([lines, ended]) => lines.join('\n') + (ended && lines.length > 0 ? '\n' : ''));

test('what another program finds to differ is put on again', () => {
  fc.assert(fc.property(text, text, fc.nat(4), (before, after, context) => {
    const [one] = readPatch(createTwoFilesPatch('a/f', 'b/f', before, after, '', '', { context }), 1, 'p');
    expect(one ? patchedText(before, one, 'f') : before).toBe(after);
  }), { numRuns: 1_000 });
});

test('broken patches and descriptions end with a located sentence, never otherwise', () => {
  fc.assert(fc.property(text, text, fc.array(fc.tuple(fc.nat(), fc.string({ maxLength: 3 })), { maxLength: 4 }), (before, after, spoilt) => {
    let patch = createTwoFilesPatch('a/f', 'b/f', before, after);
    for (const [at, more] of spoilt) patch = patch.slice(0, at % patch.length) + more + patch.slice(at % patch.length + 1);
    try {
      for (const one of readPatch(patch, 1, 'p')) patchedText(before, one, 'f');
      readDsc(patch, 'd');
    } catch (error) {
      expect(error).toBeInstanceOf(ArchiveError);
      expect((error as ArchiveError).at).not.toBe('');
    }
  }), { numRuns: 500 });
});
