/**
 * Objects as a bundle of STIX 2.1, and as events of MISP. A bundle has no remarks, so what the head of other forms says stands in a note,
 * whose id comes from export and release; whoever takes the bundle in keeps it beside the objects.
 */
import { tlp1Markings, tlp2Markings, type TlpLevel } from '#kit/stix/tlp';
import { uuid5 } from '#kit/stix/sco-id';
import type { StixObject } from '#kit/stix/object';
import { fromStix } from '#kit/misp/from-stix';
import { eventJson } from '#kit/misp/write';
import { headLines, oneLine, type ExportHead } from './export.ts';

/** Ours, drawn once. */
const namespace = '2f0d6c1a-52b0-4a69-9a6b-6f1a4a7f9d10';
const fixed: readonly StixObject[] = [...Object.values(tlp2Markings), ...Object.values(tlp1Markings)];

/** The head as an object: about the label itself, since a note is about something. */
export function noteOf(head: ExportHead): StixObject {
  const marking = String(tlp2Markings[head.tlp.toLowerCase() as TlpLevel]['id']);
  return {
    type: 'note', spec_version: '2.1', id: `note--${uuid5(namespace, `${head.id} ${head.number}`)}`, created: head.madeAt, modified: head.madeAt,
    abstract: oneLine(head.title), content: headLines(head).join('\n'), object_refs: [marking], object_marking_refs: [marking],
  };
}

/** Bodies are JSON texts of objects. Fixed markings that they name come last, each once. */
export async function* stixBundle(head: ExportHead, bodies: AsyncIterable<string>): AsyncGenerator<string> {
  const note = JSON.stringify(noteOf(head));
  yield `{"type":"bundle","id":"bundle--${uuid5(namespace, `bundle ${head.id} ${head.number}`)}","objects":[\n${note}`;
  const [named, there] = [new Set<StixObject>(), new Set<StixObject>()];
  const look = (body: string): void => {
    for (const marking of fixed) {
      const id = String(marking['id']);
      if (named.has(marking) && there.has(marking)) continue;
      if (!body.includes(id)) continue;
      named.add(marking);
      if (body.includes(`"id":"${id}"`)) there.add(marking);
    }
  };
  look(note);
  for await (const body of bodies) {
    look(body);
    yield `,\n${body}`;
  }
  for (const marking of named) if (!there.has(marking)) yield `,\n${JSON.stringify(marking)}`;
  yield '\n]}\n';
}

/** Everything at once: an event holds what belongs together. */
export function* mispEvents(head: ExportHead, objects: readonly StixObject[]): Generator<string> {
  const { events } = fromStix([...objects, noteOf(head)]);
  yield '{"response":[';
  let first = true;
  for (const event of events) {
    yield `${first ? '\n' : ',\n'}${JSON.stringify({ Event: eventJson(event) })}`;
    first = false;
  }
  yield '\n]}\n';
}
