import fc from 'fast-check';
import { expect, test } from 'vitest';
import { nodeTreeHash } from '#kit/hash/node';
import type { TreeFile } from './build.ts';
import { diff } from './diff.ts';
import { entriesOf, entryOf, folderText, lineOf, TreeError } from './entry.ts';
import { prove, verifyProof } from './proof.ts';
import { fileOf, treeOf } from './testing.ts';

const name = fc.constantFrom('a', 'b', 'c', 'lib', 'é', '\u{1f600}', 'x y');
const mode = fc.constantFrom('100644' as const, '100755' as const, '120000' as const);
const file = fc.tuple(fc.array(name, { minLength: 1, maxLength: 4 }), fc.constantFrom('', 'one', 'two', 'three'), mode);
const drawn = fc.array(file, { minLength: 1, maxLength: 25 })
  .map((list) => {
    const files = new Map<string, TreeFile>();
    for (const [parts, text, m] of list) {
      const path = parts.join('/');
      const clash = [...files.keys()].some((p) => p === path || p.startsWith(`${path}/`) || path.startsWith(`${p}/`));
      if (!clash) files.set(path, fileOf(path, text, m));
    }
    return [...files.values()];
  });

test('any file is proved to stand where it does, whatever the order of adding, and nothing else is', async () => {
  await fc.assert(fc.asyncProperty(drawn, fc.nat(), fc.nat(), async (files, pick, flip) => {
    const { root, read, bytes } = treeOf(files);
    expect(treeOf(files.toReversed()).root).toBe(root);
    expect(bytes).toBe(files.reduce((sum, f) => sum + f.size, 0));
    const { path, ...picked } = files[pick % files.length] as TreeFile;
    const proof = await prove(nodeTreeHash, read, root, path);
    expect(proof && await verifyProof(nodeTreeHash, { root, path }, proof)).toMatchObject(picked);
    // One sign of a line or of a hash another, and it shows nothing. (How many entries a folder has is told by a proof, not proved.)
    const steps = proof ?? [];
    const step = steps[flip % steps.length];
    if (!step) throw new Error('a path has a part');
    const other = (text: string): string => {
      const at = flip % text.length;
      return `${text.slice(0, at)}${text[at] === '1' ? '2' : '1'}${text.slice(at + 1)}`;
    };
    const hash = flip % (step.hashes.length || 1);
    for (const changed of [{ ...step, line: other(step.line) }, { ...step, hashes: step.hashes.map((h, i) => (i === hash ? other(h) : h)) }]) {
      if (JSON.stringify(changed) === JSON.stringify(step)) continue;
      expect(await verifyProof(nodeTreeHash, { root, path }, steps.map((s) => (s === step ? changed : s)))).toBeNull();
    }
    expect(await verifyProof(nodeTreeHash, { root, path: `${path}x` }, proof ?? [])).toBeNull();
  }), { numRuns: 300 });
});

test('the changes, done to the first, give the second', async () => {
  await fc.assert(fc.asyncProperty(drawn, drawn, async (one, two) => {
    const a = treeOf(one);
    const b = treeOf(two, a.held);
    const now = new Map(one.map((f) => [f.path, f]));
    for (const c of await diff(b.read, a.root, b.root)) {
      if (c.kind === 'removed') now.delete(c.path);
      else if (c.kind === 'moved') {
        now.delete(c.from);
        expect(c.before.digest).toBe(c.after.digest);
      }
      if (c.kind !== 'removed') now.set(c.path, { path: c.path, mode: c.after.mode as TreeFile['mode'], digest: c.after.digest, size: c.after.size });
    }
    expect(treeOf([...now.values()]).root).toBe(b.root);
  }), { numRuns: 300 });
});

test('reading is total and strict: what is read is written again as it was', () => {
  const texts = fc.oneof(fc.string(), drawn.map((files) => treeOf(files).folders[0]?.text ?? ''));
  fc.assert(fc.property(texts, fc.nat(), fc.string({ maxLength: 2 }), (text, at, noise) => {
    const hostile = text.slice(0, at % (text.length + 1)) + noise + text.slice(at % (text.length + 1));
    try {
      expect(folderText(entriesOf(hostile))).toBe(hostile);
    } catch (error) {
      expect(error).toBeInstanceOf(TreeError);
    }
    try {
      expect(lineOf(entryOf(hostile))).toBe(hostile);
    } catch (error) {
      expect(error).toBeInstanceOf(TreeError);
    }
  }), { numRuns: 500 });
});
