/**
 * How many decisions a second, on one core, with nothing remembered between them: 5,000 grants among 40 pairs of organisations,
 * 125 candidates for each request (one asker, one owner, one right, so that the index cannot help), requests all different and
 * most of them near misses. The peer is Cedar with the policies of one pair, parsed beforehand, on a sample; both have to give
 * the same outcome and the same grants.
 */
import { systemClock } from '#world/clock';
import { compilePolicy, type Source } from '../src/modules/agreements/decide/policy.ts';
import type { Request } from '../src/modules/agreements/decide/request.ts';
import { agreementOf, clauseOf, draws, grantOf, type Draws } from '../src/modules/agreements/decide/testing.ts';
import { decide, type Ruling } from '../src/modules/agreements/decide/weigh.ts';
import type { GrantSpec } from '../src/modules/agreements/terms.ts';
import { PurposeName, TlpLabel } from '../src/modules/agreements/terms.ts';
import { askCedar, cedarOf, cedarVersion } from '../test/oracle/cedar.ts';
import type { BenchOptions, Measure } from './ingest.ts';

const pairs = 40;
const agreementsPerPair = 5;
const grantsPerAgreement = 25;
const seed = 20_260_601;
const rounds = 9;

const kinds = Array.from({ length: 12 }, (_, i) => `kind-${i}`);
const products = Array.from({ length: 200 }, (_, i) => `pkg:generic/product-${i}`);
const roles = ['duty-officer', 'psirt', 'engineer', 'reviewer'] as const;
const networks = ['192.0.2.0/24', '198.51.100.0/24', '2001:db8::/32'];

export async function* run(options: BenchOptions = {}): AsyncGenerator<Measure> {
  const clock = systemClock();
  const count = Math.max(2_000, Math.round(20_480 * (options.scale ?? 1)));
  const d = draws(seed);
  const sources = Array.from({ length: pairs }, (_, pair) => sourcesOf(d, pair));
  const policy = compilePolicy(sources.flat());
  const requests = distinct(count, () => requestOf(d, sources));
  const grants = policy.agreements.reduce((sum, a) => sum + a.grants.length, 0);
  const candidates = Math.min(...requests.map((r) => candidatesOf(sources, r)));

  const [rates, cpuRates]: [number[], number[]] = [[], []];
  const took = new Float64Array(count);
  const rulings: Ruling[] = [];
  for (let round = 0; round < rounds; round++) {
    const began = clock.elapsed();
    const cpu = process.cpuUsage();
    for (let i = 0; i < count; i++) rulings[i] = decide(policy, requests[i] as Request);
    rates.push(count / ((clock.elapsed() - began) / 1000));
    const { user, system } = process.cpuUsage(cpu);
    cpuRates.push(count / ((user + system) / 1e6));
  }
  for (let i = 0; i < count; i++) {
    const began = clock.elapsed();
    decide(policy, requests[i] as Request);
    took[i] = clock.elapsed() - began;
  }
  const allowed = rulings.filter((r) => r.outcome === 'allow').length / count;
  const cedar = besideCedar(clock.elapsed, sources, requests, rulings);
  const rate = median(rates);
  const p99 = took.sort()[Math.floor(count * 0.99)] as number;
  const shape = grants === 5000 && candidates >= 100 && allowed >= 0.3 && allowed <= 0.5;
  const peer = `${cedarVersion()} (wasm, 125 policies parsed beforehand), ${cedar.asked} of the same requests`;
  const line = { bench: 'decide', runs: rounds, verified: shape && cedar.agreed };
  yield {
    ...line, measure: 'decisions-per-second', value: Math.round(rate), unit: 'decisions/s', peer, peerValue: round3(cedar.rate),
    ratio: round3(rate / cedar.rate),
  };
  yield { ...line, measure: 'p99-ms', value: round3(p99), unit: 'ms', peer, peerValue: round3(cedar.p99), ratio: round3(cedar.p99 / p99) };
  // What the process itself used, its collector's threads included: the same figure on a machine that is shared.
  yield {
    ...line, measure: 'decisions-per-cpu-second', value: Math.round(median(cpuRates)), unit: 'decisions/s', peer: null, peerValue: null,
    ratio: null,
  };
  yield { ...line, measure: 'share allowed', value: round3(allowed), unit: 'of all', peer: null, peerValue: null, ratio: null };
  yield { ...line, measure: 'different requests', value: count, unit: 'requests', peer: null, peerValue: null, ratio: null };
  yield { ...line, measure: 'candidate grants a request, fewest', value: candidates, unit: 'grants', peer: null, peerValue: null, ratio: null };
}

const round3 = (value: number): number => Math.round(value * 1000) / 1000;
const median = (values: readonly number[]): number => [...values].sort((x, y) => x - y)[Math.floor(values.length / 2)] as number;

function sourcesOf(d: Draws, pair: number): Source[] {
  return Array.from({ length: agreementsPerPair }, (_, n) => {
    const id = `agr_${pair}x${n}`;
    const clauses = Array.from({ length: grantsPerAgreement }, (_g, i) =>
      clauseOf(`${i + 1}.1`, { grants: [grant(d, `${id}:g${i}`)] }));
    const bans = clauseOf('90.1', { prohibitions: [{
      id: `${id}:p`, bound: null, actions: ['threat.read'],
      when: { all: [{ attribute: 'resource.embargoed', is: 'equal', value: true }, { attribute: 'level', is: 'at-least', value: 3 }] },
    }] });
    return { agreement: agreementOf([...clauses, bans], { id, authority: `org_centre${pair}`, counterpart: `org_vendor${pair}`, products }) };
  });
}

function grant(d: Draws, id: string): GrantSpec {
  return grantOf({
    id, actions: ['threat.read', 'feed.pull'], kinds: d.some(kinds, 0.2), purposes: d.some(PurposeName.options, 0.3),
    products: d.some(products, 0.02), maxTlp: d.pick(TlpLabel.options.slice(1, 4)), maxLevel: 1 + d.int(3),
    roles: d.chance(0.5) ? d.some(roles, 0.4) : null,
    conditions: { mfa: d.chance(0.3), networks: d.chance(0.3) ? d.some(networks, 0.5) : [], approvals: null },
  });
}

/** Meant for one of the pair's grants; more than half are then bent in one place. */
function requestOf(d: Draws, sources: readonly (readonly Source[])[]): Request {
  const pair = d.int(pairs);
  const { agreement } = d.pick(sources[pair] as readonly Source[]);
  const g = d.pick(agreement.clauses.flatMap((c) => c.machine.grants));
  const scope = g.products === 'ALL_NAMED' ? products : g.products;
  const bend = d.chance(0.62) ? d.int(5) : -1;
  const tlp = TlpLabel.options.indexOf(g.maxTlp);
  return {
    action: 'threat.read', now: `2026-06-${String(1 + d.int(28)).padStart(2, '0')}T0${d.int(10)}:00:00.000Z`,
    purpose: bend === 0 ? d.pick(PurposeName.options) : d.pick(g.purposes),
    actor: {
      org: agreement.authority, person: `per_${d.int(500)}`, roles: [bend === 1 ? 'auditor' : d.pick(g.roles ?? roles)], mfa: true,
      address: g.conditions.networks.includes('192.0.2.0/24') ? `192.0.2.${d.int(256)}`
        : g.conditions.networks.includes('198.51.100.0/24') ? `198.51.100.${d.int(256)}` : `2001:db8::${d.int(9999)}`,
    },
    resource: {
      owner: agreement.counterpart, kind: d.pick(g.kinds), products: bend === 2 ? [...d.some(scope, 0.5), d.pick(products)] : d.some(scope, 0.5),
      tlp: TlpLabel.options[bend === 3 ? tlp + 1 : d.int(tlp + 1)] ?? 'RED', level: bend === 4 ? g.maxLevel + 1 : d.int(g.maxLevel + 1),
      attributes: { embargoed: d.chance(0.1) },
    },
  };
}

function distinct(count: number, make: () => Request): Request[] {
  const seen = new Map<string, Request>();
  while (seen.size < count) {
    const request = make();
    seen.set(JSON.stringify(request), request);
  }
  return [...seen.values()];
}

function candidatesOf(sources: readonly (readonly Source[])[], r: Request): number {
  const pair = sources[Number(r.actor.org.replace('org_centre', ''))] ?? [];
  return pair.flatMap((s) => s.agreement.clauses.flatMap((c) => c.machine.grants)).filter((g) => g.actions.includes(r.action)).length;
}

/** The same requests of one pair put to Cedar, each checked against our ruling. */
function besideCedar(
  elapsed: () => number, sources: readonly (readonly Source[])[], requests: readonly Request[], rulings: readonly Ruling[],
): { rate: number; p99: number; asked: number; agreed: boolean } {
  const cedar = cedarOf('bench', sources[0] as readonly Source[]);
  const mine = requests.flatMap((request, i) => (request.actor.org === 'org_centre0' ? [{ request, ruling: rulings[i] as Ruling }] : []));
  const took: number[] = [];
  const state = { agreed: true };
  for (const { request, ruling } of mine) {
    const began = elapsed();
    const { outcome, grants } = askCedar(cedar, request);
    took.push(elapsed() - began);
    const ours = ruling.grants.map((g) => g.spec.id).sort();
    if (outcome !== ruling.outcome || grants.join() !== ours.join()) state.agreed = false;
  }
  const sum = took.reduce((x, y) => x + y, 0);
  const sorted = took.sort((x, y) => x - y);
  return { rate: took.length / (sum / 1000), p99: sorted[Math.floor(took.length * 0.99)] as number, asked: took.length, agreed: state.agreed };
}
