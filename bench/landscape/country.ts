/**
 * A generated country and its neighbours, two quarters long, with every published number known while it is made: things
 * are made one after the other (a user, an address, a site, an attacker), each with all of its rows, so that plain counters
 * are exact. Nothing here asks the store or shares a line with its SQL. Areas have 9,999, 10,000 and 10,001 users on purpose;
 * some users travel; some tie.
 */
import { Draft } from '#modules/landscape/index';

/** Seeded, and the same on every machine. */
function mix(x: number, salt: number): number {
  let h = Math.imul(x ^ salt, 0x9e3779b1) >>> 0;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b) >>> 0;
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35) >>> 0;
  return (h ^ (h >>> 16)) >>> 0;
}

/** 2025-01-01; the two quarters are 181 days. */
const firstDay = 20_089;
const quarterDays = [90, 91] as const;
const quarters = ['2025-Q1', '2025-Q2'] as const;
const monthDays = [31, 28, 31, 30, 31, 30] as const;
const classes = ['web', 'local', 'network'] as const;
const families = ['mirai', 'qakbot', 'andromeda', 'conficker', 'avalanche', 'necurs', 'flubot'] as const;

const quarterOf = (day: number): number => (day < quarterDays[0] ? 0 : 1);
function monthOf(day: number): string {
  let rest = day;
  for (let m = 0; m < monthDays.length; m++) {
    const size = monthDays[m] ?? 31;
    if (rest < size) return `2025-0${m + 1}`;
    rest -= size;
  }
  return '2025-06';
}
const periodsOf = (day: number): string[] => [monthOf(day), quarters[quarterOf(day)] ?? '', '2025'];

export const areaNames: readonly string[] = Array.from({ length: 200 }, (_, i) => {
  // VN first; the others are codes that no list of addresses knows, so that the rows' own word counts.
  if (i === 0) return 'VN';
  return String.fromCharCode(65 + Math.floor(i / 26)) + String.fromCharCode(65 + i % 26);
});

export interface Truth {
  /** `series period area` to numerator; for users also the denominator. */
  readonly counts: Map<string, number>;
  readonly users: Map<string, number>;
  rows: number;
}

/** `id` is the row's own within its kind; `user` from 1, 0 where the row is nobody's. */
export type Emit = (draft: Draft, id: number, user: number) => void;

/** Users of each area: skewed, and three of them at the floor. */
export function populations(users: number): number[] {
  const weights = areaNames.map((_, i) => 1 / (i + 1.5));
  const sum = weights.reduce((x, y) => x + y, 0);
  const sizes = weights.map((w) => Math.floor((users * w) / sum));
  sizes[197] = 9_999;
  sizes[198] = 10_000;
  sizes[199] = 10_001;
  return sizes;
}

/**
 * Makes about `events` rows beside the heartbeats of `users` users; tells each row and answers what is true of them. `pause` is
 * waited for every few thousand rows, so that whoever takes them keeps pace.
 */
export async function makeCountry(events: number, users: number, emit: Emit, pause: () => Promise<void>): Promise<Truth> {
  const truth: Truth = { counts: new Map(), users: new Map(), rows: 0 };
  const draft = new Draft();
  const send = (day: number, second: number, kind: Draft['kind'], set: (d: Draft) => void, id: number): void => {
    draft.reset();
    draft.time = (firstDay + day) * 86_400 + second % 86_400;
    draft.kind = kind;
    draft.type = kind;
    draft.reportType = 'events';
    set(draft);
    truth.rows += 1;
    emit(draft, id, Number(draft.user));
  };
  const add = (map: Map<string, number>, key: string, n = 1): void => void map.set(key, (map.get(key) ?? 0) + n);
  await makeUsers(users, events, send, truth, add, pause);
  await makeAddresses(Math.round(events * 0.15 / 3), send, truth, add, pause);
  await makeAttackers(Math.round(events * 0.2 / 5), send, truth, add, pause);
  await makeSites(Math.round(events * 0.03 / 2), send, truth, add, pause);
  return truth;
}

type Send = (day: number, second: number, kind: Draft['kind'], set: (d: Draft) => void, id: number) => void;
type Pause = () => Promise<void>;
type Add = (map: Map<string, number>, key: string, n?: number) => void;

async function makeUsers(users: number, events: number, send: Send, truth: Truth, add: Add, pause: Pause): Promise<void> {
  const sizes = populations(users);
  // Detections fill what the other kinds leave; an attacked user has one to eight.
  const perUser = Math.max(0.02, (events * 0.62) / (users * 2) / 3.5);
  let u = 0;
  for (const [a, size] of sizes.entries()) {
    const area = areaNames[a] ?? '';
    // Each area its own risk, so that ranks differ from sizes.
    const risk = Math.min(9_000, Math.floor(10_000 * perUser * (0.5 + (mix(a, 3) % 1000) / 1000)));
    for (let i = 0; i < size; i++, u++) {
      if (u % 4096 === 0) await pause();
      for (let q = 0; q < 2; q++) oneUser(u, q, area, risk, send, truth, add);
    }
  }
}

function oneUser(u: number, q: number, area: string, risk: number, send: Send, truth: Truth, add: Add): void {
  const start = q === 0 ? 0 : quarterDays[0];
  const h = mix(u, 11 + q);
  const period = quarters[q] ?? '';
  const user = String(u + 1);
  const day = start + h % 80;
  const traveller = u % 97 === 0;
  const heartbeat = (at: number, second: number, where: string, n: number): void =>
    send(at, second, 'user-heartbeat', (d) => { d.user = user; d.area = where; }, u * 16 + q * 8 + n);
  // Never at midnight sharp: the tie below is won by the later.
  const second = 1 + (h >>> 8) % 86_000;
  heartbeat(day, second, area, 0);
  if (traveller) {
    // Two days at home and one abroad; every other traveller ties, and was at home last.
    const abroad = areaNames[(areaNames.indexOf(area) + 7) % 200] ?? '';
    if (u % 2 === 0) heartbeat(day + 1, second, area, 1);
    heartbeat(u % 2 === 0 ? day + 2 : day, 0, abroad, 2);
  }
  add(truth.users, `${period} ${area}`);
  if (q === 0) add(truth.users, `2025 ${area}`);
  let hit = 0;
  if (h % 10_000 < risk) {
    const n = 1 + mix(u, 17 + q) % 6;
    for (let k = 0; k < n; k++) {
      const at = start + mix(u * 8 + k, 19 + q) % (quarterDays[q] ?? 90);
      // A detection is where the user lives: it must not move the home of a user who was seen once.
      const family = classes[(u + k) % 3] ?? '';
      send(at, mix(u * 8 + k, 23), 'user-detection', (d) => { d.user = user; d.area = area; d.family = family; }, u * 16 + q * 8 + k);
    }
    hit = 1;
    add(truth.counts, `users-at-risk ${period} ${area}`);
  }
  const before = q === 1 && mix(u, 11) % 10_000 < risk;
  if (hit === 1 && !before) add(truth.counts, `users-at-risk 2025 ${area}`);
}

function setAddress(d: Draft, n: number, net: number): void {
  // 10.0.0.0/8 and beyond it fd00::/8: no list knows them.
  if (n < 1 << 24) d.setIp(`10.${(n >>> 16) & 255}.${(n >>> 8) & 255}.${n & 255}`);
  else d.setIp(`fd00:${net.toString(16)}::${(n >>> 16).toString(16)}:${(n & 65_535).toString(16)}`);
}

async function makeAddresses(addresses: number, send: Send, truth: Truth, add: Add, pause: Pause): Promise<void> {
  for (let n = 0; n < addresses; n++) {
    if (n % 4096 === 0) await pause();
    const h = mix(n, 31);
    const area = areaNames[Math.floor((h % 200) * (mix(n, 37) % 1000) / 1000)] ?? 'VN';
    const days = new Set<number>();
    // One to five sightings from a first day on; a third of the addresses stay into the second quarter.
    const sightings = 1 + h % 5;
    for (let k = 0; k < sightings; k++) days.add((mix(n, 41) + k * (n % 3 === 0 ? 31 : 1)) % 181);
    const periods = new Set<string>();
    let k = 0;
    for (const day of days) {
      send(day, mix(n * 8 + k, 43), 'infection', (d) => {
        setAddress(d, n, 1);
        d.area = area;
        d.family = families[n % 7] ?? '';
        d.asn = 64_512 + n % 500;
      }, n * 8 + k);
      for (const period of periodsOf(day)) periods.add(period);
      k += 1;
    }
    for (const period of periods) add(truth.counts, `computers-infected ${period} ${area}`);
  }
}

async function makeAttackers(attackers: number, send: Send, truth: Truth, add: Add, pause: Pause): Promise<void> {
  for (let n = 0; n < attackers; n++) {
    if (n % 4096 === 0) await pause();
    const area = areaNames[Math.floor((mix(n, 51) % 200) * (mix(n, 53) % 1000) / 1000)] ?? 'VN';
    const attacks = 1 + mix(n, 57) % 9;
    for (let k = 0; k < attacks; k++) {
      const day = mix(n * 16 + k, 59) % 181;
      send(day, mix(n * 16 + k, 61), 'attack', (d) => {
        setAddress(d, n, 2);
        d.area = area;
        d.family = 'ssh';
        d.asn = 64_512 + n % 300;
      }, n * 16 + k);
      for (const period of periodsOf(day)) add(truth.counts, `attacks-by-origin ${period} ${area}`);
    }
  }
}

async function makeSites(sites: number, send: Send, truth: Truth, add: Add, pause: Pause): Promise<void> {
  for (let n = 0; n < sites; n++) {
    if (n % 4096 === 0) await pause();
    const days = new Set<number>();
    for (let k = 0; k < 1 + n % 3; k++) {
      const day = mix(n * 4 + k, 71) % 181;
      // Two pages of one site on one day are one attack.
      for (let page = 0; page < 1 + n % 2; page++) {
        send(day, mix(n * 4 + k, 73) + page, 'website-attack', (d) => {
          d.domain = `www${page}.site${n}.com.vn`;
          d.area = 'VN';
        }, n * 8 + k * 2 + page);
      }
      days.add(day);
    }
    for (const day of days) for (const period of periodsOf(day)) add(truth.counts, `websites-attacked ${period} VN`);
  }
}
