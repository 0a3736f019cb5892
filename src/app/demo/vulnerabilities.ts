/**
 * The story's vulnerability information: a small public list with what is exploited and how likely each is, and what the platform vendor
 * shares with the centre ahead of its update. All words are ours; but for one, products and vulnerabilities are invented.
 */
import { asHub } from '#world/db/scope';
import { ownShared } from '#modules/exchange/index';
import { deliverVulnerabilities, vulnerabilitySourceNamed } from '#modules/vulnerabilities/index';
import type { World } from '../world.ts';
import { centre } from './story.ts';

type Thing = Readonly<Record<string, unknown>>;

interface Cve { readonly id: string; readonly title: string; readonly text: string; readonly vector: string; readonly cwe: string; readonly changed: string;
  readonly affected: readonly Thing[]; readonly fix: string }

const record = ({ id, title, text, vector, cwe, changed, affected, fix }: Cve): Thing => ({
  dataType: 'CVE_RECORD', dataVersion: '5.1',
  cveMetadata: { cveId: id, state: 'PUBLISHED', assignerShortName: 'demonstration', datePublished: changed, dateUpdated: changed },
  containers: { cna: {
    providerMetadata: { shortName: 'demonstration' }, title, descriptions: [{ lang: 'en', value: text }], affected,
    metrics: [vector.startsWith('CVSS:4') ? { cvssV4_0: { vectorString: vector } } : { cvssV3_1: { vectorString: vector } }],
    problemTypes: [{ descriptions: [{ lang: 'en', cweId: cwe, description: cwe }] }], solutions: [{ lang: 'en', value: fix }],
    references: [{ url: `https://advisories.example/${id.toLowerCase()}` }],
  } },
});

const list: readonly Thing[] = [
  record({
    id: 'CVE-2017-0144', title: 'Windows file sharing runs code of whoever sends it', changed: '2026-02-10T00:00:00Z', cwe: 'CWE-94',
    text: 'The first version of the file sharing protocol (SMBv1) of Windows runs code that a crafted packet carries. Worms have spread by it since 2017.',
    vector: 'CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H', fix: 'Install the update of March 2017, and switch SMBv1 off.',
    affected: [{ vendor: 'Microsoft', product: 'Windows', cpes: ['cpe:2.3:o:microsoft:windows_7:-:sp1:*:*:*:*:*:*'], versions: [{ version: '7',
      status: 'affected' }] }],
  }),
  record({
    id: 'CVE-2099-10001', title: 'Meridian OS: a printer’s name runs code in the spooler', changed: '2026-06-09T00:00:00Z', cwe: 'CWE-787',
    text: 'A crafted name of a printer overflows a buffer of the spooler, which runs as the system.',
    vector: 'CVSS:4.0/AV:N/AC:L/AT:N/PR:L/UI:N/VC:H/VI:H/VA:H/SC:N/SI:N/SA:N', fix: 'Install the June update, 12.4.2.',
    affected: [{ vendor: 'Meridian', product: 'Meridian OS', cpes: ['cpe:2.3:o:meridian:meridian_os:*:*:*:*:*:*:*:*'], defaultStatus: 'unaffected',
      versions: [{ version: '12.0', lessThan: '12.4.2', status: 'affected', versionType: 'semver' }] }],
  }),
  record({
    id: 'CVE-2099-10002', title: 'Meridian Office: a macro is trusted after its document was moved', changed: '2026-06-09T00:00:00Z', cwe: 'CWE-501',
    text: 'Trust in a macro follows the document to any folder, also to one that others may write to.',
    vector: 'CVSS:3.1/AV:L/AC:L/PR:N/UI:R/S:U/C:H/I:H/A:N', fix: 'Install the June update.',
    affected: [{ vendor: 'Meridian', product: 'Meridian Office', cpes: ['cpe:2.3:a:meridian:meridian_office:*:*:*:*:*:*:*:*'], defaultStatus: 'unaffected',
      versions: [{ version: '2024', lessThanOrEqual: '2024.6', status: 'affected', versionType: 'custom' }] }],
  }),
  record({
    id: 'CVE-2099-10011', title: 'van-don: a bill of lading reads any file', changed: '2026-05-20T00:00:00Z', cwe: 'CWE-22',
    text: 'The reader of bills of lading follows a path that the bill names, out of its folder.',
    vector: 'CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:N/A:N', fix: 'Update to 2.3.1.',
    affected: [{ vendor: 'Van Don', product: 'van-don', packageURL: 'pkg:npm/van-don', defaultStatus: 'unaffected',
      versions: [{ version: '2.0.0', lessThan: '2.3.1', status: 'affected', versionType: 'semver' }] }],
  }),
];

const osv: readonly Thing[] = [
  { schema_version: '1.6.0', id: 'DEMO-2026-0011', aliases: ['CVE-2099-10011'], published: '2026-05-19T00:00:00Z', modified: '2026-05-22T00:00:00Z',
    summary: 'Path traversal in van-don', details: 'Versions from 2.0.0 up to 2.3.0 read files outside of the folder of bills.',
    severity: [{ type: 'CVSS_V4', score: 'CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:H/VI:N/VA:N/SC:N/SI:N/SA:N' }],
    affected: [{ package: { ecosystem: 'npm', name: 'van-don', purl: 'pkg:npm/van-don' },
      ranges: [{ type: 'SEMVER', events: [{ introduced: '2.0.0' }, { fixed: '2.3.1' }] }] }],
    references: [{ type: 'ADVISORY', url: 'https://advisories.example/demo-2026-0011' }] },
  { schema_version: '1.6.0', id: 'DEMO-2026-0012', published: '2026-05-25T00:00:00Z', modified: '2026-05-25T00:00:00Z',
    summary: 'thu-tuc prints secrets into its log', details: 'Tokens of customs offices stand in the log at the level of debugging.',
    severity: [{ type: 'CVSS_V3', score: 'CVSS:3.1/AV:L/AC:L/PR:L/UI:N/S:U/C:L/I:N/A:N' }],
    affected: [{ package: { ecosystem: 'Debian:12', name: 'thu-tuc', purl: 'pkg:deb/debian/thu-tuc' },
      ranges: [{ type: 'ECOSYSTEM', events: [{ introduced: '0' }, { fixed: '1.4-2+deb12u1' }] }] }] },
];

const exploited: Thing = {
  title: 'Exploited', catalogVersion: '2026.06.12', dateReleased: '2026-06-12T00:00:00Z', count: 2,
  vulnerabilities: [
    { cveID: 'CVE-2017-0144', vendorProject: 'Microsoft', product: 'SMBv1', vulnerabilityName: 'Windows file sharing runs code', dateAdded: '2022-02-10',
      shortDescription: 'Code by a crafted packet.', requiredAction: 'Install the update, or switch the protocol off.', dueDate: '2022-08-10',
      knownRansomwareCampaignUse: 'Known', notes: '', cwes: ['CWE-94'] },
    { cveID: 'CVE-2099-10001', vendorProject: 'Meridian', product: 'Meridian OS', vulnerabilityName: 'Code in the spooler', dateAdded: '2026-06-12',
      shortDescription: 'Code by a crafted name.', requiredAction: 'Install the June update.', dueDate: '2026-07-03', knownRansomwareCampaignUse: 'Unknown',
      notes: '', cwes: ['CWE-787'] },
  ],
};

const days: readonly (readonly [day: string, spooler: string])[] = [
  ['2026-06-09', '0.021'], ['2026-06-10', '0.034'], ['2026-06-11', '0.187'], ['2026-06-12', '0.613'], ['2026-06-13', '0.702'],
];
const epss = ([day, spooler]: readonly [string, string]): string => [`#model_version:v2025.03.14,score_date:${day}T12:55:00Z`, 'cve,epss,percentile',
  'CVE-2017-0144,0.9436,0.9995', `CVE-2099-10001,${spooler},0.97`, 'CVE-2099-10002,0.0011,0.31', 'CVE-2099-10011,0.0042,0.62', ''].join('\n');

const advisory: Thing = {
  document: { category: 'csaf_vex', csaf_version: '2.0', title: 'The spooler of Meridian OS', distribution: { tlp: { label: 'GREEN' } },
    publisher: { category: 'vendor', name: 'Meridian Platforms', namespace: 'https://meridian.example' },
    tracking: { id: 'MER-2026-06', status: 'final', version: '1', initial_release_date: '2026-06-02T09:00:00Z', current_release_date: '2026-06-02T09:00:00Z',
      revision_history: [{ date: '2026-06-02T09:00:00Z', number: '1', summary: 'Ahead of the June update' }] } },
  product_tree: { branches: [{ category: 'vendor', name: 'Meridian', branches: [{ category: 'product_name', name: 'Meridian OS', branches: [
    { category: 'product_version_range', name: 'vers:generic/>=12.0|<12.4.2', product: { product_id: 'OS-12', name: 'Meridian OS 12',
      product_identification_helper: { cpe: 'cpe:2.3:o:meridian:meridian_os:*:*:*:*:*:*:*:*' } } },
    { category: 'product_version', name: '11.9', product: { product_id: 'OS-11', name: 'Meridian OS 11.9',
      product_identification_helper: { cpe: 'cpe:2.3:o:meridian:meridian_os:11.9:*:*:*:*:*:*:*' } } }] }] }] },
  vulnerabilities: [{
    cve: 'CVE-2099-10001', cwe: { id: 'CWE-787', name: 'Out-of-bounds Write' },
    notes: [{ category: 'description', text: 'The spooler of version 12 overflows. Version 11 has another spooler.' }],
    product_status: { known_affected: ['OS-12'], known_not_affected: ['OS-11'] },
    flags: [{ label: 'vulnerable_code_not_present', product_ids: ['OS-11'] }],
    remediations: [{ category: 'workaround', details: 'Stop the spooler where nobody prints.', product_ids: ['OS-12'] }],
  }],
};

async function* bytes(text: string): AsyncGenerator<Uint8Array> {
  yield Buffer.from(text);
}
const lines = (things: readonly Thing[]): string => things.map((t) => `${JSON.stringify(t)}\n`).join('');

/** The same again changes nothing: what is there already is told as such. */
export function writeVulnerabilities(world: World): Promise<void> {
  return asHub('the demonstration’s vulnerability information', async () => {
    const parts = { ...world, publisher: () => Promise.resolve(centre) };
    const bring = async (org: string, person: string, kind: 'public' | 'own', name: string, text: string, collection: string | null = null): Promise<void> => {
      const source = await vulnerabilitySourceNamed(world.db, { id: world.ids.next('vsr'), scope: org, kind, name }, world.clock.iso());
      const through = collection === null ? null : await ownShared(world.db, org, collection);
      await deliverVulnerabilities(parts, { source, actor: { person, org }, unmarked: null, through }, bytes(text));
    };
    await bring(centre, 'per_lan', 'public', 'CVE list', lines(list));
    await bring(centre, 'per_lan', 'public', 'OSV', lines(osv));
    await bring(centre, 'per_lan', 'public', 'KEV', JSON.stringify(exploited));
    for (const day of days) await bring(centre, 'per_lan', 'public', 'EPSS', epss(day));
    await bring('org_meridian', 'per_rivera', 'own', 'Meridian advisories', JSON.stringify(advisory), 'advance');
  });
}
