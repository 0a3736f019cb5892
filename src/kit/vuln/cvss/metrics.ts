/** The metrics of CVSS 2, 3.0, 3.1 and 4.0 with their values, in the order in which each specification writes them, by FIRST's documents. */

export type CvssVersion = '2.0' | '3.0' | '3.1' | '4.0';
export type Group = 'base' | 'threat' | 'environmental' | 'supplemental';

export interface Metric {
  readonly name: string;
  readonly group: Group;
  readonly values: readonly string[];
  /** The value that says nothing: what is left out has it. Null where the metric must stand. */
  readonly none: string | null;
}

const must = (name: string, values: string): Metric => ({ name, group: 'base', values: values.split(' '), none: null });
const may = (group: Group, none: string) => (name: string, values: string): Metric => ({ name, group, values: [none, ...values.split(' ')], none });

const later2 = may('threat', 'ND');
const local2 = may('environmental', 'ND');
const metrics2: readonly Metric[] = [
  must('AV', 'L A N'), must('AC', 'H M L'), must('Au', 'M S N'), must('C', 'N P C'), must('I', 'N P C'), must('A', 'N P C'),
  later2('E', 'U POC F H'), later2('RL', 'OF TF W U'), later2('RC', 'UC UR C'),
  local2('CDP', 'N L LM MH H'), local2('TD', 'N L M H'), local2('CR', 'L M H'), local2('IR', 'L M H'), local2('AR', 'L M H'),
];

const later = may('threat', 'X');
const local = may('environmental', 'X');
const metrics3: readonly Metric[] = [
  must('AV', 'N A L P'), must('AC', 'L H'), must('PR', 'N L H'), must('UI', 'N R'), must('S', 'U C'), must('C', 'N L H'), must('I', 'N L H'),
  must('A', 'N L H'),
  later('E', 'U P F H'), later('RL', 'O T W U'), later('RC', 'U R C'),
  local('CR', 'L M H'), local('IR', 'L M H'), local('AR', 'L M H'),
  local('MAV', 'N A L P'), local('MAC', 'L H'), local('MPR', 'N L H'), local('MUI', 'N R'), local('MS', 'U C'), local('MC', 'N L H'),
  local('MI', 'N L H'), local('MA', 'N L H'),
];

const beside = may('supplemental', 'X');
const metrics4: readonly Metric[] = [
  must('AV', 'N A L P'), must('AC', 'L H'), must('AT', 'N P'), must('PR', 'N L H'), must('UI', 'N P A'),
  must('VC', 'H L N'), must('VI', 'H L N'), must('VA', 'H L N'), must('SC', 'H L N'), must('SI', 'H L N'), must('SA', 'H L N'),
  later('E', 'A P U'),
  local('CR', 'H M L'), local('IR', 'H M L'), local('AR', 'H M L'),
  local('MAV', 'N A L P'), local('MAC', 'L H'), local('MAT', 'N P'), local('MPR', 'N L H'), local('MUI', 'N P A'),
  local('MVC', 'H L N'), local('MVI', 'H L N'), local('MVA', 'H L N'), local('MSC', 'H L N'), local('MSI', 'S H L N'), local('MSA', 'S H L N'),
  beside('S', 'N P'), beside('AU', 'N Y'), beside('R', 'A U I'), beside('V', 'D C'), beside('RE', 'L M H'), beside('U', 'Clear Green Amber Red'),
];

export const metricsOf: Readonly<Record<CvssVersion, readonly Metric[]>> = { '2.0': metrics2, '3.0': metrics3, '3.1': metrics3, '4.0': metrics4 };
