/**
 * A room in which somebody else’s build runs: no network, nothing writable but one folder, processes of its own, a person without
 * rights, a bound on time, memory and log. Where no such room can be had, the answer is a sentence, not a build outside of one.
 */

export interface SandboxJob {
  /** The one folder that may be written; it stands at `at` inside. */
  readonly folder: string;
  /** Below `/tmp`, which is empty otherwise. */
  readonly at: string;
  /** What else is put there, read-only: `to` below `/tmp` too. */
  readonly readOnly: readonly { readonly from: string; readonly to: string }[];
  /**
   * What stands there beside: the whole machine, read-only, as a build needs it; or its programs and their libraries alone, for what
   * reads somebody else's bytes and has no business with anything that lies here.
   */
  readonly shows: 'machine' | 'programs';
  readonly command: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
  readonly seconds: number;
  readonly megabytes: number;
  /** Both streams, as they come. What is beyond `logBytes` ends the build. */
  readonly log: (chunk: Uint8Array) => void;
  readonly logBytes: number;
}

export interface SandboxEnd {
  /** Null where it was stopped. */
  readonly exit: number | null;
  readonly stopped: 'time' | 'memory' | 'log' | null;
}

export interface Sandbox {
  /** `bubblewrap` or `namespaces`; a build states it. */
  readonly kind: string;
  /** Ends when the command and all that it began have ended. */
  run(job: SandboxJob): Promise<SandboxEnd>;
  /** Gives a folder to the person who builds, all of it. */
  hand(folder: string): Promise<void>;
}

/** There is no room here to build in. */
export class NoSandbox extends Error {
  override readonly name = 'NoSandbox';
}
