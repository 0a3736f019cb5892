import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { toUtf8 } from '#kit/encoding';
import { nodeVerifying } from '#kit/hash/node';
import { parsePolicy } from '#kit/note/policy';
import { sha256 } from './document.ts';
import { maxCopyBytes } from './model.ts';
import { CopyError, copyMagic, parseCopy, verifyCopy } from './passing.ts';
import { sampleCopy } from './testing.ts';

const { text, policy } = await sampleCopy();
const trusted = await parsePolicy(nodeVerifying, toUtf8(policy));
const vector = (name: string): string => readFileSync(new URL(`../../../docs/specs/vectors/${name}`, import.meta.url), 'utf8');

/** The file with a line changed and its last line made anew, as one who knows the format would forge it. */
function forged(line: number, change: (text: string) => string): string {
  const lines = text.split('\n').slice(0, -2);
  lines[line - 1] = change(lines[line - 1] ?? '');
  const body = `${lines.join('\n')}\n`;
  return `${body}end ${lines.length - 3} ${sha256(body)}\n`;
}
const whyOf = async (copy: string): Promise<string> => {
  try {
    await verifyCopy(parseCopy(copy), trusted);
  } catch (error) {
    expect(error).toBeInstanceOf(CopyError);
    return (error as Error).message;
  }
  return 'holds';
};

test('the published vector is this format, and holds by its policy', async () => {
  expect(vector('sample.entente-agreement')).toBe(text);
  expect(vector('sample-agreement.policy')).toBe(policy);
  await verifyCopy(parseCopy(text), trusted);
  const copy = parseCopy(text);
  expect(sha256(text.split('\n')[1] ?? '')).toBe(copy.documentSha256);
  expect(copy.attestations[0]?.clauses).toEqual(copy.terms.clauses.map((c) => c.number));
});

test('a byte that is changed anywhere, and a file cut off anywhere, is refused', () => {
  const bytes = Buffer.from(text);
  fc.assert(fc.property(fc.nat(bytes.length - 1), fc.integer({ min: 1, max: 127 }), (at, by) => {
    const changed = Buffer.from(bytes);
    changed[at] = (changed[at] ?? 0) ^ by;
    expect(() => parseCopy(changed.toString('utf8'))).toThrow(CopyError);
    expect(() => parseCopy(bytes.subarray(0, at).toString('utf8'))).toThrow(CopyError);
  }), { numRuns: 300 });
});

test('who forges the file whole is refused at the line that gives it away', async () => {
  expect(await whyOf(forged(2, (l) => l.replace('"effectiveOn":"2026', '"effectiveOn":"2025')))).toMatch(/^line 3: documentSha256/);
  expect(await whyOf(forged(2, (l) => `${l.slice(0, -1)},"zz":1}`))).toMatch(/^line 2: .*zz/);
  expect(await whyOf(forged(3, (l) => l.replace('"id":"org_centre"', '"id":"org_other"')))).toBe('line 3: authority.id: line 2 names org_centre');
  expect(await whyOf(forged(3, (l) => l.replace('agr_sample', 'agr_other')))).toMatch(/^line 4: fact: it is about another subject/);
  expect(await whyOf(forged(4, (l) => l.replace('per_one', 'per_two')))).toMatch(/^line 4: fact: it is not what the leaf commits to/);
  expect(await whyOf(forged(5, () => text.split('\n')[3] ?? ''))).toBe('line 5: fact: it is not org_ministry that signed');
  expect(await whyOf(forged(6, () => text.split('\n')[3] ?? ''))).toBe('line 6: fact: after the signatures come attestations');
  expect(await whyOf(forged(5, (l) => l.replace(String.raw`index 1\n`, String.raw`index 0\n`)))).toMatch(/^line 5: proof: the hashes do not lead/);
  expect(await whyOf(forged(5, (l) => l.replace('"personName"', '"more":1,"personName"')))).toMatch(/^line 5: .*more/);
});

test('a log that the policy does not name proves nothing', async () => {
  const other = await parsePolicy(nodeVerifying, toUtf8('quorum none\n'));
  await expect(verifyCopy(parseCopy(text), other)).rejects.toThrow('line 4: proof: the policy names no log');
});

test('whatever text it is, it is a copy or it is refused with its line', () => {
  const line = fc.oneof(fc.constantFrom(copyMagic, '', '{}', '[]', 'end 2 0', ...text.split('\n')), fc.json(), fc.string());
  fc.assert(fc.property(fc.array(line, { maxLength: 12 }), (lines) => {
    try {
      parseCopy(lines.join('\n'));
    } catch (error) {
      expect(error).toBeInstanceOf(CopyError);
    }
  }), { numRuns: 500 });
  for (const hostile of ['\n'.repeat(100_000), `${copyMagic}\n${'['.repeat(1_000_000)}\n\n\n\n\n\n`, 'x'.repeat(maxCopyBytes + 1)]) {
    expect(() => parseCopy(hostile)).toThrow(CopyError);
  }
});
