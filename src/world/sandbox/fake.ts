/** A sandbox that builds nothing: it does to the folder what the test says, and ends as it says. Fails on command. */
import type { Sandbox, SandboxEnd, SandboxJob } from './port.ts';

export function fakeSandbox(does: (job: SandboxJob) => Promise<SandboxEnd>): Sandbox {
  return { kind: 'fake', run: does, hand: () => Promise.resolve() };
}
