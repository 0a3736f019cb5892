/**
 * The equations of CVSS 3.0 and 3.1 (FIRST, sections 7 and 8.1). They differ in the environmental impact where scope changes, and in
 * how is rounded up: the second says it by whole numbers, so that no engine's doubles decide.
 */
export type ValueOf = (name: string) => string;
export interface Scored {
  base(): number;
  threat(): number;
  environmental(): number;
}

type Weights = Readonly<Record<string, number>>;
const vector: Weights = { N: 0.85, A: 0.62, L: 0.55, P: 0.2 };
const complexity: Weights = { L: 0.77, H: 0.44 };
const privileges: Weights = { N: 0.85, L: 0.62, H: 0.27 };
const privilegesChanged: Weights = { N: 0.85, L: 0.68, H: 0.5 };
const interaction: Weights = { N: 0.85, R: 0.62 };
const impact: Weights = { N: 0, L: 0.22, H: 0.56 };
const maturity: Weights = { U: 0.91, P: 0.94, F: 0.97 };
const remediation: Weights = { O: 0.95, T: 0.96, W: 0.97 };
const confidence: Weights = { U: 0.92, R: 0.96 };
const requirement: Weights = { L: 0.5, H: 1.5 };

function up31(x: number): number {
  const whole = Math.round(x * 100_000);
  return whole % 10_000 === 0 ? whole / 100_000 : (Math.floor(whole / 10_000) + 1) / 10;
}
const up30 = (x: number): number => Math.ceil(x * 10) / 10;

export function scores3(value: ValueOf, one: boolean): Scored {
  const up = one ? up31 : up30;
  const score = (pick: ValueOf, needs: boolean): number => {
    const changed = pick('S') === 'C';
    const left = ['C', 'I', 'A'].reduce((rest, name) => rest * (1 - (impact[pick(name)] ?? 0) * (needs ? requirement[value(`${name}R`)] ?? 1 : 1)), 1);
    const sub = needs ? Math.min(1 - left, 0.915) : 1 - left;
    const bent = needs && one ? (sub * 0.9731 - 0.02) ** 13 : (sub - 0.02) ** 15;
    const harm = changed ? 7.52 * (sub - 0.029) - 3.25 * bent : 6.42 * sub;
    const ease = 8.22 * (vector[pick('AV')] ?? 0) * (complexity[pick('AC')] ?? 0)
      * ((changed ? privilegesChanged : privileges)[pick('PR')] ?? 0) * (interaction[pick('UI')] ?? 0);
    return harm <= 0 ? 0 : up(Math.min((changed ? 1.08 : 1) * (harm + ease), 10));
  };
  const later = (base: number): number => up(base * (maturity[value('E')] ?? 1) * (remediation[value('RL')] ?? 1) * (confidence[value('RC')] ?? 1));
  const modified: ValueOf = (name) => value(`M${name}`) || value(name);
  return { base: () => score(value, false), threat: () => later(score(value, false)), environmental: () => later(score(modified, true)) };
}
