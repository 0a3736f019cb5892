/**
 * `entente compare --disassemble`: the instructions around each difference of code, on a terminal or as JSON. What was shown with one
 * difference is not shown again with the next.
 */
import type { Comparison, Difference } from '#kit/compare/model';
import { partWithin, type PartWithin } from '#kit/compare/within';
import { disassembled } from '#kit/disassemble/disassemble';
import type { Decode, Disassembled, Instruction, Row, Unread } from '#kit/disassemble/model';

/** Regions, and places in each, that are told. */
const [mostRegions, mostRuns] = [40, 20];

/** Instructions around one differing place; of the region’s places in order. */
export type Told = { readonly part: readonly string[]; readonly region: string; readonly run: number } & Disassembled;
export interface AllTold {
  readonly told: readonly Told[];
  /** Regions of code, or places in them, that are not told. */
  readonly leftOut: number;
}

/** The end of what was shown of the shipped side. */
const endOf = (rows: readonly Row[]): number =>
  rows.reduce((end, { shipped }) => (shipped === null ? end : Math.max(end, shipped.at + shipped.bytes.length / 2)), 0);

async function ofRegion(a: PartWithin | null, b: PartWithin | null, difference: Difference, decode: Decode): Promise<AllTold> {
  const told: Told[] = [];
  let [seen, leftOut] = [-1, 0];
  for (const [run, at] of difference.runs.entries()) {
    if (at.shipped.to <= seen) continue;
    if (told.length >= mostRuns) {
      leftOut++;
      continue;
    }
    const found = await disassembled(a, b, difference, at, decode);
    if (found === null) break;
    told.push({ part: difference.part, region: difference.region, run, ...found });
    if (!found.ok) break;
    seen = endOf(found.rows);
  }
  return { told, leftOut };
}

export async function allDisassembled(shipped: Uint8Array, rebuilt: Uint8Array, name: string, found: Comparison, decode: Decode): Promise<AllTold> {
  const code = found.differences.filter((d) => d.executable && d.runs.length > 0);
  const told: Told[] = [];
  let leftOut = Math.max(0, code.length - mostRegions);
  for (const difference of code.slice(0, mostRegions)) {
    const [a, b] = [await partWithin(shipped, difference.part, name), await partWithin(rebuilt, difference.part, name)];
    const region = await ofRegion(a, b, difference, decode);
    told.push(...region.told);
    leftOut += region.leftOut;
  }
  return { told, leftOut };
}

const whyNot: Readonly<Record<Unread, string>> = {
  'no-sandbox': 'no instructions: this machine lets no program be shut in, and objdump reads other people’s code nowhere else (bubblewrap, or root on Linux)',
  'no-tool': 'no instructions: objdump (binutils) is not installed',
  'unknown-machine': 'no instructions: the objdump here does not know this machine (binutils-multiarch knows more)',
  busy: 'no instructions: too many ask at once',
  ended: 'no instructions: objdump failed, or ran into its bounds',
  unreadable: 'no instructions: what objdump answered is no list of them',
};

const lineOf = (sign: string, { address, bytes, text }: Instruction): string =>
  `    ${sign.padEnd(2)} ${address.padStart(8)}  ${bytes.replaceAll(/../g, '$& ').padEnd(24)} ${text}`;

/** `-` is shipped, `+` rebuilt; `~` says the same in other bytes or leads elsewhere by the same bytes, and stands on both lines. */
function linesOf({ is, shipped, rebuilt }: Row): string[] {
  if (is === 'same') return shipped === null ? [] : [lineOf(' ', shipped)];
  const soft = is === 'moved' || is === 'encoded' ? '~' : '';
  return [...shipped === null ? [] : [lineOf(`-${soft}`, shipped)], ...rebuilt === null ? [] : [lineOf(`+${soft}`, rebuilt)]];
}

export function tellDisassembly({ told, leftOut }: AllTold, out: (line: string) => void): void {
  if (told.length === 0) out('  no differing code of a program that is read here');
  for (const one of told) {
    const place = [...one.part, one.region].join(' > ');
    if (!one.ok) {
      out(`  ${place}: ${whyNot[one.why]}`);
      continue;
    }
    out(`  ${place}, ${one.machine}: - shipped, + rebuilt, ~ alike${one.inStep ? '' : '; the first instructions may be misread'}`);
    for (const row of one.rows) for (const line of linesOf(row)) out(line);
  }
  if (leftOut > 0) out(`  ${leftOut} more places of differing code`);
}
