/**
 * An event of MISP's core format (Internet-Draft dulaunoy-misp-core-format) as we hold it: what travels between instances. Numbers that
 * count within one instance (`id`, `event_id`, `org_id`) are not part of it. A time is seconds since 1970, 0 where nobody said.
 */

/** What is lost on a way, or not taken in: where, what, and why. */
export interface Loss {
  /** JSON pointer into what was given. */
  readonly path: string;
  readonly what: string;
  readonly why: string;
}
export interface MispProblem {
  readonly path: string;
  readonly text: string;
}
export interface Org {
  readonly uuid: string;
  readonly name: string;
}
export interface Tag {
  readonly name: string;
  readonly colour: string | null;
  /** Of this instance only. */
  readonly local: boolean;
  readonly relationship: string | null;
}
export interface SharingGroup {
  readonly uuid: string;
  readonly name: string;
  readonly releasability: string;
}
export interface Cluster {
  readonly uuid: string;
  readonly value: string;
  readonly tag: string;
  readonly description: string;
  readonly source: string;
  readonly authors: readonly string[];
  readonly version: string;
  readonly local: boolean;
  readonly meta: Readonly<Record<string, readonly string[]>>;
}
export interface Galaxy {
  readonly uuid: string;
  readonly name: string;
  readonly type: string;
  readonly description: string;
  readonly version: string;
  readonly namespace: string;
  readonly icon: string;
  readonly clusters: readonly Cluster[];
}
/** 0 seen, 1 seen and false, 2 ends. */
export type SightingKind = 0 | 1 | 2;
export interface Sighting {
  readonly uuid: string;
  readonly kind: SightingKind;
  readonly at: number;
  readonly source: string;
  readonly org: Org | null;
}
/** What attributes, objects and reports have in common. Distribution 5 is that of what is around it. */
export interface Shared {
  readonly uuid: string;
  readonly timestamp: number;
  readonly distribution: number;
  readonly sharingGroup: SharingGroup | null;
  readonly deleted: boolean;
}
export interface Marked {
  readonly tags: readonly Tag[];
  readonly galaxies: readonly Galaxy[];
}
export interface Attribute extends Shared, Marked {
  readonly type: string;
  readonly category: string;
  readonly value: string;
  readonly toIds: boolean;
  readonly comment: string;
  /** As it was sent; null where nobody said. */
  readonly firstSeen: string | null;
  readonly lastSeen: string | null;
  readonly uncorrelated: boolean;
  /** File of an attachment or sample, base64. */
  readonly data: string | null;
  /** What it is in its object; null outside of objects. */
  readonly relation: string | null;
  readonly sightings: readonly Sighting[];
}
export interface Reference {
  readonly uuid: string;
  readonly target: string;
  readonly type: string;
  readonly comment: string;
  readonly timestamp: number;
  readonly deleted: boolean;
}
export interface MispObject extends Shared {
  readonly name: string;
  readonly metaCategory: string;
  readonly description: string;
  readonly templateUuid: string | null;
  readonly templateVersion: string;
  readonly comment: string;
  readonly firstSeen: string | null;
  readonly lastSeen: string | null;
  readonly attributes: readonly Attribute[];
  readonly references: readonly Reference[];
}
export interface Report extends Shared {
  readonly name: string;
  readonly content: string;
}
export interface MispEvent extends Marked {
  readonly uuid: string;
  readonly info: string;
  /** `2026-01-31`. */
  readonly date: string;
  readonly timestamp: number;
  readonly published: boolean;
  readonly publishedAt: number;
  /** 1 high, 2 medium, 3 low, 4 undefined. */
  readonly threatLevel: number;
  /** 0 initial, 1 ongoing, 2 complete. */
  readonly analysis: number;
  readonly distribution: number;
  readonly sharingGroup: SharingGroup | null;
  /** The event that this one adds to. */
  readonly extends: string | null;
  /** Who has it, and who made it. */
  readonly org: Org | null;
  readonly orgc: Org | null;
  readonly attributes: readonly Attribute[];
  readonly objects: readonly MispObject[];
  readonly reports: readonly Report[];
}

export interface MispLimits {
  readonly events: number;
  /** Attributes, objects, references, sightings, tags and clusters of all events together. */
  readonly things: number;
  /** Characters of a value, a comment or a name. */
  readonly text: number;
  /** Characters of a file or a report. */
  readonly long: number;
  /** Problems and losses that are kept. */
  readonly notes: number;
}
export const mispLimits: MispLimits = { events: 10_000, things: 1_000_000, text: 65_536, long: 64 * 1_048_576, notes: 1000 };

export type Json = Readonly<Record<string, unknown>>;
/** Namespace of ids that are made from those of MISP. */
export const mispNamespace = '3c1f6f3a-6e0d-5d43-9d2c-0c9a6a1f4b77';
export const uuidShape = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** A list with at most so many notes; `more` says that there were further ones. */
export class Noted {
  readonly problems: MispProblem[] = [];
  readonly losses: Loss[] = [];
  more = false;
  private readonly limit: number;
  constructor(limit: number) {
    this.limit = limit;
  }
  problem(path: string, text: string): void {
    if (this.problems.length >= this.limit) this.more = true;
    else this.problems.push({ path, text });
  }
  lose(path: string, what: string, why: string): void {
    if (this.losses.length >= this.limit) this.more = true;
    else this.losses.push({ path, what, why });
  }
}
