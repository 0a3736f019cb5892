import { createHash, generateKeyPairSync, sign } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { canonicalText } from '../canonical/canonical.ts';
import { fromBase64, toBase64, toUtf8 } from '../encoding.ts';
import { nodeVerifying } from '../hash/node.ts';
import { compare } from '../compare/compare.ts';
import type { Comparison, Difference, Verdict } from '../compare/model.ts';
import { programOf } from '../compare/testing.ts';
import { envelopeOf, open, preAuthentication, seal, type AttestSigner, type Envelope } from './dsse.ts';
import { evidenceOf, evidenceText, judgementText, verifyEvidence } from './evidence.ts';
import { readJudgement, type Judgement } from './judgement.ts';
import { payloadType, provenanceOf, provenanceText, statementOf, verificationOf, verificationText } from './statement.ts';

const sha256 = (text: string | Uint8Array): string => createHash('sha256').update(text).digest('hex');
function person(name: string): { signer: AttestSigner; key: { name: string; publicKey: Uint8Array } } {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519');
  const raw = Buffer.from(publicKey.export({ format: 'jwk' }).x ?? '', 'base64url');
  return { signer: { name, sign: (message) => new Uint8Array(sign(null, message, privateKey)) }, key: { name, publicKey: new Uint8Array(raw) } };
}
const [lan, minh] = [person('rebuilder.example/lan'), person('rebuilder.example/minh')];
const shipped = programOf();
const same: Judgement = { comparison: await compare(shipped, shipped), trials: [] };
const equivalent: Judgement = { comparison: await compare(shipped, programOf({ buildId: Buffer.alloc(20, 1) })), trials: [] };
const different: Judgement = { comparison: await compare(shipped, programOf({ constants: Buffer.from('x') })), trials: [] };

async function voice(who: ReturnType<typeof person>, judgement: Judgement, verdict: Verdict, change = (text: string) => text): Promise<Envelope> {
  const text = judgementText(judgement);
  const said = verificationText({ verifier: who.signer.name, at: '2026-11-26T10:00:00Z', recipeSha256: 'a'.repeat(64), files: [
    { name: 'example', sha256: sha256(shipped), verdict, rules: judgement.comparison?.rules ?? [], comparisonSha256: sha256(text) },
  ] });
  return seal(payloadType, toUtf8(change(said)), [who.signer]);
}
const bundle = (envelopes: readonly Envelope[], judgements: readonly Judgement[]) => ({ v: 1 as const, envelopes,
  judgements: judgements.map(judgementText) });
const keys = [lan.key, minh.key];

describe('envelopes', () => {
  test('sign what the standard’s own example signs', () =>
    expect(Buffer.from(preAuthentication('http://example.com/HelloWorld',
      toUtf8('hello world'))).toString()).toBe('DSSEv1 29 http://example.com/HelloWorld 11 hello world'));

  test('open for a known key, and for no other', async () => {
    const envelope = await seal('t', toUtf8('words'), [lan.signer]);
    expect(await open(nodeVerifying, envelope, 't', keys)).toEqual({ ok: true, text: 'words', by: [lan.key.name] });
    expect(await open(nodeVerifying, envelope, 't', [minh.key])).toMatchObject({ ok: false, why: 'no key that is known has signed it' });
    expect(await open(nodeVerifying, envelope, 'other', keys)).toMatchObject({ ok: false });
    expect(await open(nodeVerifying, { ...envelope, payload: toBase64(toUtf8('other')) }, 't', keys)).toMatchObject({ ok: false,
      why: `the signature of ${lan.key.name} is wrong` });
  });

  test('are exactly their fields', () => fc.assert(fc.property(fc.anything(), (value) => {
    const read = envelopeOf(value);
    if (read) expect(Object.keys(read).sort()).toEqual(['payload', 'payloadType', 'signatures']);
  })));
});

describe('evidence', () => {
  test('of two rebuilders shows both voices, and the worse one stands', async () => {
    const agreed = await verifyEvidence(nodeVerifying, bundle([await voice(lan, same, 'IDENTICAL'), await voice(minh, equivalent,
      'CODE-IDENTICAL')], [same, equivalent]), keys);
    expect(agreed).toMatchObject({ ok: true, files: [{ name: 'example', verdict: 'CODE-IDENTICAL', summary: 'equivalent', dissent: true }] });
    const dissent = await verifyEvidence(nodeVerifying, bundle([await voice(lan, same, 'IDENTICAL'), await voice(minh, different,
      'DIFFERENT')], [same, different]), keys);
    expect(dissent).toMatchObject({ ok: true, files: [{ verdict: 'DIFFERENT', summary: 'different', dissent: true,
      voices: [{ verdict: 'IDENTICAL' }, { verdict: 'DIFFERENT' }] }] });
  });

  test('survives being written and read', async () => {
    const all = bundle([await voice(lan, same, 'IDENTICAL')], [same]);
    expect(evidenceOf(evidenceText(all))).toEqual(all);
    expect(evidenceOf('something else')).toBeNull();
  });

  test('with a verdict that its comparison does not give is refused', async () =>
    expect(await verifyEvidence(nodeVerifying, bundle([await voice(lan, different, 'CODE-IDENTICAL')], [different]), keys))
      .toEqual({ ok: false, why: 'statement 1: of example it says CODE-IDENTICAL; its comparison gives DIFFERENT' }));

  test('with a summary typed by hand is refused', async () => {
    const typed = await voice(lan, different, 'DIFFERENT', (text) => text.replace('"summary":"different"', '"summary":"identical"'));
    expect(await verifyEvidence(nodeVerifying, bundle([typed], [different]), keys)).toMatchObject({ ok: false });
    const passed = await voice(lan, different, 'DIFFERENT', (text) => text.replace('"FAILED"', '"PASSED"'));
    expect(await verifyEvidence(nodeVerifying, bundle([passed], [different]), keys)).toMatchObject({ ok: false });
  });

  test('in which one rebuilder speaks twice, or for another, is refused', async () => {
    const twice = [await voice(lan, same, 'IDENTICAL'), await voice(lan, same, 'IDENTICAL')];
    expect(await verifyEvidence(nodeVerifying, bundle(twice, [same]), keys)).toEqual({ ok: false,
      why: `statement 2: ${lan.key.name} speaks twice of example` });
    const other = await voice({ ...lan, signer: { ...lan.signer } }, same, 'IDENTICAL', (text) => text.replaceAll(lan.key.name, minh.key.name));
    expect(await verifyEvidence(nodeVerifying, bundle([other], [same]), keys)).toMatchObject({ ok: false });
  });

  test('without the comparison is refused, and a comparison whose word does not follow from its list gives no verdict', async () => {
    expect(await verifyEvidence(nodeVerifying, bundle([await voice(lan, same, 'IDENTICAL')], []), keys)).toMatchObject({ ok: false });
  });

  test('a comparison that contradicts its own regions gives no verdict', () => {
    const [plain, covered] = [different.comparison ?? expect.fail(), equivalent.comparison ?? expect.fail()];
    const says = (comparison: object, trials: readonly object[] = []) => readJudgement(canonicalText({ comparison, trials }));
    expect(readJudgement(judgementText(equivalent))).toMatchObject({ verdict: 'CODE-IDENTICAL' });
    const change = (of: Comparison, how: (d: Difference) => object) => ({ ...of, differences: of.differences.map((d) => ({ ...d, ...how(d) })) });
    expect(says({ ...plain, verdict: 'CODE-IDENTICAL' })).toBe('it says CODE-IDENTICAL where its regions give DIFFERENT');
    expect(says({ ...plain, verdict: 'IDENTICAL' })).toMatch(/where its regions give/);
    // A rule typed over a region that it may not cover, and a rule that there is not.
    expect(says({ ...change(plain, () => ({ rule: 'packing' })), verdict: 'CODE-IDENTICAL', rules: ['packing/1'] })).toMatch(/covers what is not packed/);
    expect(says({ ...change(covered, () => ({ executable: true })) })).toMatch(/a rule covers code/);
    expect(says(change(plain, () => ({ rule: 'whatever' })))).toMatch(/^it is no judgement/);
    expect(says(change(covered, (d) => ({ bytes: d.bytes + 1 })))).toMatch(/its bytes are not those of its runs/);
    expect(says(change(covered, (d) => ({ runs: d.runs.map((r) => ({ ...r, shipped: { from: 0, to: r.shipped.to } })) })))).toMatch(/outside of their region/);
    expect(says({ ...covered, differences: [] })).toMatch(/where its regions give/);
    expect(says({ ...covered, rebuilt: covered.shipped })).toMatch(/differences of the same bytes/);
    expect(says({ ...covered, rules: [] })).toMatch(/its rules are not/);
    expect(says(plain, [{ fact: { name: 'clock', value: 'x' }, verdict: 'IDENTICAL', open: ['["x","y","bytes"]'] }])).toMatch(/a trial/);
    expect(says({ ...plain, more: 1 })).toMatch(/^it is no judgement/);
    expect(readJudgement(`${judgementText(different)} `)).toBe('it is not in canonical form');
    expect(readJudgement('{')).toBe('it is no JSON');
  });

  test('any flipped byte of a statement is found', async () => {
    const envelope = await voice(lan, same, 'IDENTICAL');
    const payload = fromBase64(envelope.payload) ?? new Uint8Array(0);
    await fc.assert(fc.asyncProperty(fc.nat(payload.length - 1), fc.integer({ min: 1, max: 255 }), async (at, by) => {
      const changed = payload.slice();
      changed[at] = (changed[at] ?? 0) ^ by;
      expect((await verifyEvidence(nodeVerifying, bundle([{ ...envelope, payload: toBase64(changed) }], [same]), keys)).ok).toBe(false);
    }), { numRuns: 200 });
  });
});

describe('statements', () => {
  test('of a build are in-toto’s, with SLSA’s predicate', () => {
    const text = provenanceText({ rebuilder: 'r', recipeSha256: 'a'.repeat(64), environmentSha256: 'b'.repeat(64), sources: [{ name: 's',
      sha256: 'c'.repeat(64) }],
      products: [{ name: 'p', sha256: 'd'.repeat(64) }], runId: 'run_1', startedAt: '2026-11-26T10:00:00Z', finishedAt: '2026-11-26T10:01:00Z' });
    expect(statementOf(text)).toMatchObject({ predicateType: 'https://slsa.dev/provenance/v1', subjects: [{ name: 'p' }] });
    expect(verificationOf(statementOf(text) ?? expect.fail())).toBe('it is no verification summary');
    expect(provenanceOf(statementOf(text) ?? expect.fail())).toMatchObject({ rebuilder: 'r', recipeSha256: 'a'.repeat(64), runId: 'run_1',
      sources: [{ name: 's' }] });
    expect(provenanceOf(statementOf(text.replace('"invocationId"', '"other"')) ?? expect.fail())).toBe('it is no provenance of ours');
  });
  test('are strict', () => fc.assert(fc.property(fc.string(), (text) => { expect(statementOf(text)).toBeNull(); })));
});
