/**
 * Keys by which what MISP said of an object is found, in the key space of look-ups: the values of its attributes as they were written,
 * whatever their type, and the uuids of the attributes within an object of MISP. Pure.
 */
import { hash } from 'node:crypto';
import { isStixObject, own, type StixObject } from '#kit/stix/object';

const keyOf = (what: string, text: string): string => hash('sha256', `${what}\0${text}`, 'hex').slice(0, 32);
/** As it was written, but for case: MISP compares so. */
export const mispValueKey = (value: string): string => keyOf('misp-value', value.trim().toLowerCase());
export const mispPartKey = (uuid: string): string => keyOf('misp-part', uuid.toLowerCase());

const longest = 65_536;
const textIn = (object: StixObject, name: string): string => {
  const value = own(object, name);
  return typeof value === 'string' && value.length <= longest ? value : '';
};

export function mispKeysOf(object: StixObject): string[] {
  const value = textIn(object, 'x_misp_value');
  const parts = own(object, 'x_misp_attributes');
  const found = value === '' ? [] : halves(value);
  for (const part of Array.isArray(parts) ? parts : []) {
    if (!isStixObject(part)) continue;
    found.push(...halves(textIn(part, 'value')));
    const uuid = textIn(part, 'uuid');
    if (uuid !== '') found.push(mispPartKey(uuid));
  }
  return found;
}

/** A value of two is found by the whole and by either half. */
function halves(value: string): string[] {
  if (value === '') return [];
  const cut = value.lastIndexOf('|');
  return (cut < 0 ? [value] : [value, value.slice(0, cut), value.slice(cut + 1)]).filter((text) => text.trim() !== '').map(mispValueKey);
}
