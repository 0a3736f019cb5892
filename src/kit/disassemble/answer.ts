/**
 * Reads what GNU objdump prints of bare code (`-D -z -w --no-show-raw-insn`): a line for each instruction, with its address and text. The
 * tool read somebody else’s bytes, so nothing but addresses that rise and plain letters is believed; bytes are our own.
 */
import { toHex } from '../encoding.ts';
import type { Code, Instruction } from './model.ts';

/** Longer than any instruction of the machines here, also where the tool takes several for one. */
const longest = 32;
const mostText = 200;
const line = /^ *([0-9a-f]{1,16}):\t([^\n]*)$/gm;

/** ASCII without what moves a cursor; blanks as one. */
const plain = (text: string): string => {
  const clean = text.replaceAll(/[^\x21-\x7e]+/g, ' ').trim();
  return clean === '' ? '(bad)' : clean.slice(0, mostText);
};

/** In order, edge to edge from the first byte to the last; null where the text is no such list. `from` is the first byte’s place in its part. */
export function instructionsIn(text: string, { address, bytes }: Pick<Code, 'address' | 'bytes'>, from: number): Instruction[] | null {
  const found = [...text.matchAll(line)].map(([, at = '', words = '']) => ({ offset: Number(BigInt.asUintN(64, BigInt(`0x${at}`) - address)), at, words }));
  if (found[0]?.offset !== 0) return null;
  const out: Instruction[] = [];
  for (const [i, { offset, at, words }] of found.entries()) {
    const end = found[i + 1]?.offset ?? bytes.length;
    if (end <= offset || end > bytes.length || end - offset > longest) return null;
    out.push({ at: from + offset, address: at, bytes: toHex(bytes.subarray(offset, end)), text: plain(words) });
  }
  return out;
}
