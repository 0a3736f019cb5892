/** The equations of CVSS 2.0 (FIRST, June 2007, section 3.2). */
import type { Scored, ValueOf } from './three.ts';

const accessVector = { L: 0.395, A: 0.646, N: 1 } as Readonly<Record<string, number>>;
const complexity = { H: 0.35, M: 0.61, L: 0.71 } as Readonly<Record<string, number>>;
const authentication = { M: 0.45, S: 0.56, N: 0.704 } as Readonly<Record<string, number>>;
const impact = { N: 0, P: 0.275, C: 0.66 } as Readonly<Record<string, number>>;
const exploitability = { U: 0.85, POC: 0.9, F: 0.95 } as Readonly<Record<string, number>>;
const remediation = { OF: 0.87, TF: 0.9, W: 0.95 } as Readonly<Record<string, number>>;
const confidence = { UC: 0.9, UR: 0.95 } as Readonly<Record<string, number>>;
const damage = { L: 0.1, LM: 0.3, MH: 0.4, H: 0.5 } as Readonly<Record<string, number>>;
const distribution = { N: 0, L: 0.25, M: 0.75 } as Readonly<Record<string, number>>;
const requirement = { L: 0.5, H: 1.51 } as Readonly<Record<string, number>>;

/** To one decimal. The small part mends what doubles cannot hold, as 4.15. */
const round1 = (x: number): number => Math.round((x + 1e-9) * 10) / 10;

export function scores2(value: ValueOf): Scored {
  const weight = (name: string, table: Readonly<Record<string, number>>, none: number): number => table[value(name)] ?? none;
  const harm = (needs: boolean): number => 10.41 * (1 - ['C', 'I', 'A'].reduce((left, name) => {
    return left * (1 - weight(name, impact, 0) * (needs ? weight(`${name}R`, requirement, 1) : 1));
  }, 1));
  const ease = 20 * weight('AV', accessVector, 0) * weight('AC', complexity, 0) * weight('Au', authentication, 0);
  const baseOf = (hurt: number): number => Math.max(0, round1((0.6 * hurt + 0.4 * ease - 1.5) * (hurt === 0 ? 0 : 1.176)));
  const later = (base: number): number => {
    return round1(base * weight('E', exploitability, 1) * weight('RL', remediation, 1) * weight('RC', confidence, 1));
  };
  return {
    base: () => baseOf(harm(false)),
    threat: () => later(baseOf(harm(false))),
    environmental: () => {
      const adjusted = later(baseOf(Math.min(10, harm(true))));
      return round1((adjusted + (10 - adjusted) * weight('CDP', damage, 0)) * weight('TD', distribution, 1));
    },
  };
}
