import { describe, expect, it } from 'vitest';
import fc from 'fast-check';
import { check } from './check.ts';
import { levelOf } from './marking.ts';
import { recallExtension, recallNote, recallOf } from './recall.ts';
import { tlpLevels } from './tlp.ts';

const recall = {
  id: 'rec_one', objects: ['indicator--2b1d1e8e-3f6f-4d19-8f0e-0d8f1a7d6c11', 'malware--0c7b5b88-8ff7-4a4d-aa9d-feb398cd0061'],
  reason: 'It names a victim.', recalledAt: '2026-11-26T10:00:00.000Z', acknowledgeBy: '2026-11-27T10:00:00.000Z',
};

describe('a recall as a note of STIX', () => {
  it.each(tlpLevels)('is read back as it was written, is valid, and bears the label %s', (level) => {
    const note = recallNote(recall, level);
    expect(recallOf(note)).toEqual(recall);
    expect(check(note).problems).toEqual([]);
    expect(levelOf(note, () => undefined).level).toBe(level);
  });

  it('is one note for one recall, whoever writes it', () => {
    expect(recallNote(recall, 'amber')['id']).toBe(recallNote({ ...recall, reason: 'Other.' }, 'green')['id']);
    expect(recallNote(recall, 'amber', 'here')['id']).not.toBe(recallNote(recall, 'amber', 'there')['id']);
    expect(recallNote({ ...recall, id: 'rec_two' }, 'amber')['id']).not.toBe(recallNote(recall, 'amber')['id']);
  });

  it.each([
    ['no note', { type: 'indicator' }], ['no extension', { extensions: {} }], ['an extension that is no object', { extensions: { [recallExtension]: 7 } }],
    ['nothing called back', { object_refs: [] }], ['what is no id', { object_refs: ['indicator'] }], ['no list', { object_refs: 'indicator--x' }],
    ['a moment that is none', { modified: 'yesterday' }],
    ['no reason', { extensions: { [recallExtension]: { recall: 'rec_one', acknowledge_by: recall.acknowledgeBy } } }],
  ])('is none with %s', (_, change) => {
    expect(recallOf({ ...recallNote(recall, 'amber'), ...change })).toBeNull();
  });

  it('is read from anything without breaking', () => {
    fc.assert(fc.property(fc.anything(), fc.anything(), (value, extension) => {
      recallOf(value);
      recallOf({ ...recallNote(recall, 'amber'), extensions: { [recallExtension]: extension }, object_refs: value });
    }));
  });
});
