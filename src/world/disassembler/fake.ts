/** A disassembler that reads every byte as an instruction of its own, in objdump’s words. Says why not on command. */
import { toHex } from '#kit/encoding';
import type { Unread } from '#kit/disassemble/model';
import type { Disassembler } from './port.ts';

export interface FakeDisassembler extends Disassembler {
  /** Makes the next question be answered so. */
  refuseNext(why: Unread): void;
}

export function fakeDisassembler(): FakeDisassembler {
  const state: { why: Unread | null } = { why: null };
  return {
    refuseNext: (why) => { state.why = why; },
    decode: ({ address, bytes }) => {
      const { why } = state;
      state.why = null;
      const text = Array.from(bytes, (byte, i) => `    ${(address + BigInt(i)).toString(16)}:\t.byte  0x${toHex(Uint8Array.of(byte))}\n`).join('');
      return Promise.resolve(why === null ? { ok: true, text: `\ncode:     file format binary\n\n${text}` } : { ok: false, why });
    },
  };
}
