/** The years behind the published figures: attacks, users, websites and infected computers of 2018 and 2019. */
import { dice } from '#kit/dice';
import { spanOf } from '../../../modules/landscape/periods.ts';
import { constituents } from '../registry.ts';
import { areas, edges, home, shares, type TelemetryParameters } from './parameters.ts';
import {
  attackRow, clockText, detectionRow, heartbeatRow, homeAddress, infectedRow, otherAddress, websiteRow,
} from './rows.ts';

const daySeconds = 86_400;

function seconds(period: string): { from: number; length: number } {
  const span = spanOf(period);
  if (span === null) throw new Error(`no period: ${period}`);
  return { from: span.from * daySeconds, length: (span.to - span.from) * daySeconds };
}

/** Times spread over a period in order, so that a file reads like a log. */
function spread(period: string, i: number, of: number): number {
  const { from, length } = seconds(period);
  return from + Math.floor((i + 0.5) * length / of);
}

/** One quarter of attacks: the home area's rows and others' mixed in, in order of time; then some sent a second time. */
export function* attacks(p: TelemetryParameters, period: string, own: number, others: number): Generator<string> {
  const roll = dice(p.seed ^ hashOf(`attacks ${period}`));
  const text = clockText();
  const { from, length } = seconds(period);
  const total = own + others;
  const again: string[] = [];
  let left = own;
  for (let i = 0; i < total; i++) {
    const at = text(from + Math.floor((i + 0.5) * length / total));
    // Draws without replacement: exactly `own` of the rows are the home area's.
    const mine = roll() * (total - i) < left;
    if (mine) left -= 1;
    const area = mine ? home : areas[Math.floor(roll() ** 2.2 * areas.length)] ?? 'US';
    const row = attackRow(i, at, area, roll());
    if (i % 997 === 0) again.push(row);
    yield row;
  }
  yield* again;
}

/** Heartbeats and detections of one quarter: the home area, the ranked areas, and those about the floor. */
export function* users(p: TelemetryParameters, period: string, all: boolean): Generator<string> {
  const own = all ? p.users.users : Math.max(10_500, Math.round(p.users.users / 9));
  const drift = (hashOf(period) % 60) / 10 - 3;
  yield* usersOf(p, period, home, own, all ? p.users.percent : p.users.percent + drift);
  if (!all) return;
  for (let i = 0; i < p.rankedAreas; i++) {
    const more = Math.floor(p.rankedUsers * (0.01 * ((i * 37) % 40)));
    yield* usersOf(p, period, areas[i] ?? 'US', p.rankedUsers + more, shares[i] ?? 5);
  }
  for (const { area, users: count, percent } of edges) yield* usersOf(p, period, area, count, percent);
  yield* travellers(period);
}

function* usersOf(p: TelemetryParameters, period: string, area: string, count: number, percent: number): Generator<string> {
  const roll = dice(p.seed ^ hashOf(`${period} ${area}`));
  const text = clockText();
  const hit = Math.round(count * percent / 100);
  for (let i = 0; i < count; i++) yield heartbeatRow(text(spread(period, i, count)), area, i);
  // Every count-over-hit-th user, so that who is hit is spread and their number exact; some of them twice.
  for (let i = 0; i < hit; i++) {
    const user = Math.floor(i * count / hit);
    yield detectionRow(text(spread(period, i, hit)), area, user, roll());
    if (i % 10 === 0) yield detectionRow(text(spread(period, i, hit) + 60), area, user, roll());
  }
}

/** Users of the home area who were abroad for a day: they count once, at home, where they have more days. */
function* travellers(period: string): Generator<string> {
  const { from } = seconds(period);
  const text = clockText();
  for (let i = 0; i < 50; i++) {
    const user = `${home}-${i}`;
    for (const [day, area] of [[3, home], [9, home], [20, 'TH']] as const) {
      yield `{"time":"${text(from + day * daySeconds + i)}","type":"user-heartbeat","user":"${user}","cc":"${area}"}\n`;
    }
  }
}

/** A year of attacked websites: exact pairs of site and day; a second page of some, the same day. */
export function* websites(period: string, attacked: number): Generator<string> {
  const text = clockText();
  const { from } = seconds(period);
  for (let i = 0; i < attacked; i++) {
    const shop = i % 800;
    const day = (Math.floor(i / 800) * 73 + (shop * 31) % 73) % 365;
    const site = shop % 9 === 0 ? `office${shop}-gov.example` : `shop${shop}.example`;
    const at = from + day * daySeconds + (i * 613) % daySeconds;
    yield websiteRow(text(at), site, homeAddress(3_000_000 + shop), 1);
    if (i % 11 === 0) yield websiteRow(text(at), site, homeAddress(3_000_000 + shop), 2);
  }
  for (let i = 0; i < attacked / 4; i++) {
    const area = areas[i % 20] ?? 'US';
    const row = websiteRow(text(from + (i * 7919) % (360 * daySeconds)), `store${i}.example`, otherAddress(area, i), 1);
    yield `${row.slice(0, -2)},"cc":"${area}"}\n`;
  }
}

/** A year of infected computers, one object a line: exact distinct addresses at home, some seen again later. */
export function* infected(p: TelemetryParameters, period: string, own: number, others: number): Generator<string> {
  const roll = dice(p.seed ^ hashOf(`infected ${period}`));
  const text = clockText();
  const total = own + others;
  let left = own;
  let mine = 0;
  for (let i = 0; i < total; i++) {
    const at = spread(period, i, total);
    if (roll() * (total - i) < left) {
      left -= 1;
      const chance = roll();
      yield `${infectedRow(text(at), home, homeAddress(mine), chance)}\n`;
      if (mine % 31 === 7 && i < total - 500) yield `${infectedRow(text(at + 7200), home, homeAddress(mine - 7), chance)}\n`;
      mine += 1;
    } else {
      const area = areas[Math.floor(roll() ** 2 * areas.length)] ?? 'US';
      yield `${infectedRow(text(at), area, otherAddress(area, Math.floor(roll() * 20_000)), roll())}\n`;
    }
  }
}

/** Every so-manieth address of a month stays: it is seen again every third day, and the month after goes on with it. */
const staying = 24;

/**
 * A month of infected computers: exact distinct addresses, so many of them in networks of state bodies. Two in five were there the month
 * before. Of the month that only goes on, no more is told than its first days.
 */
export function* botnets(p: TelemetryParameters, of: TelemetryParameters['botnets'][number]): Generator<string> {
  const roll = dice(p.seed ^ hashOf(`botnets ${of.month}`));
  const text = clockText();
  const offices = [...stateAddresses('ministry', of.ministries), ...stateAddresses('province', of.provinces)];
  const step = Math.floor(of.all / (offices.length + 1));
  const { from, length } = seconds(of.month);
  const told = { walk: walkOf(p, of), offices: 0 };
  /** The next address that is in no network of the state, and whether it stays. */
  const elsewhere = (): { address: string; stays: boolean } => {
    for (;;) {
      const at = told.walk++;
      const address = homeAddress(at);
      if (!stateNetwork.test(address) && (!of.goesOn || at % staying === 0)) return { address, stays: at % staying === 0 };
    }
  };
  for (let i = 0; i < of.all; i++) {
    const office = i % step === step - 1 ? offices[told.offices] : undefined;
    if (office !== undefined) told.offices += 1;
    const { address, stays } = office === undefined ? elsewhere() : { address: office, stays: true };
    const first = from + Math.floor((i + 0.5) * (of.goesOn ? 3 * daySeconds : length) / of.all);
    const chance = roll();
    yield `${infectedRow(text(first), home, address, chance)}\n`;
    if (!stays || of.goesOn) continue;
    for (let at = first + 3 * daySeconds; at < from + length; at += 3 * daySeconds) yield `${infectedRow(text(at), home, address, chance)}\n`;
  }
}

/** Where a month begins on the walk through the home addresses: past three in five of the month before, or where that one began. */
function walkOf(p: TelemetryParameters, of: TelemetryParameters['botnets'][number]): number {
  const before = p.botnets.slice(0, p.botnets.findIndex((b) => b.month === of.month) - (of.goesOn ? 1 : 0));
  return before.reduce((at, b) => at + Math.round(b.all * 0.6), 500_000);
}

const stateNetwork = /^100\.11[2-9]\./;

/** Addresses of the bodies of a kind that had networks then, the first with most. */
function stateAddresses(kind: 'ministry' | 'province', count: number): string[] {
  const networks = constituents.filter((c) => c.kind === kind).flatMap((c) =>
    c.assets.filter((a) => a.kind === 'prefix' && !a.value.includes(':') && a.from < '2022').slice(0, 1).map((a) => a.value));
  return Array.from({ length: count }, (_, i) => {
    // Of six, three are the first's, two the second's, one the third's.
    const [a = '', b = '', c = ''] = (networks[[0, 1, 0, 2, 1, 0][i % 6] ?? 0] ?? '').split('.');
    return `${a}.${b}.${Number(c) + Math.floor(i / 240)}.${(i % 240) + 10}`;
  });
}

/** A small number out of a text (FNV-1a), for seeds. */
export function hashOf(text: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193) >>> 0;
  return hash;
}
