/** Rules of STIX 2.1 that hold for one type or structure and fit no table. Each names its clause. */
import { isLanguageTag, markingsOf } from './marking.ts';
import { within, type Notes } from './notes.ts';
import { isStixObject, own, type StixObject } from './object.ts';
import { parseId } from './id.ts';
import { windowsOf } from './pattern/ast.ts';
import { parsePattern } from './pattern/parse.ts';
import { patternProblems } from './pattern/plausible.ts';
import { compareTimes, parseTime } from './time.ts';
import { forgesTlp, tlpOfId, tlpOfMarking } from './tlp.ts';
import { kindOf } from './types/names.ts';
import { isSuggested } from './types/relationships.ts';
import type { StructureRules } from './check-values.ts';

const isLower = (value: unknown): boolean => typeof value !== 'string' || (value === value.toLowerCase() && !/[ _]/.test(value));

function killChainPhase(notes: Notes, value: StixObject, path: string): void {
  for (const name of ['kill_chain_name', 'phase_name']) {
    if (!isLower(own(value, name))) notes.should('kill-chain-case', '2.11', within(path, name), 'lower case, with hyphens between words');
  }
}

function externalReference(notes: Notes, value: StixObject, path: string): void {
  const source = own(value, 'source_name');
  const id = own(value, 'external_id');
  if (source === 'cve' && !/^CVE-\d{4}-\d{4,}$/.test(String(id))) notes.must('cve', '4.19.1', within(path, 'external_id'), 'this is the number of a CVE');
  if (source === 'capec' && !/^CAPEC-\d+$/.test(String(id))) notes.must('capec', '4.1.1', within(path, 'external_id'), 'this is written as CAPEC-1');
  if (own(value, 'url') !== undefined && own(value, 'hashes') === undefined) {
    notes.should('reference-without-hashes', '2.5.1', within(path, 'hashes'), 'beside a URL there are hashes of what is there');
  }
}

/** The deprecated container: local references that stay within it (2.13). */
function observableContainer(notes: Notes, value: StixObject, path: string): void {
  notes.should('observable-container', '2.13', path, 'new content lists its observables in object_refs');
  const entries = Object.entries(value);
  if (entries.length === 0) notes.must('empty', '2.13', path, 'an empty container is left out');
  for (const [key, object] of entries) {
    const at = within(path, key);
    if (notes.full) return;
    if (!isStixObject(object) || typeof own(object, 'type') !== 'string') {
      notes.must('observable', '2.13', at, 'an observable is an object with a type');
      continue;
    }
    for (const [name, inner] of Object.entries(object)) {
      const refs: unknown[] = name.endsWith('_ref') ? [inner] : name.endsWith('_refs') && Array.isArray(inner) ? inner : [];
      if (refs.some((ref) => typeof ref !== 'string' || !Object.hasOwn(value, ref))) notes.must('local-reference', '2.13', within(at, name),
        'this refers to nothing in its container');
    }
  }
}

export const structureRules: StructureRules = {
  'kill-chain-phase': killChainPhase,
  'external-reference': externalReference,
  'observable-container': observableContainer,
};

/** Selectors and markings of itself (7.2.3); what a granular marking is made of the tables say. */
export function checkMarkings(notes: Notes, object: StixObject): void {
  for (const { code, path, text } of markingsOf(object).problems) {
    if (code === 'bad-selector' || code === 'selects-nothing') notes.must(code, '7.2.3.1', path, text);
    else if (code === 'circular') notes.must(code, '3.2', '/object_marking_refs', text);
  }
}

function relationship(notes: Notes, object: StixObject): void {
  const name = own(object, 'relationship_type');
  const [source, target] = [parseId(own(object, 'source_ref'))?.type, parseId(own(object, 'target_ref'))?.type];
  if (typeof name !== 'string') return;
  if (!/^[a-z0-9-]+$/.test(name)) notes.must('relationship-name', '5.1.2', '/relationship_type', 'this is of lower-case letters, digits and hyphens');
  else if (source && target && !isSuggested(source, name, target)) {
    notes.should('relationship', '5.1.2', '/relationship_type', `the standard does not name ${name.slice(0, 60)} from ${source} to ${target}`);
  }
}

function markingDefinition(notes: Notes, object: StixObject): void {
  const kind = own(object, 'definition_type');
  const definition = own(object, 'definition');
  if (own(object, 'extensions') === undefined) {
    for (const name of ['definition_type', 'definition']) {
      if (own(object, name) === undefined) notes.must('required', '7.2.1.1', `/${name}`, `${name} is missing, and there is no extension`);
    }
  }
  if (definition !== undefined && !isStixObject(definition)) notes.must('object', '7.2.1.1', '/definition', 'this is an object');
  if (kind === 'statement' && (!isStixObject(definition) || typeof own(definition, 'statement') !== 'string')) {
    notes.must('required', '7.2.1.3', '/definition/statement', 'a statement is a text');
  }
  if (kind === 'tlp' && tlpOfId(String(own(object, 'id'))) === null) notes.must('tlp', '7.2.1.4', '/id',
    'only the four markings that the standard prints are TLP');
  if (kind === 'tlp' && tlpOfMarking(object) === 'unknown') notes.must('tlp', '7.2.1.4', '/definition/tlp', 'this is no level of TLP');
  if (forgesTlp(object)) notes.must('tlp', '7.2.1.4', '', 'this id is that of a marking that says something else');
  if (typeof kind === 'string' && kind !== 'tlp' && kind !== 'statement') notes.should('vocabulary', '7.2.1.1', '/definition_type',
    'this is statement or tlp; others are extensions');
}

function languageContent(notes: Notes, object: StixObject): void {
  const contents = own(object, 'contents');
  if (contents === undefined) return;
  if (!isStixObject(contents)) return notes.must('dictionary', '7.1.1', '/contents', 'this is an object by language');
  if (Object.keys(contents).length === 0) notes.must('empty', '2.3', '/contents', 'an empty dictionary is left out');
  for (const [key, value] of Object.entries(contents)) {
    if (!isLanguageTag(key)) notes.must('language', '7.1.1', within('/contents', key), 'this is a language tag of RFC 5646');
    if (!isStixObject(value)) notes.must('dictionary', '7.1.1', within('/contents', key), 'a translation mirrors the properties of what it translates');
  }
}

function extensionDefinition(notes: Notes, object: StixObject): void {
  const types = own(object, 'extension_types');
  const toplevel = Array.isArray(types) && types.includes('toplevel-property-extension');
  const properties = own(object, 'extension_properties');
  if (properties !== undefined && !toplevel) notes.must('toplevel', '7.3.1', '/extension_properties',
    'only an extension at the top level lists properties');
  if (properties === undefined && toplevel) notes.should('toplevel', '7.3.1', '/extension_properties',
    'an extension at the top level lists its properties');
  for (const [i, name] of (Array.isArray(properties) ? properties : []).entries()) {
    if (!/^[a-z0-9_]{3,250}$/.test(String(name))) notes.must('property-name', '7.3.2.1', `/extension_properties/${i}`,
      'names are of lower-case letters, digits and underscores');
  }
  if (own(object, 'description') === undefined) notes.should('description', '7.3.1', '/description', 'an extension says what it is for');
}

function emailMessage(notes: Notes, object: StixObject): void {
  const multipart = own(object, 'is_multipart');
  if (multipart === true && own(object, 'body') !== undefined) notes.must('multipart', '6.6.1', '/body',
    'a message of parts has its body in body_multipart');
  if (multipart === false && own(object, 'body_multipart') !== undefined) notes.must('multipart', '6.6.1', '/body_multipart',
    'a message without parts has its body in body');
  const fields = own(object, 'additional_header_fields');
  for (const [key, value] of isStixObject(fields) ? Object.entries(fields) : []) {
    const at = within('/additional_header_fields', key);
    // The text wants lists; its own example and the published schema write plain texts too.
    if (typeof value === 'string') notes.should('header-fields', '6.6.1', at, 'a header field is a list of texts');
    else if (!Array.isArray(value) || value.some((item) => typeof item !== 'string')) notes.must('header-fields', '6.6.1', at,
      'a header field is a list of texts');
  }
}

function networkTraffic(notes: Notes, object: StixObject): void {
  const active = own(object, 'is_active');
  if (own(object, 'end') !== undefined && active === true) notes.must('active', '6.12.1', '/end', 'what is still active has no end');
  for (const [i, protocol] of (Array.isArray(own(object, 'protocols')) ? own(object, 'protocols') as unknown[] : []).entries()) {
    if (typeof protocol === 'string' && protocol !== protocol.toLowerCase()) notes.must('protocol-case', '6.12.1', `/protocols/${i}`,
      'protocols are in lower case');
  }
}

function address(pattern: RegExp, clause: string, what: string): (notes: Notes, object: StixObject) => void {
  return (notes, object) => {
    const value = own(object, 'value');
    if (typeof value === 'string' && !pattern.test(value)) notes.must('value', clause, '/value', `this is ${what}`);
  };
}
const byte = '(25[0-5]|2[0-4]\\d|1\\d\\d|[1-9]?\\d)';
const ipv4 = new RegExp(`^(${byte}\\.){3}${byte}(/(3[0-2]|[12]?\\d))?$`);

/** An IPv6 address by its groups, with an optional prefix length. */
function isIpv6(text: string): boolean {
  const [address = '', bits, more] = text.split('/');
  if (more !== undefined || (bits !== undefined && !/^(12[0-8]|1[01]\d|[1-9]?\d)$/.test(bits))) return false;
  const halves = address.split('::');
  if (halves.length > 2) return false;
  const groups = halves.flatMap((half) => (half === '' ? [] : half.split(':')));
  const last = groups.at(-1) ?? '';
  const tail = ipv4.test(last) && !last.includes('/') ? 1 : 0;
  const hex = tail ? groups.slice(0, -1) : groups;
  const count = groups.length + tail;
  return hex.every((group) => /^[0-9a-f]{1,4}$/i.test(group)) && (halves.length === 2 ? count < 8 : count === 8);
}

/** A pattern of STIX can be read (4.7.1), means something (9), and its windows lie within the validity (9.5.1). */
function indicator(notes: Notes, object: StixObject): void {
  const text = own(object, 'pattern');
  if (own(object, 'pattern_type') !== 'stix' || typeof text !== 'string') return;
  const parsed = parsePattern(text);
  if ('fault' in parsed) return notes.must('pattern', '4.7.1', '/pattern',
    `line ${parsed.fault.line}, column ${parsed.fault.column}: ${parsed.fault.text}`);
  for (const { level, clause, text: said } of patternProblems(parsed.pattern)) notes[level]('pattern-meaning', clause, '/pattern', said);
  const [from, until] = [parseTime(own(object, 'valid_from')), parseTime(own(object, 'valid_until'))];
  for (const window of windowsOf(parsed.pattern)) {
    const [start, stop] = [parseTime(window.start), parseTime(window.stop)];
    const outside = (start && from && compareTimes(start, from) < 0) || (stop && until && compareTimes(stop, until) > 0);
    if (outside) notes.should('pattern-window', '9.5.1', '/pattern', 'START and STOP lie within valid_from and valid_until');
  }
}

function windowsRegistryKey(notes: Notes, object: StixObject): void {
  const key = own(object, 'key');
  if (typeof key === 'string' && /^(HKLM|HKCC|HKCR|HKCU|HKU)(\\|$)/i.test(key)) notes.must('hive', '6.17.1', '/key', 'a hive is written in full');
}

function software(notes: Notes, object: StixObject): void {
  const cpe = own(object, 'cpe');
  if (typeof cpe === 'string' && !cpe.startsWith('cpe:2.3:')) notes.must('cpe', '6.14.1', '/cpe', 'this is a name of CPE 2.3');
}

export const typeRules: Readonly<Record<string, (notes: Notes, object: StixObject) => void>> = {
  indicator,
  relationship,
  'marking-definition': markingDefinition,
  'language-content': languageContent,
  'extension-definition': extensionDefinition,
  'email-message': emailMessage,
  'network-traffic': networkTraffic,
  'windows-registry-key': windowsRegistryKey,
  software,
  'ipv4-addr': address(ipv4, '6.8.1', 'an IPv4 address, with or without a length'),
  'ipv6-addr': (notes, object) => {
    const value = own(object, 'value');
    if (typeof value === 'string' && !isIpv6(value)) notes.must('value', '6.9.1', '/value', 'this is an IPv6 address, with or without a length');
  },
  'mac-addr': address(/^([0-9a-f]{2}:){5}[0-9a-f]{2}$/, '6.10.1', 'a MAC address in lower case, with colons'),
  url: address(/^[a-z][a-z0-9+.-]*:/i, '6.15.1', 'a URL of RFC 3986'),
  malware: (notes, object) => {
    if (own(object, 'is_family') === true && own(object, 'name') === undefined) notes.must('required', '4.11.1', '/name', 'a family has a name');
  },
  'malware-analysis': (notes, object) => {
    if (!isLower(own(object, 'product'))) notes.should('product-case', '4.12.1', '/product', 'lower case, with hyphens between words');
  },
  location: (notes, object) => {
    const country = own(object, 'country');
    if (typeof country === 'string' && !/^[A-Z]{2}$/i.test(country)) notes.should('country', '4.10.1', '/country',
      'this is a code of ISO 3166-1, two letters');
  },
  'observed-data': (notes, object) => {
    const refs = own(object, 'object_refs');
    const types = Array.isArray(refs) ? refs.map((ref) => parseId(ref)?.type ?? null) : [];
    if (types.length && !types.some((type) => type === null || ['sco', 'custom'].includes(kindOf(type)))) {
      notes.must('observable', '4.14.1', '/object_refs', 'at least one observable is among them');
    }
  },
};
