/** Drafting and editing: from a template, from an older agreement, clause by clause; what was saved is never lost. */
import type { Actions, Actor } from '#kit/endpoint';
import { Refusal, check, noSuch } from '#kit/refusal';
import { isZone } from '#kit/zone/midnight';
import type { Queryable } from '#world/db/port';
import { organisationsKnownTo, personById } from '#modules/parties/index';
import type { agreementsApi } from '../api.ts';
import { documentSha256Of } from '../document.ts';
import { draftFrom, partsOf } from '../draft.ts';
import type { EditedDocument } from '../edited.ts';
import { edited } from '../editing.ts';
import type { Agreement, AgreementView } from '../model.ts';
import { compare } from '../rules/comparing.ts';
import { refuseProblems, type Problem } from '../rules/editing.ts';
import { renewalOf, yearsAfter } from '../rules/renewing.ts';
import { insertAgreement, insertVersion, knowsOrganisation, saveAgreement, versionsOf } from '../store.ts';
import { templates } from '../templates.ts';
import { changedMeanwhile, mine, proveSponsored, shown, state, type AgreementsParts } from './parts.ts';

type Paper = Pick<Actions<typeof agreementsApi>,
  'agreements.templates' | 'agreements.draft' | 'agreements.edit' | 'agreements.versions' | 'agreements.compare' | 'agreements.renew'>;

export function paperActions(parts: AgreementsParts): Paper {
  const { db } = parts;
  return {
    'agreements.templates': async () => ({
      templates: templates.map((t) => ({
        name: t.name, title: t.title, titleVi: t.titleVi, summary: t.summary, summaryVi: t.summaryVi,
        partNoun: t.partNoun, parts: partsOf(t, t.parts.map((p) => p.id)),
      })),
    }),
    'agreements.draft': (input, { actor }) => draft(parts, actor, input),
    'agreements.edit': (input, { actor }) => edit(parts, actor, input),
    'agreements.versions': async (input, { actor }) => {
      const agreement = await mine(db, actor, input.agreement);
      const versions = await versionsOf(db, agreement.id);
      const people = new Map(await Promise.all([...new Set(versions.flatMap((v) => v.person ?? []))]
        .map(async (id) => [id, (await personById(db, id))?.name ?? null] as const)));
      return {
        versions: versions.map((v) => ({
          id: v.id, version: v.version, kind: v.kind, at: v.at, personName: v.person === null ? null : people.get(v.person) ?? null,
          documentSha256: v.document.documentSha256,
        })),
      };
    },
    'agreements.compare': async (input, { actor }) => {
      const agreement = await mine(db, actor, input.agreement);
      const [from, to] = [await textNamed(db, actor, agreement, input.from), await textNamed(db, actor, agreement, input.to)];
      const { terms, clauses } = compare(from, to);
      return { terms: [...terms], clauses: clauses.map((c) => ({ ...c, text: [...c.text], textVi: [...c.textVi], machine: [...c.machine] })) };
    },
    'agreements.renew': async (input, { actor }) => {
      const agreement = await mine(db, actor, input.agreement);
      const next = renewalOf(agreement, { id: parts.ids.next('agr'), createdAt: parts.clock.iso(), ...input });
      return save(parts, actor, { ...next, documentSha256: documentSha256Of(next) }, { renews: agreement.id });
    },
  };
}

async function draft(
  parts: AgreementsParts, actor: Actor, input: Parameters<Paper['agreements.draft']>[0],
): Promise<AgreementView> {
  const template = templates.find((t) => t.name === input.template);
  check(template, 'the schema names only templates that exist');
  const known = await organisationsKnownTo(parts.db, actor.org);
  const counterpart = known.find((o) => o.id === input.counterpart && o.id !== actor.org);
  if (!counterpart) throw noSuch('organisation');
  const unknown = input.parts.find((id) => !template.parts.some((p) => p.id === id));
  if (unknown) throw new Refusal('invalid', 'agreement.unknown-part', 'The template has no such part.', { at: 'parts' });
  if (!isZone(input.zone)) throw new Refusal('invalid', 'agreement.unknown-zone', 'This is no time zone.', { at: 'zone' });
  const expiresOn = input.expiresOn ?? yearsAfter(input.effectiveOn, 3);
  if (expiresOn <= input.effectiveOn) {
    throw new Refusal('invalid', 'agreement.empty-term', 'It must end after it begins.', { at: 'expiresOn' });
  }
  const made = draftFrom(template, {
    ...input, expiresOn, id: parts.ids.next('agr'), authority: actor.org, counterpart: counterpart.id,
    createdAt: parts.clock.iso(),
  });
  return save(parts, actor, made, { template: made.template, parts: [...input.parts] });
}

function save(parts: AgreementsParts, actor: Actor, made: Agreement, body: Parameters<typeof state>[5]): Promise<AgreementView> {
  return parts.db.transaction(async (tx) => {
    await insertAgreement(tx, made);
    await keep(parts, tx, actor, made, 'saved');
    await state(parts, tx, actor, made, 'agreement.drafted', body);
    return shown(parts, tx, made, actor);
  });
}

async function keep(parts: AgreementsParts, tx: Queryable, actor: Actor, document: Agreement, kind: 'saved' | 'rival'): Promise<void> {
  await insertVersion(tx, {
    id: parts.ids.next('ver'), version: document.version, kind, document, person: actor.person, at: parts.clock.iso(),
  });
}

/** Saves over exactly the version that was read. If somebody was faster, what was written is kept aside, and said so. */
async function edit(
  parts: AgreementsParts, actor: Actor, input: { agreement: string; version: number; document: EditedDocument },
): Promise<AgreementView> {
  const done = await parts.db.transaction(async (tx) => {
    const before = await mine(tx, actor, input.agreement);
    const next = edited(before, input.document, () => parts.ids.next('itm'));
    refuseProblems(await strangers(tx, actor, before, input.document));
    await proveSponsored(tx, next);
    if (before.version !== input.version || !(await saveAgreement(tx, next))) return { late: { ...next, version: input.version } };
    await keep(parts, tx, actor, next, 'saved');
    await state(parts, tx, actor, next, 'agreement.edited', {
      version: next.version, documentSha256: next.documentSha256, signaturesVoided: before.signatures.length,
      attestationsVoided: before.clauses.flatMap((c) => c.attestations).length - next.clauses.flatMap((c) => c.attestations).length,
    });
    return { view: await shown(parts, tx, next, actor) };
  });
  if (done.view) return done.view;
  await parts.db.transaction(async (tx) => {
    const { late } = done;
    if (!late || (await versionsOf(tx, late.id)).some((v) => v.document.documentSha256 === late.documentSha256)) return;
    await keep(parts, tx, actor, late, 'rival');
    await state(parts, tx, actor, late, 'agreement.edit-kept-aside', { version: input.version, documentSha256: late.documentSha256 });
  });
  throw changedMeanwhile('What you wrote is kept aside under Versions. Compare the two, then save again.');
}

/** People and organisations that the machine form names and that have no business in it. */
async function strangers(q: Queryable, actor: Actor, a: Agreement, d: EditedDocument): Promise<Problem[]> {
  const named = new Map<string, { at: string; id: string; org: string }>();
  d.clauses.forEach((c, i) => c.machine.grants.forEach((g, j) => g.persons?.forEach((id, k) => {
    named.set(`${id} ${g.grantee}`, { at: `clauses.${i}.machine.grants.${j}.persons.${k}`, id, org: a[g.grantee] });
  })));
  const people = await Promise.all([...named.values()].slice(0, 500).map(async ({ at, id, org }) =>
    ((await personById(q, id))?.organisation === org ? [] : [{ at, problem: 'This side has no such person.' }])));
  const monitors = await Promise.all(d.clauses.map(async (c, i) => {
    const monitor = c.machine.oversight?.monitor;
    if (monitor === undefined || monitor === a.authority || monitor === a.counterpart || await knowsOrganisation(q, actor.org, monitor)) return [];
    return [{ at: `clauses.${i}.machine.oversight.monitor`, problem: 'There is no such organisation.' }];
  }));
  return [...people.flat(), ...monitors.flat()];
}

/** `current`, `predecessor`, or the id of a version of this agreement. */
async function textNamed(q: Queryable, actor: Actor, agreement: Agreement, name: string): Promise<Agreement> {
  if (name === 'current') return agreement;
  const versions = await versionsOf(q, agreement.id);
  if (name === 'predecessor') {
    // What renews nothing is compared with the text it began as.
    return agreement.predecessor ? mine(q, actor, agreement.predecessor) : versions[0]?.document ?? agreement;
  }
  const found = versions.find((v) => v.id === name);
  if (!found) throw noSuch('version');
  return found.document;
}
