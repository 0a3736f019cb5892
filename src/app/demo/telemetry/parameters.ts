/**
 * What the demonstration's raw rows are made to add up to. These are the only places where such figures stand: nothing
 * downstream knows them, everything shown is counted from the rows.
 */

export interface TelemetryParameters {
  readonly seed: number;
  /** Attacks hosted in the home area in one quarter. */
  readonly attacks: { readonly period: string; readonly rows: number };
  /** Users of the home area in one quarter, and the share of them with a detection. */
  readonly users: { readonly period: string; readonly users: number; readonly percent: number };
  /** Distinct (site, day) in one year. */
  readonly websites: { readonly period: string; readonly attacked: number };
  /** Distinct addresses in one year. */
  readonly computers: { readonly period: string; readonly infected: number };
  /**
   * Distinct addresses in botnets by month: all, in ministries' networks, in provincial bodies'. The last but one is the one that is told of;
   * the last only goes on with some that stayed.
   */
  readonly botnets: readonly {
    readonly month: string; readonly all: number; readonly ministries: number; readonly provinces: number; readonly goesOn?: true;
  }[];
  /** Rows a quarter of the smaller series around them. */
  readonly trend: number;
  /** Rows of other areas in the quarter and year above. */
  readonly elsewhere: number;
  /** Users of each other ranked area; at least the floor. */
  readonly rankedUsers: number;
  /** How many other areas are ranked. */
  readonly rankedAreas: number;
}

const monthAfter = (month: string, more: number): string =>
  new Date(Date.UTC(Number(month.slice(0, 4)), Number(month.slice(5)) - 1 + more, 1)).toISOString().slice(0, 7);

const whole: TelemetryParameters = {
  seed: 20_181_231,
  attacks: { period: '2018-Q4', rows: 992_952 },
  users: { period: '2018-Q4', users: 104_000, percent: 21.5 },
  websites: { period: '2019', attacked: 4000 },
  computers: { period: '2019', infected: 410_000 },
  botnets: [
    ...([[18, 157], [17, 155], [18, 158], [16, 150], [17, 149], [15, 146], [16, 148], [15, 141], [15, 140], [14, 139]] as const)
      .map(([ministries, provinces], i) => ({ month: monthAfter('2022-07', i), all: 9000 + 211 * i, ministries, provinces })),
    { month: '2023-05', all: 402_310, ministries: 15, provinces: 137 },
    { month: '2023-06', all: 410_828, ministries: 14, provinces: 134 },
    { month: '2023-07', all: 9120, ministries: 11, provinces: 109, goesOn: true },
  ],
  trend: 24_000,
  elsewhere: 120_000,
  rankedUsers: 11_000,
  rankedAreas: 12,
};

/** The parameters, smaller by a factor where a test asks for it. Users stay above the floor so that ranks exist. */
export function parametersAt(scale: number): TelemetryParameters {
  if (scale === 1) return whole;
  const less = (count: number, least: number): number => Math.max(least, Math.round(count * scale));
  return {
    ...whole,
    attacks: { ...whole.attacks, rows: less(whole.attacks.rows, 500) },
    users: { ...whole.users, users: less(whole.users.users, 12_000) },
    websites: { ...whole.websites, attacked: less(whole.websites.attacked, 50) },
    computers: { ...whole.computers, infected: less(whole.computers.infected, 500) },
    botnets: whole.botnets.map((b) => ({ ...b, all: less(b.all, 300) })),
    trend: less(whole.trend, 100), elsewhere: less(whole.elsewhere, 300),
    rankedUsers: less(whole.rankedUsers, 10_100), rankedAreas: less(whole.rankedAreas, 3),
  };
}

export const home = 'VN';

/** Other areas, the busiest first. */
export const areas = [
  'US', 'CN', 'RU', 'BR', 'IN', 'DE', 'NL', 'FR', 'GB', 'ID', 'TH', 'KR', 'JP', 'TW', 'UA', 'IT', 'PL', 'TR', 'MX', 'AR',
  'ES', 'CA', 'MY', 'PH', 'SG', 'HK', 'RO', 'BG', 'IR', 'PK', 'BD', 'EG', 'ZA', 'NG', 'KE', 'CO', 'CL', 'PE', 'AU', 'SE',
  'CZ', 'GR', 'PT', 'AT', 'CH', 'KZ', 'KH', 'LA', 'MM', 'LK',
] as const;

/** Areas abroad where sensors saw attacks that came from the home area. */
export const sensorsAbroad = areas.slice(0, 14);

/** Shares of users with a detection, in percent, in the other ranked areas: two above the home area's, the rest below. */
export const shares = [27.3, 23.8, 19.9, 18.4, 17.2, 16.6, 15.1, 14.4, 12.9, 11.7, 10.2, 8.8] as const;

/** Areas about the floor of the ranking: one user short of it, exactly on it, and some far below. */
export const edges = [
  { area: 'KH', users: 9999, percent: 30.1 }, { area: 'LA', users: 10_000, percent: 9.4 }, { area: 'MM', users: 2400, percent: 28.8 },
  { area: 'LK', users: 1200, percent: 12.5 },
] as const;
