/** An agreement copy from a small log in memory, always the same: for tests and for the vector in docs/specs. */
import { canonicalText as canonicalJson } from '#kit/canonical/canonical';
import { commitmentOf, formatLeaf, minuteOf } from '#kit/bundle/leaf';
import { seededSigner } from '#kit/bundle/testing';
import { toUtf8 } from '#kit/encoding';
import { nodeTreeHash } from '#kit/hash/node';
import { nodeOf } from '#kit/merkle/tree';
import { formatCheckpoint } from '#kit/note/checkpoint';
import { formatVkey, signNote } from '#kit/note/note';
import { formatTlogProof } from '#kit/note/proof';
import { clauseDigest } from './decide/attested.ts';
import { canonicalText } from './document.ts';
import { draftFrom } from './draft.ts';
import { formatCopy, type CopyFact } from './passing.ts';
import { templates } from './templates.ts';

const origin = 'sample.entente.example/ledger';

/** The copy and the policy that verifies it. */
export async function sampleCopy(): Promise<{ readonly text: string; readonly policy: string }> {
  const template = templates.find((t) => t.name === 'warning-service');
  if (!template) throw new Error('there is no such template');
  // One part, so that the published vector stays as it is when the template grows.
  const agreement = draftFrom({ ...template, parts: template.parts.filter((part) => part.id === 'exposure') }, {
    id: 'agr_sample', authority: 'org_centre', counterpart: 'org_ministry', parts: ['exposure'], products: [],
    effectiveOn: '2026-01-01', expiresOn: '2029-01-01', zone: 'Asia/Ho_Chi_Minh', createdAt: '2026-01-01T00:00:00.000Z',
  });
  const { documentSha256 } = agreement;
  const acts = [
    ['agreement.signed', 'per_one', 'org_centre', { documentSha256 }],
    ['agreement.signed', 'per_two', 'org_ministry', { documentSha256 }],
    ['agreement.attested', 'per_three', 'org_centre',
      { clauses: agreement.clauses.map((c) => c.number), sha256: agreement.clauses.map(clauseDigest) }],
  ] as const;
  const facts = acts.map(([name, actor, org, body], i) => {
    const at = `2026-01-0${i + 1}T03:04:05.000Z`;
    const text = canonicalJson({
      class: name, actor, org, at, subject: agreement.id, readers: ['org_centre', 'org_ministry'], clauses: [],
      body: JSON.parse(JSON.stringify(body)) as object,
    });
    const salt = new Uint8Array(32).fill(i + 1);
    const leaf = formatLeaf({ class: name, time: minuteOf(at) ?? '', commitment: commitmentOf(nodeTreeHash.sha256, salt, toUtf8(text)) });
    return { text, salt: `0${i + 1}`.repeat(32), leaf, hash: nodeTreeHash.leaf(toUtf8(leaf)), actor };
  });
  const [a, b, c] = facts.map((f) => f.hash);
  if (!a || !b || !c) throw new Error('there are three facts');
  const both = nodeOf(nodeTreeHash, a, b);
  const signer = await seededSigner(origin, 'agreement copy');
  const note = await signNote(formatCheckpoint({ origin, size: 3, root: nodeOf(nodeTreeHash, both, c) }), [signer]);
  const ways = [[b, c], [a, c], [both]];
  const entries = facts.map(({ text, salt, leaf, actor }, index): CopyFact => ({
    fact: text, leaf, personName: actor, salt, proof: formatTlogProof({ extra: null, index, hashes: ways[index] ?? [], note }),
  }));
  const party = (id: string, name: string) => ({ id, name, nameLocal: null });
  const head = {
    agreement: agreement.id, documentSha256, authority: party('org_centre', 'Centre'), counterpart: party('org_ministry', 'Ministry'),
  };
  return { text: formatCopy(canonicalText(agreement), head, entries), policy: `log ${formatVkey(signer.key)}\nquorum none\n` };
}
