/**
 * Vulnerability information: taking it in, finding it, one vulnerability with every source beside the others, which products are
 * affected, and where it all comes from. What others share is reached as the exchange reaches it.
 */
import { z } from 'zod';
import { endpoint, raw } from '#kit/endpoint';
import { CheckedAll, Row, severities, Source, sourceKinds, TlpLabel, View } from './model.ts';

const reading = { right: 'threat.read', by: 'mandate', ownToo: true } as const;
const Name = z.string().min(1).max(200);
const Cursor = z.string().max(60).optional();

export const vulnerabilitiesApi = {
  'vulnerabilities.search': endpoint({
    method: 'GET', path: '/api/vulnerabilities',
    summary: 'Vulnerabilities within reach, what changed last first: by words, by the beginning of an id, or by a package URL or CPE name.',
    input: z.strictObject({
      q: z.string().trim().max(300).default(''), severity: z.enum(severities).optional(), kev: z.enum(['yes']).optional(),
      epss: z.coerce.number().min(0).max(1).optional(), since: z.iso.datetime().optional(), cursor: Cursor,
    }),
    output: z.strictObject({ items: z.array(Row), next: z.string().nullable() }), needs: reading,
  }),
  'vulnerabilities.view': endpoint({
    method: 'GET', path: '/api/vulnerabilities/:vulnerability',
    summary: 'One vulnerability: what each source says, whether it is exploited and how likely it will be, and what of the exchange is about it.',
    input: z.strictObject({ vulnerability: Name }), output: View, needs: reading,
  }),
  'vulnerabilities.export': endpoint({
    method: 'GET', path: '/api/vulnerabilities/:vulnerability/records/:record',
    summary: 'One record as it was sent, or as OSV with every field that OSV has no place for.',
    input: z.strictObject({ vulnerability: Name, record: z.string().max(40), as: z.enum(['original', 'osv']).default('original') }),
    output: z.strictObject({ value: z.unknown(), lost: z.array(z.strictObject({ path: z.string(), fields: z.number().int() })) }), needs: reading,
  }),
  'vulnerabilities.affected': endpoint({
    method: 'POST', path: '/api/vulnerabilities/affected',
    summary: 'Which vulnerabilities affect these products, and why: package URLs or CPE names with their versions.',
    input: z.strictObject({ products: z.array(z.string().min(1).max(4_096)).min(1).max(5_000) }), output: CheckedAll, needs: reading,
  }),
  'vulnerabilities.checkBill': raw(endpoint({
    method: 'POST', path: '/api/vulnerabilities/bills', upload: true,
    summary: 'Which vulnerabilities affect what a bill of materials lists (CycloneDX or SPDX 2, JSON). Nothing of it is kept.',
    input: z.strictObject({}), output: CheckedAll, needs: reading,
  })),
  'vulnerabilities.import': raw(endpoint({
    method: 'POST', path: '/api/vulnerabilities/imports', upload: true,
    summary: 'Takes in CVE records, OSV, CSAF, VEX, KEV or EPSS, packed or not, told by the content; answers line by line how far it is.',
    input: z.strictObject({
      source: z.string().trim().min(1).max(80).default('own'), kind: z.enum(sourceKinds).default('own'), unmarked: TlpLabel.optional(),
      /** A collection of one's own through which what is labelled is shared. */
      collection: z.string().max(60).optional(), file: z.string().max(255).optional(), dry: z.enum(['yes', 'no']).default('no'),
    }),
    output: z.unknown(), needs: { right: 'vulnerability.import', by: 'role' },
  })),
  'vulnerabilities.sources': endpoint({
    method: 'GET', path: '/api/vulnerability-sources', summary: 'Where vulnerability information comes from, and how fresh it is.',
    input: z.strictObject({}), output: z.strictObject({ items: z.array(Source), mayPublish: z.boolean() }), needs: { right: 'threat.list', by: 'role' },
  }),
} as const;
