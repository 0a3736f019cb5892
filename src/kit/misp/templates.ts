/**
 * Templates of MISP's objects that STIX has words for: what each attribute is there called, its type, and the fact that it is. Every other
 * template, and every other attribute of these, is carried as it is. Written from what the templates' documentation says of them.
 */
import { attributeFacts, attributeType } from './attributes.ts';
import { factOf, specOf, textOf, type Fact, type Spec } from './facts.ts';
import type { Attribute, MispObject } from './model.ts';

export interface Relation {
  readonly type: string;
  readonly spec: Spec;
}
export interface Template {
  readonly metaCategory: string;
  readonly relations: Readonly<Record<string, Relation>>;
}

const pe = "file:extensions.'windows-pebinary-ext'";
export const peSteps = "extensions.'windows-pebinary-ext'";
const http = "network-traffic:extensions.'http-request-ext'";
const header = `${http}.request_header`;
const mailHeader = 'email-message:additional_header_fields';

const fileHashes = `
md5 md5 file:hashes.MD5
sha1 sha1 file:hashes.'SHA-1'
sha224 sha224 file:hashes.'SHA-224'
sha256 sha256 file:hashes.'SHA-256'
sha384 sha384 file:hashes.'SHA-384'
sha512 sha512 file:hashes.'SHA-512'
sha512/224 sha512/224 file:hashes.'SHA512-224'
sha512/256 sha512/256 file:hashes.'SHA512-256'
sha3-256 sha3-256 file:hashes.'SHA3-256'
sha3-512 sha3-512 file:hashes.'SHA3-512'
ssdeep ssdeep file:hashes.SSDEEP
tlsh tlsh file:hashes.TLSH
vhash vhash file:hashes.VHASH
authentihash authentihash file:hashes.AUTHENTIHASH`;

/** `name metaCategory`, then for each attribute what it is called, its type, and its path. Of those with one path the first is read. */
const texts: readonly string[] = [`file file
filename filename file:name${fileHashes}
size-in-bytes size-in-bytes file:size#i
mimetype mime-type file:mime_type
file-encoding text file:name_enc
path text file:parent_directory_ref.path
creation-time datetime file:ctime#t
modification-time datetime file:mtime#t
access-time datetime file:atime#t`,
`domain-ip network
domain domain domain-name:value
hostname hostname domain-name:value
ip ip-dst domain-name:resolves_to_refs[*].value`,
`url network
url url url:value`,
`email network
from email-src email-message:from_ref.value
from-display-name email-src-display-name email-message:from_ref.display_name
sender email-src email-message:sender_ref.value
to email-dst email-message:to_refs[*].value
to-display-name email-dst-display-name email-message:to_refs[*].display_name
cc email-dst email-message:cc_refs[*].value
bcc email-dst email-message:bcc_refs[*].value
subject email-subject email-message:subject
send-date datetime email-message:date#t
message-id email-message-id email-message:message_id
email-body email-body email-message:body
content-type text email-message:content_type
received-header text email-message:received_lines[*]
reply-to email-reply-to ${mailHeader}.'Reply-To'
x-mailer email-x-mailer ${mailHeader}.'X-Mailer'
thread-index email-thread-index ${mailHeader}.'Thread-Index'
return-path email-src ${mailHeader}.'Return-Path'`,
`network-connection network
ip-src ip-src network-traffic:src_ref.value
ip-dst ip-dst network-traffic:dst_ref.value
hostname-src hostname network-traffic:src_ref.value
hostname-dst hostname network-traffic:dst_ref.value
mac-src mac-address network-traffic:src_ref.value#mac
mac-dst mac-address network-traffic:dst_ref.value#mac
src-port port network-traffic:src_port#i
dst-port port network-traffic:dst_port#i
src-bytes-count size-in-bytes network-traffic:src_byte_count#i
dst-bytes-count size-in-bytes network-traffic:dst_byte_count#i
src-packets-count counter network-traffic:src_packets#i
dst-packets-count counter network-traffic:dst_packets#i
layer3-protocol text network-traffic:protocols[*]#l
layer4-protocol text network-traffic:protocols[*]#l
layer7-protocol text network-traffic:protocols[*]#l
first-packet-seen datetime network-traffic:start#t
last-packet-seen datetime network-traffic:end#t`,
`ip-port network
ip-dst ip-dst network-traffic:dst_ref.value
ip ip-dst network-traffic:dst_ref.value
ip-src ip-src network-traffic:src_ref.value
domain domain network-traffic:dst_ref.value
hostname hostname network-traffic:dst_ref.value
dst-port port network-traffic:dst_port#i
src-port port network-traffic:src_port#i
protocol text network-traffic:protocols[*]#l
first-seen datetime network-traffic:start#t
last-seen datetime network-traffic:end#t`,
`http-request network
ip-src ip-src network-traffic:src_ref.value
ip-dst ip-dst network-traffic:dst_ref.value
method http-method ${http}.request_method
uri uri ${http}.request_value
url url ${http}.request_value
user-agent user-agent ${header}.'User-Agent'
host hostname ${header}.Host
cookie text ${header}.Cookie
referer other ${header}.Referer
content-type other ${header}.'Content-Type'
basicauth-user text ${header}.'Authorization-User'
protocol text network-traffic:protocols[*]#l`,
`x509 network
issuer text x509-certificate:issuer
subject text x509-certificate:subject
serial-number text x509-certificate:serial_number
version text x509-certificate:version
validity-not-before datetime x509-certificate:validity_not_before#t
validity-not-after datetime x509-certificate:validity_not_after#t
x509-fingerprint-md5 x509-fingerprint-md5 x509-certificate:hashes.MD5
x509-fingerprint-sha1 x509-fingerprint-sha1 x509-certificate:hashes.'SHA-1'
x509-fingerprint-sha256 x509-fingerprint-sha256 x509-certificate:hashes.'SHA-256'
signature_algorithm text x509-certificate:signature_algorithm
pubkey-info-algorithm text x509-certificate:subject_public_key_algorithm
pubkey-info-modulus text x509-certificate:subject_public_key_modulus
pubkey-info-exponent text x509-certificate:subject_public_key_exponent#i
self_signed boolean x509-certificate:is_self_signed#b`,
`process misc
pid text process:pid#i
command-line text process:command_line
current-directory text process:cwd
hidden boolean process:is_hidden#b
creation-time datetime process:created_time#t
image filename process:image_ref.name
name text process:image_ref.name
parent-pid text process:parent_ref.pid#i
parent-command-line text process:parent_ref.command_line
parent-image filename process:parent_ref.image_ref.name
user-creator text process:creator_user_ref.account_login
integrity-level text process:extensions.'windows-process-ext'.integrity_level`,
`registry-key file
key regkey windows-registry-key:key
name text windows-registry-key:values[*].name
data text windows-registry-key:values[*].data
data-type text windows-registry-key:values[*].data_type
last-modified datetime windows-registry-key:modified_time#t`,
`asn network
asn AS autonomous-system:number#as
description text autonomous-system:name
rir text autonomous-system:rir`,
`user-account misc
account-type text user-account:account_type
user-id text user-account:user_id
username text user-account:account_login
display-name text user-account:display_name
password text user-account:credential
privileged boolean user-account:is_privileged#b
is_service_account boolean user-account:is_service_account#b
can_escalate_privs boolean user-account:can_escalate_privs#b
disabled boolean user-account:is_disabled#b
created datetime user-account:account_created#t
expires datetime user-account:account_expires#t
last_login datetime user-account:account_last_login#t
first_login datetime user-account:account_first_login#t
password_last_changed datetime user-account:credential_last_changed#t
shell text user-account:extensions.'unix-account-ext'.shell
home_dir text user-account:extensions.'unix-account-ext'.home_dir
group-id text user-account:extensions.'unix-account-ext'.gid#i`,
`mutex misc
name mutex mutex:name`,
`pe file
imphash imphash ${pe}.imphash
type text ${pe}.pe_type
number-sections counter ${pe}.number_of_sections#i
compilation-timestamp datetime ${pe}.time_date_stamp#t
pehash pehash ${pe}.file_header_hashes.PEHASH
entrypoint-address text ${pe}.optional_header.address_of_entry_point#i`,
`pe-section file
name text ${pe}.sections[*].name
size-in-bytes size-in-bytes ${pe}.sections[*].size#i
entropy float ${pe}.sections[*].entropy#f
md5 md5 ${pe}.sections[*].hashes.MD5
sha1 sha1 ${pe}.sections[*].hashes.'SHA-1'
sha256 sha256 ${pe}.sections[*].hashes.'SHA-256'
sha512 sha512 ${pe}.sections[*].hashes.'SHA-512'
ssdeep ssdeep ${pe}.sections[*].hashes.SSDEEP`,
// Vulnerabilities are objects of their own kind in STIX: `to-stix.ts` makes them.
`vulnerability vulnerability
id vulnerability vulnerability:name
description text vulnerability:description
summary text vulnerability:description`];

function parse(): Record<string, Template> {
  return Object.fromEntries(texts.map((text) => {
    const [head = '', ...lines] = text.split('\n');
    const [name = '', metaCategory = ''] = head.split(' ');
    const relations = Object.fromEntries(lines.map((line) => {
      const [relation = '', type = '', path = ''] = line.split(' ');
      return [relation, { type, spec: specOf(path) }];
    }));
    return [name, { metaCategory, relations }];
  }));
}
export const templates: Readonly<Record<string, Template>> = parse();

export function templateOf(name: string): Template | null {
  return Object.hasOwn(templates, name) ? templates[name] ?? null : null;
}

/** The fact that an attribute is in its object; null where the template has none for it, or its value is not what it says. */
export function relationFact(template: string, relation: string | null, value: string): Fact | null {
  const relations = templateOf(template)?.relations ?? {};
  const found = relation !== null && Object.hasOwn(relations, relation) ? relations[relation] : undefined;
  return found ? factOf(found.spec, value) : null;
}

/** Facts of an object that observables can say: of several values for a place that has one, the first. */
export function objectFacts(object: MispObject): Fact[] {
  const taken = new Set<string>();
  return object.attributes.filter((attribute) => !attribute.deleted).flatMap((attribute) => {
    const fact = relationFact(object.name, attribute.relation, attribute.value);
    if (fact === null || (taken.has(fact.key) && !fact.key.includes('[*]'))) return [];
    taken.add(fact.key);
    return [fact];
  });
}

/** Facts of one attribute of an object that is for detection: what it is there, else what its type says. */
export function detectionFacts(object: MispObject, attribute: Attribute): Fact[] | null {
  const fact = relationFact(object.name, attribute.relation, attribute.value);
  return fact ? [fact] : attributeFacts(attribute.type, attribute.value);
}

export interface Read {
  readonly relation: string;
  readonly type: string;
  readonly value: string;
  readonly toIds: boolean;
}
const layers: Readonly<Record<string, RegExp>> = {
  'layer3-protocol': /^(?:ipv4|ipv6|ip|icmp|icmpv6|arp)$/, 'layer4-protocol': /^(?:tcp|udp|sctp|quic)$/, 'layer7-protocol': /./,
};

/** Attributes of a template that facts are; those that it has no place for are left out. */
export function relationsOf(template: string, facts: readonly Fact[]): Read[] {
  const relations = Object.entries(templateOf(template)?.relations ?? {});
  return facts.filter((fact) => fact.value !== '').flatMap((fact) => {
    const found = relations.find(([name, { type, spec }]) => {
      if (spec.key !== fact.key) return false;
      const shape = layers[name];
      if (shape) return shape.test(String(fact.value));
      return factOf(spec, textOf(fact.value, spec.kind)) !== null && fitsType(type, String(fact.value));
    });
    if (!found) return [];
    const [relation, { type, spec }] = found;
    return [{ relation, type, value: textOf(fact.value, spec.kind), toIds: attributeType(type)?.toIds ?? false }];
  });
}
/** Of places that take addresses and names alike, which type of attribute it is. */
function fitsType(type: string, value: string): boolean {
  if (type === 'ip-src' || type === 'ip-dst') return /^[\d.]+(?:\/\d+)?$|:.*:/.test(value) && !/^([0-9a-f]{2}:){5}[0-9a-f]{2}$/.test(value);
  if (type === 'mac-address') return /^([0-9a-f]{2}:){5}[0-9a-f]{2}$/.test(value);
  if (type === 'hostname' || type === 'domain') return !/^[\d.]+(?:\/\d+)?$|:.*:/.test(value);
  return true;
}

/** Which template observables of a type are read by. */
export const templateOfType: Readonly<Record<string, string>> = {
  file: 'file', 'domain-name': 'domain-ip', url: 'url', 'email-message': 'email', 'network-traffic': 'network-connection', 'x509-certificate': 'x509',
  process: 'process', 'windows-registry-key': 'registry-key', 'autonomous-system': 'asn', 'user-account': 'user-account', mutex: 'mutex',
};
