/**
 * A recall as an object of STIX 2.1: a `note` on what is called back, which every reader of the standard can show, with a property
 * extension of ours that a program acts upon. TAXII 2.1 knows no way to tell that something is to be removed; absence tells nobody.
 */
import { createHash } from 'node:crypto';
import { typeOfId, uuidOf } from './id.ts';
import { isStixObject, own, type StixObject } from './object.ts';
import { parseTime } from './time.ts';
import { tlp2Markings, type TlpLevel } from './tlp.ts';

export const recallExtension = 'extension-definition--0b4d9f6e-6d0d-4c5f-9f3e-6a5c0c2b7d51';
/** One recall is one note at one place, whoever writes it. Its number looks random (version 4), as the standard has it of such objects (2.9). */
const noteId = (recall: string, place: string): string =>
  `note--${uuidOf(createHash('sha256').update(`${recallExtension} ${recall} ${place}`).digest('hex').slice(0, 32), 4)}`;

export interface RecallNotice {
  /** Id of the recall at who calls back. */
  readonly id: string;
  /** Ids of the objects that are called back. */
  readonly objects: readonly string[];
  /** One sentence, for people. */
  readonly reason: string;
  /** RFC 3339, UTC. */
  readonly recalledAt: string;
  readonly acknowledgeBy: string;
}

/**
 * The note of a recall. `level` is the label of what is called back, which the note bears too: that it is called back says that it
 * was there. `place` names the collection where the note is read, of which the objects are: at another it is another note.
 */
export function recallNote({ id, objects, reason, recalledAt, acknowledgeBy }: RecallNotice, level: TlpLevel, place = ''): StixObject {
  return {
    type: 'note', spec_version: '2.1', id: noteId(id, place), created: recalledAt, modified: recalledAt,
    abstract: 'Recalled: remove what this note refers to',
    content: `Recalled: ${reason} Remove every copy, and acknowledge by ${acknowledgeBy}.`,
    object_refs: [...objects], object_marking_refs: [tlp2Markings[level]['id']],
    extensions: { [recallExtension]: { extension_type: 'property-extension', recall: id, reason, acknowledge_by: acknowledgeBy } },
  };
}

const mostObjects = 10_000;
const text = (value: unknown, most: number): string | null => (typeof value === 'string' && value !== '' && value.length <= most ? value : null);

/** What a note calls back; null where it is none, or says it in a way that nobody could act upon. */
export function recallOf(value: unknown): RecallNotice | null {
  if (!isStixObject(value) || own(value, 'type') !== 'note') return null;
  const extensions = own(value, 'extensions');
  const extension = isStixObject(extensions) ? own(extensions, recallExtension) : undefined;
  if (!isStixObject(extension)) return null;
  const [id, reason] = [text(own(extension, 'recall'), 200), text(own(extension, 'reason'), 2_000)];
  const refs = own(value, 'object_refs');
  const recalledAt = text(own(value, 'modified'), 60);
  const acknowledgeBy = text(own(extension, 'acknowledge_by'), 60);
  if (id === null || reason === null || recalledAt === null || acknowledgeBy === null) return null;
  if (parseTime(recalledAt) === null || parseTime(acknowledgeBy) === null) return null;
  if (!Array.isArray(refs) || refs.length === 0 || refs.length > mostObjects || !refs.every((ref) => typeOfId(ref) !== null)) return null;
  return { id, objects: [...new Set(refs as string[])], reason, recalledAt, acknowledgeBy };
}
