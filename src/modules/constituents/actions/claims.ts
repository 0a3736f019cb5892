/** What constituents say they answer for, what shows it, and the questions one asks of the registry as a whole. */
import type { Actions } from '#kit/endpoint';
import { Refusal, noSuch } from '#kit/refusal';
import type { Queryable } from '#world/db/port';
import type { contactsApi } from '../api/contacts.ts';
import type { AssetClaim } from '../model/contacts.ts';
import type { Asset } from '../model/registry.ts';
import { reachable } from '../rules/contacts.ts';
import { covering, doubts } from '../rules/covering.ts';
import { canonicalValue, checkFree, checkProof, instant, overlap, proofState } from '../rules/registry.ts';
import { claimsMade, contactsOf, decideClaim, insertClaim, markClaimSeen, type ClaimRecord } from '../store/contacts.ts';
import { allAssets, assetsOf, constituentNames, holdersOf, insertAssets } from '../store/registry.ts';
import { chosen } from './contacts.ts';
import { mine, ownSide, state, stateOwn, type ConstituentsParts } from './parts.ts';

type All = Actions<typeof contactsApi>;
type Names = ReadonlyMap<string, string>;

/** Claims of one constituent that may wait at a time: the centre looks at each by hand. */
const mostWaiting = 100;
/** The page shows the first of them; the number of all stands beside. */
const shownDoubts = 500;

export function claimActions(parts: ConstituentsParts): Pick<
  All, 'whoGets' | 'doubts' | 'claims' | 'decideClaim' | 'mine' | 'claim' | 'checkClaim'
> {
  return { ...asking(parts), ...deciding(parts), ...claiming(parts) };
}

async function namesById(q: Queryable, scope: string): Promise<Names> {
  return new Map([...await constituentNames(q, scope)].map(([name, id]) => [id, name]));
}

const recordName = (value: string): string => `_entente-proof.${value}`;

/** A claim as people see it: with the record that proves it, and who else holds it. `names` null hides who. */
function shown({ token, ...claim }: ClaimRecord, assets: readonly Asset[], names: Names | null): AssetClaim {
  const others = assets.filter((a) => a.kind === claim.kind && a.value === claim.value && a.constituent !== claim.constituent
    && overlap(a, { from: claim.from, to: null }));
  return {
    ...claim, dns: claim.kind === 'domain' ? { name: recordName(claim.value), text: `entente-proof=${token}` } : null,
    // The claimant learns that somebody holds it, which the centre would say anyway; not who.
    contestedBy: claim.state === 'waiting' ? others.map((a) => names?.get(a.constituent) ?? 'another constituent') : [],
  };
}

function asking(parts: ConstituentsParts): Pick<All, 'whoGets' | 'doubts' | 'claims'> {
  const { db, clock } = parts;
  return {
    whoGets: async (input, { actor }) => {
      const { at: moment, website, certificate, ...asked } = input;
      if (asked.ip === undefined && asked.domain === undefined && asked.asn === undefined && certificate === undefined) {
        throw new Refusal('invalid', 'who-gets.nothing', 'Give an address, a domain, a network or a certificate.', { at: 'ip' });
      }
      const at = moment === undefined ? clock.now() : Date.parse(instant(moment));
      const print = certificate === undefined ? undefined : canonicalValue('certificate', certificate);
      const assets = covering(await allAssets(db, actor.org), { ...asked, certificate: print, website: website === 'yes' }, at);
      const names = await namesById(db, actor.org);
      const owner = assets[0]?.constituent;
      const contacts = owner === undefined ? [] : await contactsOf(db, actor.org, [owner], clock.now());
      return {
        at: new Date(at).toISOString(), contacts: reachable(contacts),
        owner: owner === undefined ? null : { id: owner, name: names.get(owner) ?? owner },
        claims: assets.map((a, i) => ({
          asset: a.id, kind: a.kind, value: a.value, constituent: a.constituent, constituentName: names.get(a.constituent) ?? a.constituent,
          wins: i === 0, proof: proofState(a.proof, at),
        })),
      };
    },
    doubts: async (_, { actor }) => {
      const [assets, names] = [await allAssets(db, actor.org), await namesById(db, actor.org)];
      const waiting = await claimsMade(db, actor.org, { state: 'waiting' });
      const contested = waiting.flatMap((claim) => assets
        .filter((a) => a.kind === claim.kind && a.value === claim.value && a.constituent !== claim.constituent)
        .map((a) => ({
          why: 'contested' as const, kind: a.kind, value: a.value, constituent: a.constituent,
          constituentName: names.get(a.constituent) ?? a.constituent, since: claim.madeAt,
          other: { constituent: claim.constituent, constituentName: claim.constituentName, value: claim.value },
        })));
      const all = [...contested, ...doubts(assets, names, clock.now())];
      return { doubts: all.slice(0, shownDoubts), total: all.length };
    },
    claims: async (input, { actor }) => {
      const [assets, names] = [await allAssets(db, actor.org), await namesById(db, actor.org)];
      const found = await claimsMade(db, actor.org, { state: input.state });
      const order = (c: ClaimRecord): number => (c.state === 'waiting' ? 0 : 1);
      return { claims: found.toSorted((x, y) => order(x) - order(y)).map((c) => shown(c, assets, names)) };
    },
  };
}

function deciding(parts: ConstituentsParts): Pick<All, 'decideClaim'> {
  const { db, clock, ids } = parts;
  return {
    decideClaim: async ({ claim: id, decision }, { actor }) => db.transaction(async (tx) => {
      const [claim] = await claimsMade(tx, actor.org, { id });
      if (!claim) throw noSuch('claim');
      const constituent = await mine(parts, tx, actor, claim.constituent);
      const taken = decision.take === 'yes';
      if (!await decideClaim(tx, actor.org, id, taken ? 'taken' : 'refused', actor.person, taken ? null : decision.reason)) {
        throw new Refusal('conflict', 'claim.already-decided', 'This claim has been decided already.');
      }
      if (taken) {
        const until = decision.until === null ? null : instant(decision.until);
        const proof = { kind: decision.proof, reference: decision.reference, by: actor.person, at: clock.iso(), until };
        checkProof(proof);
        if (decision.proof === 'dns-token' && claim.dnsSeenAt === null) {
          throw new Refusal('conflict', 'claim.record-not-seen', 'The hub has not found that record yet.', { at: 'proof' });
        }
        const asset: Asset = {
          id: ids.next('ast'), constituent: claim.constituent, kind: claim.kind, value: claim.value, from: claim.from, to: null, proof,
        };
        checkFree(asset, await holdersOf(tx, actor.org, asset.kind, asset.value));
        await insertAssets(tx, actor.org, [asset]);
        await state(parts, tx, actor, constituent, 'asset.added', { id: asset.id, kind: asset.kind, value: asset.value, from: asset.from });
      }
      await state(parts, tx, actor, constituent, taken ? 'claim.taken' : 'claim.refused', { claim: id, value: claim.value });
      const [after] = await claimsMade(tx, actor.org, { id });
      if (!after) throw noSuch('claim');
      return { claim: shown(after, await allAssets(tx, actor.org), await namesById(tx, actor.org)) };
    }),
  };
}

function claiming(parts: ConstituentsParts): Pick<All, 'mine' | 'claim' | 'checkClaim'> {
  const { db, clock, ids } = parts;
  return {
    mine: async (_, caller) => {
      const side = await ownSide(parts, caller, 'notice.receive', 'notice', 'registry');
      const own = side.constituents.map((c) => c.id);
      const assets = (await Promise.all(own.map((id) => assetsOf(db, side.scope, id)))).flat();
      const all = await allAssets(db, side.scope);
      return {
        constituents: [...side.constituents], assets, contacts: await contactsOf(db, side.scope, own, clock.now()),
        claims: (await claimsMade(db, side.scope, { constituents: own })).map((c) => shown(c, all, null)),
      };
    },
    claim: async (input, caller) => {
      const side = await ownSide(parts, caller, 'notice.answer', 'notice', 'claim');
      const constituent = chosen(side, input.constituent);
      return db.transaction(async (tx) => {
        const value = canonicalValue(input.kind, input.value);
        const waiting = await claimsMade(tx, side.scope, { constituents: [constituent], state: 'waiting' });
        if (waiting.length >= mostWaiting) throw new Refusal('too-many', 'claim.too-many', `At most ${mostWaiting} claims wait at a time.`);
        if (waiting.some((c) => c.kind === input.kind && c.value === value)) {
          throw new Refusal('conflict', 'claim.already-made', 'You have said this already; the centre looks at it.', { at: 'value' });
        }
        const name = side.constituents.find((c) => c.id === constituent)?.name ?? constituent;
        const record: ClaimRecord = {
          id: ids.next('clm'), constituent, constituentName: name, kind: input.kind, value, from: instant(input.from), state: 'waiting',
          token: ids.secret(), dnsSeenAt: null, madeAt: clock.iso(), reason: null,
        };
        await insertClaim(tx, side.scope, record, caller.actor.person);
        await stateOwn(parts, tx, caller, side, constituent, 'claim.made', { claim: record.id, kind: record.kind, value });
        return { claim: shown(record, await allAssets(tx, side.scope), null) };
      });
    },
    checkClaim: async (input, caller) => {
      const side = await ownSide(parts, caller, 'notice.answer', 'notice', 'claim');
      const [claim] = await claimsMade(db, side.scope, { constituents: side.constituents.map((c) => c.id), id: input.claim });
      if (!claim) throw noSuch('claim');
      if (claim.kind !== 'domain') throw new Refusal('invalid', 'claim.no-record', 'Only a domain is proven by a record in DNS.');
      // Outside of any transaction: somebody else's name server may take its time.
      const texts = await parts.names.texts(recordName(claim.value)).catch(() => {
        throw new Refusal('unavailable', 'claim.nobody-answered', 'The domain’s name servers did not answer.', { hint: 'Try again in a while.' });
      });
      if (!texts.includes(`entente-proof=${claim.token}`)) {
        throw new Refusal('conflict', 'claim.record-not-seen', 'The hub has not found that record yet.', {
          hint: 'A new record may take some hours until it is seen everywhere.',
        });
      }
      return db.transaction(async (tx) => {
        await markClaimSeen(tx, side.scope, claim.id, clock.iso());
        await stateOwn(parts, tx, caller, side, claim.constituent, 'claim.proven', { claim: claim.id, value: claim.value });
        return { claim: shown({ ...claim, dnsSeenAt: clock.iso() }, await allAssets(tx, side.scope), null) };
      });
    },
  };
}
