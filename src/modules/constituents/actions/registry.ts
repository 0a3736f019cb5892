/** The acts on the registry: load within the centre's own scope, let the rule decide, save, state the fact. */
import type { Actions, Actor } from '#kit/endpoint';
import { Refusal, check, noSuch } from '#kit/refusal';
import type { Queryable } from '#world/db/port';
import { knowsOrganisation } from '#modules/agreements/index';
import type { registryApi } from '../api/registry.ts';
import { mine, state, type ConstituentsParts } from './parts.ts';
import { planImport, type ImportPlan } from '../rules/imports.ts';
import type { Asset, Constituent } from '../model/registry.ts';
import { canonicalValue, checkFree, checkProof, checkTerm, end, instant } from '../rules/registry.ts';
import {
  allAssets, assetsOf, constituentNames, constituentsCount, constituentsPage, holdersOf, insertAssets,
  insertConstituent, saveEnd, saveProof,
} from '../store/registry.ts';

type All = Actions<typeof registryApi>;

export function registryActions(parts: ConstituentsParts): All {
  return { ...reading(parts), ...changing(parts), ...importing(parts) };
}

function reading(parts: ConstituentsParts): Pick<All, 'list' | 'view'> {
  return {
    list: async (input, { actor }) => {
      const after = input.cursor === undefined ? undefined : cursorOf(input.cursor);
      const page = { q: input.q, kind: input.kind, after, limit: input.limit + 1, now: parts.clock.iso() };
      const found = await constituentsPage(parts.db, actor.org, page);
      const items = found.slice(0, input.limit);
      const last = items.at(-1);
      const next = found.length > items.length && last ? cursorText(last) : null;
      return { items, next, total: await constituentsCount(parts.db, actor.org, page) };
    },
    view: async (input, { actor }) => ({
      constituent: await mine(parts, parts.db, actor, input.constituent),
      assets: await assetsOf(parts.db, actor.org, input.constituent),
    }),
  };
}

const cursorText = (c: Constituent): string => Buffer.from(JSON.stringify([c.name, c.id])).toString('base64url');

function cursorOf(text: string): { name: string; id: string } {
  try {
    const [name, id] = JSON.parse(Buffer.from(text, 'base64url').toString('utf8')) as unknown[];
    if (typeof name === 'string' && typeof id === 'string') return { name, id };
  } catch {
    // Told below: a cursor is ours or it is none.
  }
  throw new Refusal('invalid', 'constituent.cursor', 'This cursor is none of ours.', { at: 'cursor' });
}

function changing(parts: ConstituentsParts): Pick<All, 'create' | 'addAsset' | 'endAsset' | 'proveAsset'> {
  const { db, clock, ids } = parts;
  return {
    create: async (input, { actor }) => db.transaction(async (tx) => {
      if (input.org !== null && !(await knowsOrganisation(tx, actor.org, input.org))) throw noSuch('organisation');
      const constituent = { ...input, id: ids.next('con'), createdAt: clock.iso() };
      if (!await insertConstituent(tx, actor.org, constituent)) {
        throw new Refusal('conflict', 'constituent.already-there', 'The registry has an organisation of this name.', { at: 'name' });
      }
      await state(parts, tx, actor, constituent, 'constituent.created', { name: input.name, kind: input.kind });
      return { constituent: { ...constituent, assetsNow: 0 } };
    }),
    addAsset: async (input, { actor }) => db.transaction(async (tx) => {
      const holder = await mine(parts, tx, actor, input.constituent);
      const asset: Asset = {
        id: ids.next('ast'), constituent: holder.id, kind: input.kind, value: canonicalValue(input.kind, input.value),
        from: instant(input.from), to: input.to === null ? null : instant(input.to), proof: null,
      };
      checkTerm(asset.from, asset.to);
      checkFree(asset, await holdersOf(tx, actor.org, asset.kind, asset.value));
      await insertAssets(tx, actor.org, [asset]);
      await state(parts, tx, actor, holder, 'asset.added', { ...asset });
      return { asset };
    }),
    endAsset: async (input, { actor }) => db.transaction(async (tx) => {
      const holder = await mine(parts, tx, actor, input.constituent);
      const found = (await assetsOf(tx, actor.org, holder.id)).find((a) => a.id === input.asset);
      if (!found) throw noSuch('asset');
      const ended = end(found, instant(input.to));
      const others = await holdersOf(tx, actor.org, found.kind, found.value);
      checkFree(ended, others.filter((other) => other.id !== found.id));
      await saveEnd(tx, actor.org, ended);
      await state(parts, tx, actor, holder, 'asset.ended', { id: ended.id, value: ended.value, to: ended.to });
      return { asset: ended };
    }),
    proveAsset: async (input, { actor }) => db.transaction(async (tx) => {
      const holder = await mine(parts, tx, actor, input.constituent);
      const found = (await assetsOf(tx, actor.org, holder.id)).find((a) => a.id === input.asset);
      if (!found) throw noSuch('asset');
      const until = input.until === null ? null : instant(input.until);
      const proof = { kind: input.kind, reference: input.reference, by: actor.person, at: clock.iso(), until };
      checkProof(proof);
      await saveProof(tx, actor.org, found.id, proof);
      await state(parts, tx, actor, holder, 'asset.proven', { id: found.id, value: found.value, ...proof });
      return { asset: { ...found, proof } };
    }),
  };
}

const shownRows = 500;

function counted(plan: ImportPlan): { constituents: number; assets: number; unchanged: number } {
  const adding = (what: string): number => plan.rows.filter((row) => row.adds.includes(what)).length;
  return {
    constituents: adding('constituent'), assets: adding('asset'),
    unchanged: plan.rows.filter((row) => row.adds === 'nothing').length,
  };
}

async function planned(tx: Queryable, actor: Actor, csv: string): Promise<{ plan: ImportPlan; names: Map<string, string> }> {
  const names = await constituentNames(tx, actor.org);
  return { plan: planImport(csv, { names, assets: await allAssets(tx, actor.org) }), names };
}

function importing(parts: ConstituentsParts): Pick<All, 'previewImport' | 'commitImport'> {
  return {
    previewImport: async (input, { actor }) => {
      const { plan } = await planned(parts.db, actor, input.csv);
      return {
        lines: plan.lines, ...counted(plan), problems: plan.problems.slice(0, shownRows),
        rows: plan.rows.slice(0, shownRows).map(({ sector: _sector, province: _province, ...row }) => row),
      };
    },
    commitImport: async (input, { actor }) => parts.db.transaction(async (tx) => {
      // Taken before reading: two imports at once must not both find the same value free.
      await holdersOf(tx, actor.org, '', '');
      const { plan, names } = await planned(tx, actor, input.csv);
      if (plan.problems.length > 0) {
        throw new Refusal('invalid', 'constituent.import-problems', 'The file has lines that cannot be taken; nothing was added.', {
          problems: plan.problems.slice(0, 100).map((p) => ({ at: `line ${p.line}, ${p.at}`, problem: p.problem })),
        });
      }
      const counts = await addPlanned(parts, tx, actor, plan, names);
      await state(parts, tx, actor, { id: actor.org, org: null }, 'constituent.imported', { ...counts, lines: plan.lines });
      return counts;
    }),
  };
}

async function addPlanned(
  parts: ConstituentsParts, tx: Queryable, actor: Actor, plan: ImportPlan, names: Map<string, string>,
): Promise<ReturnType<typeof counted>> {
  const assets: Asset[] = [];
  for (const row of plan.rows) {
    if (row.adds.startsWith('constituent')) {
      const id = parts.ids.next('con');
      const added = await insertConstituent(tx, actor.org, {
        id, name: row.constituent, kind: row.kind, org: null, sector: row.sector, province: row.province,
        createdAt: parts.clock.iso(),
      });
      check(added, 'a planned constituent is new');
      names.set(row.constituent, id);
    }
    const constituent = names.get(row.constituent);
    check(constituent, 'a planned row has its constituent');
    if (!row.adds.endsWith('asset') || row.asset === null || row.value === null || row.from === null) continue;
    assets.push({ id: parts.ids.next('ast'), constituent, kind: row.asset, value: row.value, from: row.from, to: row.to, proof: null });
  }
  await insertAssets(tx, actor.org, assets);
  return counted(plan);
}
