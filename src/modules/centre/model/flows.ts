/**
 * A *comparison*: where a product's machine was seen to send, in a capture that a reviewer made, against what its provider declares for the
 * release under review (docs/specs/flows.md). The capture is read and not kept: its digest, its size and what came of it are.
 */
import { z } from 'zod';
import { occasions, reasons, tellers, transports } from '#kit/flows/terms';
import { Flaw } from '../model.ts';

const Count = z.number().int();
const Hour = z.iso.datetime().nullable();

/** Ways and names of one comparison that are kept and listed; how many there were is told. */
export const listedMost = 1_000;

export const FlowCounts = z.strictObject({
  packets: Count,
  /** Not of IP, or of a link that is not read. */
  unread: Count, ways: Count, undeclared: Count,
  /** Names that were looked up and that no flow names. */
  lookedUp: Count, flows: Count,
  /** Declared flows that nothing was seen of. */
  unseen: Count,
});
export type FlowCounts = z.infer<typeof FlowCounts>;

export const Comparison = z.strictObject({
  id: z.string(), visit: z.string(), at: z.iso.datetime(), byName: z.string(),
  declaration: z.strictObject({ artefact: z.string(), name: z.string(), sha256: z.string() }),
  capture: z.strictObject({ sha256: z.string(), bytes: Count, brokenOff: z.boolean() }),
  devices: z.array(z.string()), lab: z.array(z.string()), counts: FlowCounts,
  /** Undeclared ways that stand in no finding yet. */
  open: Count,
});
export type Comparison = z.infer<typeof Comparison>;

export const UndeclaredWay = z.strictObject({
  /** Its place in the list. */
  way: Count, host: z.string().nullable(), toldBy: z.enum(tellers).nullable(), address: z.string(), transport: z.enum([...transports, 'other']),
  port: Count.nullable(), packets: Count, bytes: Count, firstAt: Hour, lastAt: Hour, why: z.enum(reasons),
  /** The finding that it stands in. */
  flaw: z.string().nullable(),
});
export type UndeclaredWay = z.infer<typeof UndeclaredWay>;

export const LookedUp = z.strictObject({ host: z.string(), times: Count, flaw: z.string().nullable() });
export type LookedUp = z.infer<typeof LookedUp>;

/** A declared flow, and what was seen of it. */
export const ComparedFlow = z.strictObject({
  flow: Count, to: z.array(z.string()),
  /** Destinations beyond those that are named here. */
  more: Count, purpose: z.string(), when: z.enum(occasions), ways: Count, packets: Count, bytes: Count,
});
export type ComparedFlow = z.infer<typeof ComparedFlow>;

export const ComparisonShown = z.strictObject({
  comparison: Comparison, productName: z.string(), version: z.string(), undeclared: z.array(UndeclaredWay), lookedUp: z.array(LookedUp),
  flows: z.array(ComparedFlow), flaws: z.array(z.strictObject({ id: z.string(), title: z.string(), state: Flaw.shape.state })),
});
export type ComparisonShown = z.infer<typeof ComparisonShown>;

/** What is told while a capture is read, line by line. */
export const ComparisonNews = z.discriminatedUnion('phase', [
  z.strictObject({ phase: z.literal('reading'), bytes: Count }), z.strictObject({ phase: z.literal('done'), comparison: Comparison }),
  z.looseObject({ phase: z.literal('failed') }),
]);
export type ComparisonNews = z.infer<typeof ComparisonNews>;
