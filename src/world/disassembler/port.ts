/**
 * Turns bare machine code into instructions, as text. What reads it was made for friendly files and is given hostile bytes, so it never
 * runs but in a sandbox, bounded in time, memory and words; where there is no tool or no sandbox, that is the answer.
 */
import type { Decode } from '#kit/disassemble/model';

export interface Disassembler {
  /** Never throws for what the code, the tool or the machine is. */
  readonly decode: Decode;
}
