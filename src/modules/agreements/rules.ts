/**
 * The life of an agreement: drafted, signed by both sides, in force, a part withdrawn, ended. Pure: the browser runs this
 * file too, so that a grey button shows the sentence the server would answer.
 */
import { Refusal } from '#kit/refusal';
import { standingOf } from './decide/standing.ts';
import type { Agreement, AgreementView, Signature } from './model.ts';

export interface Signer {
  readonly person: string;
  readonly personName: string;
  readonly org: string;
}

export function sideOf(agreement: Agreement, org: string): 'authority' | 'counterpart' | null {
  if (agreement.authority === org) return 'authority';
  return agreement.counterpart === org ? 'counterpart' : null;
}

/** Signs for one side; the second signature puts it in force (from its first day on). */
export function sign(agreement: Agreement, signer: Signer, documentSha256: string, at: string): Agreement {
  const side = sideOf(agreement, signer.org);
  if (!side) throw new Refusal('forbidden', 'agreement.not-a-party', 'Only its two parties sign an agreement.');
  if (agreement.signatures.some((s) => s.side === side)) {
    throw new Refusal('conflict', 'agreement.already-signed', 'Your side has signed this agreement already.');
  }
  if (agreement.status !== 'draft') {
    throw new Refusal('conflict', 'agreement.not-a-draft', 'Only a draft can be signed.');
  }
  if (documentSha256 !== agreement.documentSha256) {
    throw new Refusal('conflict', 'agreement.text-changed', 'The text you read is not the text that stands here now.', {
      hint: 'Read it again, then sign.', at: 'documentSha256',
    });
  }
  const signature: Signature = {
    side, organisation: signer.org, person: signer.person, personName: signer.personName, at, documentSha256,
  };
  const signatures = [...agreement.signatures, signature];
  return { ...agreement, signatures, status: signatures.length === 2 ? 'active' : 'draft', version: agreement.version + 1 };
}

/** Withdraws a pillar or authorisation: either side may, since it only takes rights away. */
export function withdrawPart(agreement: Agreement, part: string): Agreement {
  mustStand(agreement);
  if (agreement.status === 'draft') {
    // It would change what the other side has yet to read and sign.
    throw new Refusal('conflict', 'agreement.not-in-force', 'Only an agreement that both sides signed has parts to withdraw.', {
      hint: 'End the draft and write another.',
    });
  }
  const found = agreement.parts.find((p) => p.id === part);
  if (!found || found.state === 'not-included') {
    throw new Refusal('not-found', 'part.not-found', `There is no such ${agreement.partNoun} in this agreement.`);
  }
  if (found.state === 'withdrawn') {
    throw new Refusal('conflict', 'part.already-withdrawn', `This ${agreement.partNoun} is withdrawn already.`);
  }
  const parts = agreement.parts.map((p) => (p.id === part ? { ...p, state: 'withdrawn' as const } : p));
  return { ...agreement, parts, version: agreement.version + 1 };
}

export function end(agreement: Agreement): Agreement {
  mustStand(agreement);
  return { ...agreement, status: 'ended', version: agreement.version + 1 };
}

function mustStand(agreement: Agreement): void {
  if (agreement.status === 'ended') {
    throw new Refusal('conflict', 'agreement.already-ended', 'This agreement has been ended already.');
  }
}

/** What the agreement comes to now, in one word for the page. */
export function standing(agreement: Agreement, now: string): AgreementView['standing'] {
  const { code } = standingOf(agreement, now);
  if (code === 'agreement-not-signed') return agreement.signatures.length > 0 ? 'awaiting-signature' : 'draft';
  if (code === 'agreement-suspended') return 'suspended';
  if (code === 'agreement-ended') return 'ended';
  if (code === 'agreement-not-yet-effective') return 'not-yet-effective';
  return code === 'agreement-in-force' ? 'in-force' : 'expired';
}

interface PartyName {
  readonly name: string;
  readonly nameLocal: string | null;
}

export function view(
  agreement: Agreement, org: string, names: { authority: PartyName; counterpart: PartyName }, now: string,
): Omit<AgreementView, 'attesting'> {
  const mySide = sideOf(agreement, org) ?? 'counterpart';
  return {
    ...agreement, authorityName: names.authority.name, authorityNameLocal: names.authority.nameLocal,
    counterpartName: names.counterpart.name, counterpartNameLocal: names.counterpart.nameLocal, mySide,
    standing: standing(agreement, now),
    mayISign: agreement.status === 'draft' && !agreement.signatures.some((s) => s.side === mySide),
  };
}
