/** An event of MISP as objects of STIX 2.1, with what is lost on the way: measured by taking them back. */
import type { StixObject } from '#kit/stix/object';
import type { TlpLevel } from '#kit/stix/tlp';
import { mispLosses } from './loss.ts';
import { Making } from './make.ts';
import type { Loss, MispEvent } from './model.ts';
import { take } from './take.ts';
import { eventJson } from './write.ts';

export interface ToStix {
  /** Markings and identities first where they are needed first; the report or grouping last. */
  readonly objects: readonly StixObject[];
  /** The narrowest TLP tag of the event; null where it has none: then nothing is marked but what has a tag itself. */
  readonly level: TlpLevel | null;
  readonly losses: readonly Loss[];
}

export function toStix(event: MispEvent): ToStix {
  const made = new Making(event);
  const objects = [...made.objects.values()];
  const [back] = take(objects);
  return { objects, level: made.level, losses: mispLosses(eventJson(event), back && eventJson(back)) };
}
