/**
 * Types of MISP's attributes: where they usually belong, whether they are for detection, and the facts that they are in STIX. A type without
 * facts travels as a custom object, or in a pattern over one. Written from the tables of MISP's core format and STIX 2.1.
 */
import { factOf, specOf, textOf, type Fact, type Spec } from './facts.ts';

export interface AttributeType {
  readonly category: string;
  readonly toIds: boolean;
  /** One for each half of the value, constants besides. */
  readonly specs: readonly Spec[];
}

const hashes: Readonly<Record<string, string>> = {
  md5: 'MD5', sha1: "'SHA-1'", sha224: "'SHA-224'", sha256: "'SHA-256'", sha384: "'SHA-384'", sha512: "'SHA-512'", 'sha512/224': "'SHA512-224'",
  'sha512/256': "'SHA512-256'", 'sha3-224': "'SHA3-224'", 'sha3-256': "'SHA3-256'", 'sha3-384': "'SHA3-384'", 'sha3-512': "'SHA3-512'", ssdeep: 'SSDEEP',
  tlsh: 'TLSH', authentihash: 'AUTHENTIHASH', imphash: 'IMPHASH', pehash: 'PEHASH', impfuzzy: 'IMPFUZZY', vhash: 'VHASH', telfhash: 'TELFHASH',
  cdhash: 'CDHASH',
};
/** `filename|` stands before these too. */
const composite = new Set(Object.keys(hashes).filter((name) => name !== 'telfhash' && name !== 'cdhash'));

const category = {
  p: 'Payload delivery', n: 'Network activity', a: 'Artifacts dropped', e: 'External analysis', f: 'Financial fraud', s: 'Social network', t: 'Targeting data',
  r: 'Attribution', o: 'Other', m: 'Persistence mechanism', i: 'Internal reference', x: 'Payload installation',
} as const;
const ua = "network-traffic:extensions.'http-request-ext'";
const mail = 'email-message';
const header = `${mail}:additional_header_fields`;

/** Category, `+` for detection; then the facts of the halves. Of types with the same facts the first is read where nothing says which. */
const lines = `
ip-dst n+ ip:value
ip-src n+ ip:value
ip-dst|port n+ network-traffic:dst_ref.value network-traffic:dst_port#i
ip-src|port n+ network-traffic:src_ref.value network-traffic:src_port#i
domain n+ domain-name:value
hostname n+ domain-name:value
domain|ip n+ domain-name:value domain-name:resolves_to_refs[*].value
hostname|port n+ network-traffic:dst_ref.value network-traffic:dst_port#i
url n+ url:value
uri n+ ${ua}.request_value
link e- url:value
port n- network-traffic:dst_port#i
mac-address n- mac-addr:value#mac
mac-eui-64 n- mac-addr:value#mac
AS n- autonomous-system:number#as
user-agent n- ${ua}.request_header.'User-Agent'
http-method n- ${ua}.request_method
cookie n- ${ua}.request_header.Cookie
email p+ email-addr:value
email-src p+ ${mail}:from_ref.value
email-dst p+ ${mail}:to_refs[*].value
email-src-display-name p- ${mail}:from_ref.display_name
email-dst-display-name p- ${mail}:to_refs[*].display_name
email-subject p- ${mail}:subject
email-body p- ${mail}:body
email-message-id p- ${mail}:message_id
email-reply-to p- ${header}.'Reply-To'
email-x-mailer p- ${header}.'X-Mailer'
email-thread-index p- ${header}.'Thread-Index'
email-header p- ${header}.Header
email-attachment p+ ${mail}:body_multipart[*].body_raw_ref.name
email-mime-boundary p- ${header}.'MIME-Boundary'
target-email t- email-addr:value
whois-registrant-email r- email-addr:value
dns-soa-email r- email-addr:value
filename p+ file:name
malware-sample p+ file:name file:hashes.MD5
attachment e- file:name
mime-type a- file:mime_type
size-in-bytes o- file:size#i
mutex a+ mutex:name
regkey m+ windows-registry-key:key
regkey|value m+ windows-registry-key:key windows-registry-key:values[*].data
windows-service-name a- process:extensions.'windows-service-ext'.service_name
windows-service-displayname a- process:extensions.'windows-service-ext'.display_name
x509-fingerprint-sha1 n+ x509-certificate:hashes.'SHA-1'
x509-fingerprint-md5 n+ x509-certificate:hashes.MD5
x509-fingerprint-sha256 n+ x509-certificate:hashes.'SHA-256'
cpe e- software:cpe
github-username s- user-account:account_type=github user-account:account_login
twitter-id s- user-account:account_type=twitter user-account:account_login
jabber-id s- user-account:account_type=jabber user-account:account_login
target-user t- user-account:account_login
`;
/** Types that STIX has no word for; they are carried as they are. */
const others = `
btc f+, xmr f+, dash f+, iban f+, bic f+, bank-account-nr f+, aba-rtn f+, bin f+, cc-number f+, prtn f+, phone-number o-, vulnerability e-, weakness e-,
yara x+, sigma x+, snort n+, bro n+, zeek n+, stix2-pattern x+, kusto-query a-, pattern-in-file x+, pattern-in-traffic n+, pattern-in-memory x+,
filename-pattern p+, ja3-fingerprint-md5 n+, jarm-fingerprint n+, hassh-md5 n+, hasshserver-md5 n+, favicon-mmh3 n+, community-id n+, named·pipe a-,
pdb a-, pgp-public-key r-, pgp-private-key r-, ssh-fingerprint n-, gene a-, text o-, comment o-, other o-, hex o-, counter o-, datetime o-, float o-,
boolean o-, anonymised o-, campaign-name r-, campaign-id r-, threat-actor r-, malware-type p-, target-machine t-, target-org t-, target-location t-,
target-external t-, whois-registrant-name r-, whois-registrant-org r-, whois-registrant-phone r-, whois-registrar r-, whois-creation-date r-,
windows-scheduled-task a-, process-state a-, mobile-application-id p+, chrome-extension-id p-, git-commit-id i-, github-repository s-,
github-organisation s-, twitter-id·text s-, azure-application-id p-, eppn n-, full-name o-, first-name o-, last-name o-, nationality o-, passport-number o-,
identity-card-number o-, dkim n-, dkim-signature n-, onion-address n+, integer o-, dom-hash n-, ja4-plus n-, cert-serial n-
`;

function parse(): Record<string, AttributeType> {
  const found: Record<string, AttributeType> = {};
  const put = (type: string, where: string, paths: readonly string[]): void => {
    found[type] = { category: category[where.charAt(0) as keyof typeof category], toIds: where.endsWith('+'), specs: paths.map(specOf) };
  };
  for (const line of lines.trim().split('\n')) {
    const [type = '', where = '', ...paths] = line.split(' ');
    put(type, where, paths);
  }
  for (const [name, key] of Object.entries(hashes)) put(name, 'p+', [`file:hashes.${key}`]);
  for (const name of composite) put(`filename|${name}`, 'p+', ['file:name', `file:hashes.${hashes[name]}`]);
  for (const entry of others.trim().split(/,\s*/)) {
    const [type = '', where = ''] = entry.split(' ');
    put(type.replace('·', ' '), where, []);
  }
  return found;
}

export const attributeTypes: Readonly<Record<string, AttributeType>> = parse();

export function attributeType(type: string): AttributeType | null {
  return Object.hasOwn(attributeTypes, type) ? attributeTypes[type] ?? null : null;
}

/** The facts that an attribute is, or null where its type has none or its value is not what its type says. */
export function attributeFacts(type: string, value: string): Fact[] | null {
  const specs = attributeType(type)?.specs ?? [];
  const halves = specs.filter((spec) => spec.constant === null).length;
  if (specs.length === 0) return null;
  const cut = halves === 2 ? value.lastIndexOf('|') : -1;
  if (halves === 2 && cut < 0) return null;
  const texts = halves === 2 ? [value.slice(0, cut), value.slice(cut + 1)] : [value];
  let at = 0;
  const facts = specs.map((spec) => factOf(spec, spec.constant ?? texts[at++] ?? ''));
  return facts.some((fact) => fact === null) ? null : facts.filter((fact) => fact !== null);
}

/** What says of any attribute what it is, in the words of the custom object that carries it. */
export function genericFacts(type: string, value: string): Fact[] {
  return [['x_misp_type', type], ['x_misp_value', value]].map(([name = '', text = '']) => {
    const spec = specOf(`x-misp-attribute:${name}`);
    return { path: spec.path, key: spec.key, value: text, time: false };
  });
}

const byKeys: ReadonlyMap<string, readonly string[]> = Object.entries(attributeTypes).reduce((all, [type, { specs }]) => {
  const keys = specs.map((spec) => spec.key).sort().join(' ');
  return specs.length ? all.set(keys, [...(all.get(keys) ?? []), type]) : all;
}, new Map<string, string[]>([['network-traffic:dst_ref.value', ['ip-dst']], ['network-traffic:src_ref.value', ['ip-src']]]));

export interface TypedValue {
  readonly type: string;
  readonly value: string;
}

/** The attribute that facts are, of the type that is wished for where it has them; null where no type has just these. */
export function attributeOfFacts(facts: readonly Fact[], wish: string | null = null): TypedValue | null {
  const generic = (name: string): unknown => facts.find((fact) => fact.key === `x-misp-attribute:${name}`)?.value;
  if (facts.length === 2 && typeof generic('x_misp_type') === 'string') {
    const value = String(generic('x_misp_value') ?? '');
    return value === '' || generic('x_misp_type') === '' ? null : { type: String(generic('x_misp_type')), value };
  }
  const types = (byKeys.get(facts.map((fact) => fact.key).sort().join(' ')) ?? []).filter((type) => constantsHold(type, facts));
  const type = wish !== null && types.includes(wish) ? wish : types[0];
  if (type === undefined) return null;
  const specs = attributeType(type)?.specs.filter((spec) => spec.constant === null) ?? [];
  if (/^ip-(dst|src)$/.test(type)) return facts[0]?.value ? { type, value: String(facts[0].value) } : null;
  const halves = specs.map((spec) => facts.find((fact) => fact.key === spec.key)).map((fact, i) => textOf(fact?.value ?? '', specs[i]?.kind ?? ''));
  const value = halves.join('|');
  // A half that holds the mark between them would be read as other halves.
  return value === '' || attributeFacts(type, value) === null ? null : { type, value };
}
function constantsHold(type: string, facts: readonly Fact[]): boolean {
  return (attributeType(type)?.specs ?? []).every((spec) => spec.constant === null || facts.some((f) => f.key === spec.key && f.value === spec.constant));
}
