/**
 * What is in a rule set and in a bill of materials, computed from the file itself each time: nothing of it is kept but what people said of
 * flagged rules, so no figure can differ from the bytes that it is of.
 */
import { createHash } from 'node:crypto';
import type { Actions, Caller } from '#kit/endpoint';
import { fromUtf8 } from '#kit/encoding';
import { Refusal, nullIfRefused } from '#kit/refusal';
import { lint } from '#kit/rules/lint';
import { readRules } from '#kit/rules/read';
import type { Rule, RuleSet } from '#kit/rules/rule';
import { readComponents } from '#kit/sbom/read';
import { reportOf } from '#kit/sbom/report';
import { blobBytes } from '#world/blobs/whole';
import { stateFact } from '#world/facts';
import { givesRight } from '#modules/parties/index';
import type { catalogueApi } from '../api.ts';
import { artefactWithin, type ReachedArtefact } from '../gate.ts';
import type { ArtefactKind, DetectionRule } from '../model.ts';
import { knowsArtefact, knowsRelease } from '../rules.ts';
import { artefactsOf, type ArtefactRecord } from '../store/artefacts.ts';
import { releasesOf } from '../store/products.ts';
import { insertSignOff, signOffsOf } from '../store/sign-offs.ts';
import { artefactShown, type CatalogueParts } from './parts.ts';

type All = Actions<typeof catalogueApi>;

/** Of a file that is read as text. */
const textMax = 64 * 1_048_576;
const perPage = 200;
const digestOf = (rule: Rule): string => createHash('sha256').update(rule.body).digest('hex');

async function textOf(parts: CatalogueParts, { sha256, size }: ArtefactRecord): Promise<string> {
  if (size > textMax) throw new Refusal('unprocessable', 'artefact.too-large', 'This file is too large to be looked into.');
  const bytes = await blobBytes(parts.blobs, sha256);
  if (!bytes) throw new Error(`the file ${sha256} was kept and is gone`);
  const text = fromUtf8(bytes);
  if (text === null) throw new Refusal('unprocessable', 'artefact.unreadable', 'This file is no text in UTF-8.');
  return text;
}

/** An artefact of a kind that may be looked into from here. */
export async function lookedInto(parts: CatalogueParts, caller: Caller, id: string, kind: ArtefactKind): Promise<ReachedArtefact> {
  const found = await artefactWithin(parts, caller, id);
  if (found.artefact.kind !== kind) throw new Refusal('conflict', 'artefact.other-kind', 'This artefact is of another kind.');
  const { openable } = artefactShown(found.artefact, found.release, found.reach);
  if (openable === 'withdrawn') throw new Refusal('gone', 'artefact.withdrawn', 'This was withdrawn by its provider.');
  if (openable !== 'yes') throw new Refusal('forbidden', `artefact.${openable}`, 'This is read at the centre alone.', { hint: 'Ask for a visit.' });
  return found;
}

async function rulesOf(parts: CatalogueParts, artefact: ArtefactRecord): Promise<RuleSet> {
  const set = readRules(await textOf(parts, artefact));
  if (!set) throw new Refusal('unprocessable', 'artefact.no-rules', 'This is no rule set that is read: YARA, Sigma or Suricata.');
  return set;
}

/** The rule set of the same name, or the only one, in the release before: as far as the reader may look into it. */
async function rulesBefore(parts: CatalogueParts, { product, release, reach, artefact }: ReachedArtefact): Promise<RuleSet | null> {
  const known = (await releasesOf(parts.db, [product.id])).filter((r) => knowsRelease(reach, r, parts.clock.now()) && r.state === 'published');
  const before = known.find((r) => r.id !== release.id && (release.ordinal === null || (r.ordinal ?? 0) < release.ordinal));
  if (!before) return null;
  const sets = (await artefactsOf(parts.db, [before.id])).filter((a) => a.kind === 'rules' && knowsArtefact(reach, a, parts.clock.now()));
  const one = sets.find((a) => a.name === artefact.name) ?? (sets.length === 1 ? sets[0] : undefined);
  if (!one || artefactShown(one, before, reach).openable !== 'yes') return null;
  return rulesOf(parts, one).catch(nullIfRefused);
}

export const contentActs = (parts: CatalogueParts): Pick<All, 'detection-rules.list' | 'detection-rules.sign-off' | 'components.list'> => ({
  'detection-rules.list': async ({ artefact: id, only, cursor }, caller) => {
    const found = await lookedInto(parts, caller, id, 'rules');
    const set = await rulesOf(parts, found.artefact);
    const before = await rulesBefore(parts, found);
    const older = new Map(before?.rules.map((r) => [r.name, digestOf(r)]));
    const said = await signOffsOf(parts.db, found.product.id, caller.actor.org);
    const all = set.rules.map((rule): DetectionRule => {
      const [digest, was] = [digestOf(rule), older.get(rule.name)];
      const word = said.get(digest);
      const flag = lint(rule);
      return {
        digest, name: rule.name, line: rule.line, description: rule.said['description'] ?? '', looksFor: rule.wanted.length,
        flag: flag ? { why: flag.why, shown: [...flag.shown] } : null, signOff: word ? { verdict: word.verdict, reason: word.reason, at: word.at } : null,
        change: before === null ? null : was === undefined ? 'added' : was === digest ? 'same' : 'changed',
      };
    });
    const isOpen = (r: DetectionRule): boolean => r.flag !== null && r.signOff === null;
    const isChanged = (r: DetectionRule): boolean => r.change === 'added' || r.change === 'changed';
    const shown = all.filter((r) => (only === 'flagged' ? r.flag !== null : only === 'open' ? isOpen(r) : only === 'changed' ? isChanged(r) : true));
    const names = new Set(all.map((r) => r.name));
    return {
      grammar: set.grammar, items: shown.slice(cursor, cursor + perPage), next: cursor + perPage < shown.length ? cursor + perPage : null,
      counts: { rules: all.length, flagged: all.filter((r) => r.flag !== null).length, open: all.filter(isOpen).length, changed: all.filter(isChanged).length },
      problems: [...set.problems], removed: [...older.keys()].filter((name) => !names.has(name)).slice(0, perPage),
      maySignOff: givesRight(caller.actor.roles, 'detection-rule.sign-off'),
    };
  },
  'detection-rules.sign-off': async ({ artefact: id, digest, verdict, reason }, caller) => {
    const { actor } = caller;
    const found = await lookedInto(parts, caller, id, 'rules');
    const rule = (await rulesOf(parts, found.artefact)).rules.find((r) => digestOf(r) === digest);
    if (!rule) throw new Refusal('conflict', 'detection-rule.not-in-set', 'The rule set holds no such rule.', { at: 'digest' });
    const at = parts.clock.iso();
    await parts.db.transaction(async (tx) => {
      await insertSignOff(tx, {
        id: parts.ids.next('sgn'), org: actor.org, scope: found.product.scope, product: found.product.id, digest, artefact: id, rule: rule.name, verdict,
        reason, person: actor.person, at,
      });
      await stateFact(tx, {
        class: 'detection-rule.signed-off', at, actor: actor.person, org: actor.org, subject: id, readers: [found.product.scope], clauses: [],
        body: { artefact: id, rule: rule.name, sha256: digest, verdict, flagged: lint(rule)?.why ?? null },
      });
    });
    return { signOff: { verdict, reason, at } };
  },
  'components.list': async ({ artefact: id }, caller) => {
    const { artefact } = await lookedInto(parts, caller, id, 'sbom');
    const bill = readComponents(await textOf(parts, artefact));
    if (!bill) throw new Refusal('unprocessable', 'artefact.no-bill', 'This is no bill of materials that is read: CycloneDX JSON, SPDX 2 JSON or tag-value.');
    const { duplicates, outOfSupport, ...report } = reportOf(bill.components, parts.clock.now());
    const keys = [...new Set(bill.components.flatMap(({ purl, cpe }) => purl ?? cpe ?? []))];
    return {
      kind: bill.kind, version: bill.version, vulnerabilities: keys.length === 0 ? null : await parts.affected?.(keys, caller) ?? null,
      report: {
        ...report, outOfSupport: outOfSupport.slice(0, perPage),
        duplicates: duplicates.slice(0, perPage).map((d) => ({ ...d, versions: d.versions.slice(0, perPage) })),
      },
    };
  },
});
