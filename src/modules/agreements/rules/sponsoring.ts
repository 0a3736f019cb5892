/**
 * Sponsorship: an agency uses a provider's offering through another one, which answers for it. What it gets is proved to be
 * narrower than the sponsor's own, grant by grant, in every dimension. Pure.
 */
import { Refusal, noSuch } from '#kit/refusal';
import type { z } from 'zod';
import { widened } from '../decide/narrower.ts';
import type { Agreement, Clause } from '../model.ts';
import type { Narrowing } from '../sponsorship.ts';
import { TlpLabel, type GrantSpec } from '../terms.ts';

type Wanted = z.infer<typeof Narrowing>;

export interface Sponsored {
  readonly id: string;
  readonly agency: string;
  readonly grants: readonly Wanted[];
  readonly effectiveOn: string;
  readonly expiresOn: string;
  readonly effectiveAt: string;
  readonly expiresAt: string;
  readonly createdAt: string;
}

/** The highest label that is passed on: beyond it the marking stays with the organisation it was given to. */
const ceiling = TlpLabel.options.indexOf('AMBER');

/** The text that provider and agency will sign: the sponsor's own clauses, with their grants narrowed and what forbids kept. */
export function sponsoredDraft(parent: Agreement, sponsor: string, wanted: Sponsored, digest: (text: string) => string): Agreement {
  if (parent.authority !== sponsor || parent.sponsorship) {
    throw new Refusal('forbidden', 'sponsorship.not-yours', 'Only the authority of an agreement of its own sponsors others under it.');
  }
  if (parent.status !== 'active') {
    throw new Refusal('conflict', 'agreement.not-in-force', 'Only an agreement that both sides signed lets one sponsor others.');
  }
  const parents: Record<string, string> = {};
  const clauses = parent.clauses.flatMap((clause): Clause[] => {
    const mine = wanted.grants.flatMap((want, i) => {
      const grant = clause.machine.grants.find((g) => g.id === want.grant);
      return grant ? [{ want, grant, id: `${wanted.id}:s${i + 1}` }] : [];
    });
    if (clause.kind === 'grant' && mine.length === 0) return [];
    if (clause.kind === 'quota' || clause.kind === 'oversight' || clause.kind === 'obligation') return [];
    const grants = mine.map(({ want, grant, id }) => {
      parents[id] = grant.id;
      return narrowed(grant, want, id);
    });
    const [said, saidVi] = [grants.map(limits), grants.map(limitsVi)].map((all) => all.join(' '));
    const text = [clause.text, said].filter(Boolean).join(' ');
    return [{
      ...clause, text, textVi: [clause.textVi, saidVi].filter(Boolean).join(' '), textSha256: digest(text),
      machine: { ...clause.machine, grants }, attestations: [],
    }];
  });
  const missing = wanted.grants.findIndex((want) => !Object.values(parents).includes(want.grant));
  if (missing >= 0) throw new Refusal('not-found', 'grant.not-found', 'There is no such grant in your agreement.', { at: `grants.${missing}.grant` });
  const parts = parent.parts.map((p) => ({
    ...p, state: clauses.some((c) => c.part === p.id) ? p.state : 'not-included' as const,
  }));
  const draft: Agreement = {
    ...parent, ...termOf(wanted), id: wanted.id, authority: wanted.agency, parts, clauses: renumbered(clauses, parts.map((p) => p.id)),
    products: [...new Set(clauses.flatMap((c) => c.machine.grants.flatMap((g) => (g.products === 'ALL_NAMED' ? parent.products : g.products))))],
    status: 'draft', signatures: [], suspensions: [], revocations: [], successions: [], predecessor: null, activation: null,
    sponsorship: { sponsor, agreement: parent.id, parents }, documentSha256: '', version: 1, createdAt: wanted.createdAt,
  };
  proveNarrower(draft, parent);
  return draft;
}

const termOf = ({ effectiveOn, expiresOn, effectiveAt, expiresAt }: Sponsored) => ({ effectiveOn, expiresOn, effectiveAt, expiresAt });

function narrowed(grant: GrantSpec, want: Wanted, id: string): GrantSpec {
  const { grant: _, ...change } = want;
  const given = Object.fromEntries(Object.entries(change).filter(([, v]) => v !== undefined));
  const tlp = TlpLabel.options[Math.min(ceiling, TlpLabel.options.indexOf(grant.maxTlp))] ?? 'CLEAR';
  return { ...grant, maxTlp: tlp, ...given, id };
}

function renumbered(clauses: readonly Clause[], parts: readonly string[]): Clause[] {
  const groups = [...parts, null].map((part) => clauses.filter((c) => c.part === part)).filter((g) => g.length > 0);
  return groups.flatMap((group, i) => group.map((clause, j) => ({ ...clause, number: `${i + 1}.${j + 1}` })));
}

const products = (g: GrantSpec): string => (g.products === 'ALL_NAMED' ? '' : g.products.join(', '));
const limits = (g: GrantSpec): string =>
  `For the sponsored agency this is limited to TLP:${g.maxTlp}, level ${g.maxLevel}${products(g) ? `, ${products(g)}` : ''}; for ${g.purposes.join(', ')}.`;
const limitsVi = (g: GrantSpec): string =>
  `Đối với đơn vị được bảo trợ, phạm vi giới hạn ở TLP:${g.maxTlp}, mức ${g.maxLevel}${products(g) ? `, ${products(g)}` : ''}; `
  + `mục đích: ${g.purposes.join(', ')}.`;

/** Throws unless each grant of the sponsored agreement stays within the sponsor's own; names the grant and the dimension. */
export function proveNarrower(child: Agreement, parent: Agreement): void {
  const { sponsorship } = child;
  if (!sponsorship) return;
  const above = new Map(parent.clauses.flatMap((c) => c.machine.grants).map((g) => [g.id, g]));
  const wider = child.clauses.flatMap((c) => c.machine.grants).flatMap((grant) => {
    const own = above.get(sponsorship.parents[grant.id] ?? '');
    if (!own || own.grantee !== grant.grantee) return [{ at: grant.id, problem: 'The sponsor has no such grant.' }];
    const beyond = widened({ agreement: child, grant }, { agreement: parent, grant: own });
    return beyond.map((dimension) => ({ at: `${grant.id}.${dimension}`, problem: `It reaches further than the sponsor’s own: ${dimension}.` }));
  });
  const [first] = wider;
  if (!first) return;
  throw new Refusal('forbidden', 'sponsorship.wider', first.problem, { at: first.at, problems: wider, hint: 'Narrow it, or leave it out.' });
}

/** Only who answers for it ends it at will; the two who signed end it as any agreement. */
export function maySponsorEnd(child: Agreement, parent: Agreement, org: string): void {
  if (parent.authority !== org) throw noSuch('agreement');
  if (child.status === 'ended') throw new Refusal('conflict', 'agreement.already-ended', 'This agreement has been ended already.');
}
