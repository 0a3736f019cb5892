/**
 * Acts of two people: asked for with their whole content, agreed to or denied by a second human, used once by the first. Who
 * has to agree is said by the endpoint, or, of an act by mandate, by a clause. The app's router is the gate
 * (`src/app/http/approval.ts`); each step here is a fact that both organisations read.
 */
import {
  isAgreeable, type Actions, type Actor, type Agreed, type Approval as Needed, type Approved, type Caller, type Endpoint,
} from '#kit/endpoint';
import { canonicalText } from '#kit/canonical/canonical';
import { Refusal, check, noSuch, type ClauseRef } from '#kit/refusal';
import type { Queryable } from '#world/db/port';
import type { Json } from '#world/facts';
import type { partiesApi } from '../api.ts';
import {
  isOther, refuseApproving, refuseDecided, refuseOutsider, refuseUnapproved, stateOf, holdsMs, waitsMs,
  type ApprovalFacts, type Approver,
} from '../approval-rules.ts';
import {
  approvalOf, approvalsOf, holdApproval, insertApproval, sameIdentity, saveApproval, waitingOf, type ApprovalRow,
} from '../approvals-store.ts';
import type { Approval } from '../model.ts';
import { givesRight } from '../roles.ts';
import { organisationById, personById } from '../store.ts';
import { laterIso, sha256Hex, state, type PartiesParts } from './parts.ts';

type Approvals = Pick<Actions<typeof partiesApi>,
  | 'approvals.list' | 'approvals.view' | 'approvals.request' | 'approvals.approve' | 'approvals.deny'
  | 'approvals.withdraw'>;

const inputMax = 64_000;
const waitingMax = 50;
const listMost = 200;

const factsOf = (row: ApprovalRow): ApprovalFacts => ({
  state: row.state, requester: row.requester, org: row.org, approverOrg: row.approver_org, operation: row.operation,
  inputSha256: row.input_sha256, expiresAt: row.expires_at, denial: row.denial,
});

/** Who has to agree to what was asked for, or null where the act is none for two people any more. */
function neededFor(parts: PartiesParts, row: Pick<ApprovalRow, 'operation' | 'org' | 'approver_org' | 'approver_right'>): Needed | null {
  const endpoint = parts.acts.find(row.operation);
  if (!endpoint || row.approver_right === null) return endpoint?.needs.approval ?? null;
  return { from: row.approver_org === row.org ? 'own-organisation' : 'other-party', right: row.approver_right, when: 'sometimes' };
}

export function approvalActions(parts: PartiesParts): Approvals {
  return { ...asking(parts), ...reading(parts), ...deciding(parts) };
}

function asking(parts: PartiesParts): Pick<Approvals, 'approvals.request' | 'approvals.withdraw'> {
  return {
    'approvals.request': async (asked, caller) => {
      const { actor } = caller;
      const endpoint = parts.acts.find(asked.operation);
      if (!endpoint || (!endpoint.needs.approval && !isAgreeable(endpoint))) throw noSuch('two-person-act');
      refuseWithout(actor, endpoint.needs.right);
      const input = parts.acts.read(endpoint, asked.input);
      const { text, sha256 } = contentOf(input);
      const { approval: needed } = endpoint.needs;
      const who = needed ? await byEndpoint(parts, needed, JSON.parse(text) as Record<string, unknown>, actor)
        : await byClause(parts, endpoint, { operation: asked.operation, input, from: asked.from }, caller);
      const now = parts.clock.iso();
      const row: ApprovalRow = {
        id: parts.ids.next('apv'), operation: asked.operation, requester: actor.person, org: actor.org, ...who,
        input: text, input_sha256: sha256, reason: asked.reason, state: 'waiting', decided_by: null, decided_at: null,
        denial: null, requested_at: now, expires_at: laterIso(parts.clock, waitsMs), used_at: null,
      };
      return parts.db.transaction(async (tx) => {
        if (await waitingOf(tx, actor.person, now) >= waitingMax) {
          throw new Refusal('too-many', 'approval.too-many', 'Too many of your requests wait already.', {
            hint: 'Withdraw what is not needed any more.',
          });
        }
        await insertApproval(tx, row);
        await stateOn(parts, tx, actor, row, 'approval.requested', { reason: row.reason });
        return shown(parts, tx, row, actor);
      });
    },
    'approvals.withdraw': (input, { actor }) => parts.db.transaction(async (tx) => {
      const row = await holdApproval(tx, actor.org, input.approval);
      if (!row || row.requester !== actor.person) throw noSuch('approval');
      const now = stateOf(factsOf(row), parts.clock.iso());
      if (now !== 'waiting' && now !== 'approved') refuseDecided(factsOf(row), parts.clock.iso());
      await saveApproval(tx, row.id, { state: 'withdrawn' });
      await stateOn(parts, tx, actor, row, 'approval.withdrawn', {});
      return shown(parts, tx, { ...row, state: 'withdrawn' }, actor);
    }),
  };
}

interface OfClauses {
  readonly operation: string;
  readonly input: unknown;
  readonly from: Needed['from'] | undefined;
}
/** Who is asked, and by what clauses. */
type Who = Pick<ApprovalRow, 'approver_org' | 'approver_right' | 'benefits'> & { clauses: ClauseRef[] };

async function byEndpoint(
  parts: PartiesParts, needed: Needed, content: Readonly<Record<string, unknown>>, { org }: Pick<Actor, 'org'>,
): Promise<Who> {
  const gains = needed.benefits === undefined ? undefined : content[needed.benefits];
  return {
    approver_org: needed.from === 'own-organisation' ? org : await otherParty(parts, needed, content, org),
    approver_right: null, benefits: typeof gains === 'string' ? gains : null, clauses: [],
  };
}

/**
 * An act by mandate is asked about as it would be done: whom the clauses want is asked, and of several ways the one that wants
 * the fewest, but where the asker says which. Who gains by it is the one who does it, and is never the one who agrees.
 */
async function byClause(
  parts: PartiesParts, { needs }: Endpoint, { operation, input, from }: OfClauses, caller: Caller,
): Promise<Who> {
  const { owner, ways } = await parts.acts.wanted(operation, input, caller);
  const way = ways.find((w) => from === undefined || w.from === from);
  if (!way) {
    throw new Refusal('conflict', 'approval.not-wanted', 'No clause wants the approval of that side.', { at: 'from' });
  }
  const theirs = way.from === 'other-party';
  check(needs.agreedBy, 'an endpoint by mandate says who of the other party may agree');
  return {
    approver_org: theirs ? owner : caller.actor.org, approver_right: theirs ? needs.agreedBy : needs.right,
    benefits: null, clauses: [...way.clauses],
  };
}

function reading(parts: PartiesParts): Pick<Approvals, 'approvals.list' | 'approvals.view'> {
  return {
    'approvals.list': async (_, { actor }) => {
      const rows = (await approvalsOf(parts.db, actor.org, listMost)).filter((row) => maySee(parts, row, actor));
      return { approvals: await Promise.all(rows.map((row) => shown(parts, parts.db, row, actor))) };
    },
    'approvals.view': async (input, { actor }) => {
      const row = await approvalOf(parts.db, actor.org, input.approval);
      if (!row || !maySee(parts, row, actor)) throw noSuch('approval');
      return shown(parts, parts.db, row, actor);
    },
  };
}

function deciding(parts: PartiesParts): Pick<Approvals, 'approvals.approve' | 'approvals.deny'> {
  const decide = (
    actor: Actor, id: string, change: (tx: Queryable, row: ApprovalRow, needed: Needed) => Promise<Partial<ApprovalRow>>,
  ) => parts.db.transaction(async (tx) => {
    const row = await holdApproval(tx, actor.org, id);
    if (!row || !maySee(parts, row, actor)) throw noSuch('approval');
    const needed = neededFor(parts, row);
    check(needed, 'what waits for approval is a two-person act');
    const decided = { decided_by: actor.person, decided_at: parts.clock.iso(), ...await change(tx, row, needed) };
    await saveApproval(tx, row.id, decided);
    return shown(parts, tx, { ...row, ...decided }, actor);
  });
  return {
    'approvals.approve': (input, { actor }) => decide(actor, input.approval, async (tx, row, needed) => {
      refuseApproving(factsOf(row), await approverOf(tx, row, actor, needed), needed, input.inputSha256, parts.clock.iso());
      await stateOn(parts, tx, actor, row, 'approval.approved', {});
      return { state: 'approved', expires_at: laterIso(parts.clock, holdsMs) };
    }),
    'approvals.deny': (input, { actor }) => decide(actor, input.approval, async (tx, row, needed) => {
      refuseDecided(factsOf(row), parts.clock.iso());
      refuseOutsider(factsOf(row), await approverOf(tx, row, actor, needed), needed);
      await stateOn(parts, tx, actor, row, 'approval.denied', { reason: input.reason });
      return { state: 'denied', denial: input.reason };
    }),
  };
}

/** Canonical JSON of the input and its digest. What JSON leaves out (an absent field) is left out. */
function contentOf(input: unknown): { text: string; sha256: string } {
  const text = canonicalText(JSON.parse(JSON.stringify(input)) as unknown);
  if (text.length > inputMax) {
    throw new Refusal('too-large', 'approval.too-large', 'This is more than a person could read before agreeing.');
  }
  return { text, sha256: sha256Hex(text) };
}

function refuseWithout(actor: Actor, right: string): void {
  if (givesRight(actor.roles, right) && (actor.scopes?.includes(right) ?? true)) return;
  throw new Refusal('forbidden', 'role.missing', `None of your roles gives the right ${right}.`, {
    ask: 'an administrator of your organisation',
  });
}

async function otherParty(
  parts: PartiesParts, needed: Needed, content: Readonly<Record<string, unknown>>, org: string,
): Promise<string> {
  const kind = needed.party ?? '';
  const id = content[kind];
  const other = typeof id === 'string' ? await parts.acts.otherParty(kind, id, org) : null;
  if (!other) throw noSuch(kind);
  return other;
}

/** Who asked, who may agree, and who oversees the organisation: nobody else of it. */
function maySee(parts: PartiesParts, row: ApprovalRow, actor: Actor): boolean {
  if (row.requester === actor.person || givesRight(actor.roles, 'approval.oversee')) return true;
  const needed = neededFor(parts, row);
  if (!needed) return false;
  if (row.approver_right !== null) return actor.org === row.approver_org && givesRight(actor.roles, needed.right);
  const right = parts.acts.find(row.operation)?.needs.right ?? '';
  return givesRight(actor.roles, right) || givesRight(actor.roles, needed.right);
}

async function approverOf(q: Queryable, row: ApprovalRow, who: Pick<Actor, 'person' | 'org' | 'roles'>, needed: Needed): Promise<Approver> {
  return {
    person: who.person, org: who.org, holdsRight: givesRight(who.roles, needed.right),
    isRequester: await sameIdentity(q, who.person, row.requester),
    gains: row.benefits !== null && await sameIdentity(q, who.person, row.benefits),
  };
}

/** The code of the refusal that approving would meet, or null. */
async function whyNot(parts: PartiesParts, q: Queryable, row: ApprovalRow, actor: Actor, needed: Needed): Promise<string | null> {
  try {
    refuseApproving(factsOf(row), await approverOf(q, row, actor, needed), needed, row.input_sha256, parts.clock.iso());
    return null;
  } catch (error) {
    if (error instanceof Refusal) return error.code;
    throw error;
  }
}

async function shown(parts: PartiesParts, q: Queryable, row: ApprovalRow, actor: Actor): Promise<Approval> {
  const [endpoint, needed] = [parts.acts.find(row.operation), neededFor(parts, row)];
  const named = async (id: string) => ({ id, name: (await personById(q, id))?.name ?? id });
  const organisation = async (id: string) => {
    const found = await organisationById(q, id);
    return { id, name: found?.name ?? id, nameLocal: found?.nameLocal ?? null };
  };
  return {
    id: row.id, operation: row.operation, method: endpoint?.method ?? '', path: endpoint?.path ?? '',
    summary: endpoint?.summary ?? row.operation, input: JSON.parse(row.input) as Record<string, unknown>,
    inputSha256: row.input_sha256, reason: row.reason, state: stateOf(factsOf(row), parts.clock.iso()),
    requester: await named(row.requester), organisation: await organisation(row.org),
    approverOrganisation: await organisation(row.approver_org),
    decidedBy: row.decided_by === null ? null : await named(row.decided_by), decidedAt: row.decided_at,
    denial: row.denial, requestedAt: row.requested_at, expiresAt: row.expires_at, mine: row.requester === actor.person,
    clauses: row.clauses, whyNot: needed ? await whyNot(parts, q, row, actor, needed) : 'approval.void',
  };
}

async function stateOn(
  parts: PartiesParts, tx: Queryable, actor: Pick<Actor, 'person' | 'org'>, row: ApprovalRow, name: string,
  body: Readonly<Record<string, Json>>,
): Promise<void> {
  await state(parts, tx, actor, {
    class: name, subject: row.id, readers: [row.org, row.approver_org], clauses: row.clauses,
    body: { operation: row.operation, inputSha256: row.input_sha256, requester: row.requester, ...body },
  });
}

/** An act about to be done: by whom, which, with what input, by which approval. */
export interface ApprovedAct {
  readonly actor: Actor;
  readonly operation: string;
  readonly input: unknown;
  readonly approval: string;
}

/**
 * Throws unless the approval lets this act be done; answers whose it is. An act that differs from what was agreed to makes the
 * approval void, in a transaction of its own: the act itself is refused, and nobody tries the next byte.
 */
export async function refuseUnapprovedAct(parts: PartiesParts, act: ApprovedAct): Promise<Agreed> {
  const row = await approvalOf(parts.db, act.actor.org, act.approval);
  const facts = row && factsOf(row);
  const done = { person: act.actor.person, operation: act.operation, inputSha256: contentOf(act.input).sha256 };
  try {
    refuseUnapproved(facts, done, parts.clock.iso());
    return await agreedBy(parts, parts.db, row);
  } catch (error) {
    if (row && facts?.state === 'approved' && facts.requester === done.person && isOther(facts, done)) {
      await parts.db.transaction(async (tx) => {
        await saveApproval(tx, row.id, { state: 'void' });
        await stateOn(parts, tx, act.actor, row, 'approval.voided', { attempted: done.operation, attemptedSha256: done.inputSha256 });
      });
    }
    throw error;
  }
}

/** The same for an act that may lean on several: of approvals that one human gave by two accounts the first alone counts. */
export async function agreedTo(parts: PartiesParts, acts: readonly ApprovedAct[]): Promise<readonly Agreed[]> {
  const found: Agreed[] = [];
  for (const act of acts) {
    const agreed = await refuseUnapprovedAct(parts, act);
    const same = await Promise.all(found.map((other) => sameIdentity(parts.db, agreed.person, other.person)));
    if (!same.includes(true)) found.push(agreed);
  }
  return found;
}

/** Who agreed, who must still be one who may. */
async function agreedBy(parts: PartiesParts, q: Queryable, row: ApprovalRow | null): Promise<Agreed> {
  check(row && row.decided_by, 'who approved is kept');
  const by = await personById(q, row.decided_by);
  const needed = neededFor(parts, row);
  const stands = by !== null && needed !== null && by.status === 'active' && by.organisation === row.approver_org
    && givesRight(by.roles, needed.right);
  if (!stands) {
    throw new Refusal('forbidden', 'approval.void', 'Who approved this may not do so any more.', { hint: 'Ask somebody else.' });
  }
  return { approval: row.id, person: by.id, org: by.organisation };
}

/** Uses the approval up in the act's own transaction: both happen, or neither. Who agreed must still be one who may. */
export async function useApproval(parts: PartiesParts, tx: Queryable, act: ApprovedAct): Promise<Approved> {
  const row = await holdApproval(tx, act.actor.org, act.approval);
  const facts = row && factsOf(row);
  const done = { person: act.actor.person, operation: act.operation, inputSha256: contentOf(act.input).sha256 };
  refuseUnapproved(facts, done, parts.clock.iso());
  const by = await agreedBy(parts, tx, row);
  check(row, 'an approval that holds is there');
  await saveApproval(tx, row.id, { state: 'used', used_at: parts.clock.iso() });
  await stateOn(parts, tx, act.actor, row, 'approval.used', { approver: by.person });
  return { approval: row.id, by: by.person };
}
