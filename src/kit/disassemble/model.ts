/**
 * Words of showing machine code as instructions: which machine it is for, the stretch of code that a tool is given, the instructions it
 * read, and both sides set against each other. Types and tables only, so that pages read them too.
 */

export const machines = ['x86-64', 'i386', 'aarch64', 'arm', 'thumb', 'riscv64', 'riscv32', 'ppc64', 'ppc', 's390x', 'mips64', 'mips'] as const;
export type MachineName = (typeof machines)[number];
export interface Machine { readonly name: MachineName; readonly little: boolean }

/** Bare code, without the file that it comes from, and where its first byte is loaded. */
export interface Code { readonly machine: Machine; readonly address: bigint; readonly bytes: Uint8Array }

/**
 * Why there are no instructions: no room to shut the tool in, no tool, a machine that is not known here, too many who ask at once, a tool
 * that was ended or failed, or an answer that is none.
 */
export const unreads = ['no-sandbox', 'no-tool', 'unknown-machine', 'busy', 'ended', 'unreadable'] as const;
export type Unread = (typeof unreads)[number];

/** What a tool says of code, as text; whoever runs one shuts it in. */
export type Decode = (code: Code) => Promise<{ readonly ok: true; readonly text: string } | { readonly ok: false; readonly why: Unread }>;

export interface Instruction {
  /** Its place in the part, in bytes. */
  readonly at: number;
  /** Where it is loaded, in lower-case hex. */
  readonly address: string;
  /** Its bytes, in lower-case hex. */
  readonly bytes: string;
  readonly text: string;
}

/**
 * `same`: the same bytes say the same. `moved`: the same bytes, which lead elsewhere since they stand elsewhere. `encoded`: the same
 * instruction in other bytes. `changed`: one in the place of another. The rest stand on one side alone.
 */
export const rowKinds = ['same', 'moved', 'encoded', 'changed', 'only-shipped', 'only-rebuilt'] as const;
export type RowKind = (typeof rowKinds)[number];
export interface Row { readonly is: RowKind; readonly shipped: Instruction | null; readonly rebuilt: Instruction | null }

export interface Disassembly {
  readonly machine: MachineName;
  /** Whether decoding began where a function or section begins, on both sides; else the first instructions may be misread. */
  readonly inStep: boolean;
  readonly rows: readonly Row[];
}
export type Disassembled = ({ readonly ok: true } & Disassembly) | { readonly ok: false; readonly why: Unread };
