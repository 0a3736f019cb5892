/**
 * The catalogue: products of providers, their releases, and what a release is made of. A provider's steward writes its own; others
 * read under the clause that opens source code or technical data to them, product by product.
 */
import { z } from 'zod';
import { endpoint, raw } from '#kit/endpoint';
import {
  AccessClass, Artefact, ArtefactKind, Badge, BillOfMaterials, BillVulnerability, changeKinds, DeclaredFlow, DetectionRule, FileChange, FolderEntry,
  HeldDocument, Link, Product, ReaderCopy, Release, relations, SignOff, TlpLabel, verdicts,
} from './model.ts';

const Id = z.string().min(1).max(60);
const Path = z.string().max(4_096).default('');
const reading = { right: 'product.view', by: 'mandate', ownToo: true } as const;
const OneLine = z.string().trim().min(1).max(200);
/** Organisations that see it before its hour. */
const Early = z.array(Id).max(50).default([]);

export const catalogueApi = {
  'products.list': endpoint({
    method: 'GET', path: '/api/products', summary: 'Products that one may know of: one’s own, and of others what agreements open.',
    input: z.strictObject({}), output: z.strictObject({ items: z.array(Product), mayCreate: z.boolean() }), needs: reading,
  }),
  'products.create': endpoint({
    method: 'POST', path: '/api/products', status: 201, summary: 'Puts a product of one’s own into the catalogue, by the name that agreements use.',
    input: z.strictObject({
      name: OneLine, summary: z.string().trim().max(2_000).default(''), summaryVi: z.string().trim().max(2_000).default(''),
      /** Whether everybody on this hub may know of it. */
      open: z.boolean().default(false),
    }),
    output: z.strictObject({ product: Product }), needs: { right: 'product.create', by: 'role' },
  }),
  'products.view': endpoint({
    method: 'GET', path: '/api/products/:product', summary: 'One product with the releases that one may know of, the newest first.',
    input: z.strictObject({ product: Id }),
    output: z.strictObject({
      product: Product, releases: z.array(Release.extend({ kinds: z.record(z.string(), z.number().int()) })), mayChange: z.boolean(),
      /** For its owner: who has reviewed it, and how far. */
      reviews: z.array(z.strictObject({ org: z.string(), name: z.string(), version: z.string(), at: z.iso.datetime() })),
    }),
    needs: reading,
  }),
  'releases.prepare': endpoint({
    method: 'POST', path: '/api/products/:product/releases', status: 201,
    summary: 'Prepares a release of one’s own product: nobody else sees it before it is published.',
    input: z.strictObject({
      product: Id, version: z.string().trim().min(1).max(80), title: z.string().trim().max(200).default(''), embargoUntil: z.iso.datetime().optional(),
      early: Early,
    }),
    output: z.strictObject({ release: Release }), needs: { right: 'release.prepare', by: 'role' },
  }),
  'releases.view': endpoint({
    method: 'GET', path: '/api/releases/:release', summary: 'One release, and what it is made of.',
    input: z.strictObject({ release: Id }),
    output: z.strictObject({ product: Product, release: Release, artefacts: z.array(Artefact), mayChange: z.boolean() }), needs: reading,
  }),
  'releases.publish': endpoint({
    method: 'POST', path: '/api/releases/:release/publish',
    summary: 'Publishes a release: what it holds of source code and files is fixed from then on, and its list is in the ledger.',
    input: z.strictObject({ release: Id }), output: z.strictObject({ release: Release }), needs: { right: 'release.publish', by: 'role' },
  }),
  'releases.withdraw': endpoint({
    method: 'POST', path: '/api/releases/:release/withdraw', summary: 'Withdraws a published release: it stays in the list, and nothing of it opens.',
    input: z.strictObject({ release: Id, reason: z.string().trim().min(1).max(500) }), output: z.strictObject({ release: Release }),
    needs: { right: 'release.withdraw', by: 'role' },
  }),
  'releases.changes': endpoint({
    method: 'GET', path: '/api/releases/:release/changes',
    summary: 'Which files of the source code were added, removed, changed or moved since another release of the product.',
    input: z.strictObject({ release: Id, since: Id, cursor: z.coerce.number().int().min(0).default(0) }),
    output: z.strictObject({
      items: z.array(FileChange), next: z.number().int().nullable(), counts: z.record(z.enum(changeKinds), z.number().int()),
      same: z.boolean(),
    }),
    needs: reading,
  }),
  'artefacts.addSource': raw(endpoint({
    method: 'POST', path: '/api/releases/:release/sources', upload: true,
    summary: 'Takes a snapshot of source code (tar, zip, bundle of git, Debian source package) into a prepared release; answers line by line how far it is.',
    input: z.strictObject({
      release: Id, name: z.string().trim().min(1).max(120).default('source'), access: AccessClass.default('on-site'), tlp: TlpLabel.default('AMBER+STRICT'),
      keepTop: z.enum(['yes', 'no']).default('no'), file: z.string().max(255).optional(),
    }),
    output: z.unknown(), needs: { right: 'artefact.add', by: 'role' },
  })),
  'reviews.queue': endpoint({
    method: 'GET', path: '/api/reviews', summary: 'What waits for review: of each product the newest release, and how far behind one’s own review is.',
    input: z.strictObject({}),
    output: z.strictObject({
      items: z.array(z.strictObject({
        product: z.string(), name: z.string(), ownerName: z.string(), release: z.string(), version: z.string(), publishedAt: z.iso.datetime(), badge: Badge,
      })),
    }),
    needs: reading,
  }),
  'artefacts.add': raw(endpoint({
    method: 'POST', path: '/api/releases/:release/artefacts', status: 201, upload: true,
    summary: 'Adds a file to a release as it is shipped: binary, update, bill of materials, rules, declared flows, document, recipe, audit or cloud code.',
    input: z.strictObject({
      release: Id, kind: ArtefactKind.exclude(['source']), name: z.string().trim().min(1).max(200),
      media: z.string().max(120).default('application/octet-stream'), access: AccessClass.default('agreement'), tlp: TlpLabel.default('AMBER'),
      /** Organisations that see it before its hour, a comma between them. */
      embargoUntil: z.iso.datetime().optional(), early: z.string().max(2_000).default(''),
      file: z.string().max(255).optional(),
    }),
    output: z.strictObject({ artefact: Artefact }), needs: { right: 'artefact.add', by: 'role' },
  })),
  'artefacts.view': endpoint({
    method: 'GET', path: '/api/artefacts/:artefact', summary: 'One artefact, its release, and what it is linked with.',
    input: z.strictObject({ artefact: Id }),
    output: z.strictObject({ artefact: Artefact, release: Release, product: Product, links: z.array(Link), mayChange: z.boolean() }), needs: reading,
  }),
  'artefacts.open': raw(endpoint({
    method: 'GET', path: '/api/artefacts/:artefact/bytes', summary: 'The bytes of an artefact as they were brought; source code is never given so.',
    input: z.strictObject({ artefact: Id }), output: z.unknown(), needs: reading,
  })),
  'artefacts.link': endpoint({
    method: 'POST', path: '/api/artefacts/:artefact/links', status: 201,
    summary: 'Links an artefact, or one thing in it as a rule, with what it comes from, found or belongs to.',
    input: z.strictObject({
      artefact: Id, item: z.string().trim().max(300).default(''), relation: z.enum(relations), target: Id.optional(),
      value: z.string().trim().max(1_000).default(''),
    }),
    output: z.strictObject({ links: z.array(Link) }), needs: { right: 'artefact.add', by: 'role' },
  }),
  'documents.mine': endpoint({
    method: 'GET', path: '/api/my/documents', summary: 'Documents of which one holds a copy oneself, with its mark, and which of them were withdrawn.',
    input: z.strictObject({}),
    output: z.strictObject({ items: z.array(HeldDocument), unseen: z.number().int() }), needs: { right: 'document.view', by: 'role' },
  }),
  'documents.acknowledge': endpoint({
    method: 'POST', path: '/api/my/documents/:artefact/acknowledge', summary: 'Says that one knows that a document was withdrawn, and uses one’s copy no more.',
    input: z.strictObject({ artefact: Id }), output: z.strictObject({ seenAt: z.iso.datetime() }), needs: { right: 'document.view', by: 'role' },
  }),
  'documents.readers': endpoint({
    method: 'GET', path: '/api/artefacts/:artefact/readers',
    summary: 'Copies of one’s own document: by whose people, with which mark, how often opened, and who knows that it was withdrawn.',
    input: z.strictObject({ artefact: Id }),
    output: z.strictObject({ items: z.array(ReaderCopy) }), needs: { right: 'artefact.withdraw', by: 'role' },
  }),
  'declared-flows.list': endpoint({
    method: 'GET', path: '/api/artefacts/:artefact/flows',
    summary: 'What a provider declares that its product sends: to whom, by which way, why, and when (docs/specs/flows.md).',
    input: z.strictObject({ artefact: Id, cursor: z.coerce.number().int().min(0).default(0) }),
    output: z.strictObject({ items: z.array(DeclaredFlow), next: z.number().int().nullable(), flows: z.number().int() }), needs: reading,
  }),
  'detection-rules.list': endpoint({
    method: 'GET', path: '/api/artefacts/:artefact/rules',
    summary: 'The rules of a rule set (YARA, Sigma, Suricata), which are new, and which match by words, owners or names of papers.',
    input: z.strictObject({ artefact: Id, only: z.enum(['flagged', 'open', 'changed']).optional(), cursor: z.coerce.number().int().min(0).default(0) }),
    output: z.strictObject({
      grammar: z.string(), items: z.array(DetectionRule), next: z.number().int().nullable(),
      counts: z.strictObject({ rules: z.number().int(), flagged: z.number().int(), open: z.number().int(), changed: z.number().int() }),
      problems: z.array(z.strictObject({ line: z.number().int(), problem: z.string() })),
      /** Names of rules of the release before that are gone. */
      removed: z.array(z.string()), maySignOff: z.boolean(),
    }),
    needs: reading,
  }),
  'detection-rules.sign-off': endpoint({
    method: 'POST', path: '/api/artefacts/:artefact/rules/sign-offs', status: 201,
    summary: 'A reviewer’s word on a flagged rule: it is fine, or it is rogue; it holds for the same rule in later releases.',
    input: z.strictObject({
      artefact: Id, digest: z.string().regex(/^[0-9a-f]{64}$/), verdict: z.enum(verdicts), reason: z.string().trim().min(1).max(1_000),
    }),
    output: z.strictObject({ signOff: SignOff }), needs: { right: 'detection-rule.sign-off', by: 'mandate', ownToo: true },
  }),
  'components.list': endpoint({
    method: 'GET', path: '/api/artefacts/:artefact/components',
    summary: 'What a bill of materials tells: copies, ages, what is out of support, what is unknown, and which vulnerabilities are known of it.',
    input: z.strictObject({ artefact: Id }),
    output: z.strictObject({
      kind: z.string(), version: z.string(), report: BillOfMaterials,
      /** Null where the reader may not look vulnerabilities up. */
      vulnerabilities: z.strictObject({
        affected: z.array(BillVulnerability), undecided: z.number().int(), asked: z.number().int(), leftOff: z.boolean(),
      }).nullable(),
    }),
    needs: reading,
  }),
  'artefacts.browse': endpoint({
    method: 'GET', path: '/api/artefacts/:artefact/folder', summary: 'One folder of a source snapshot: names, sizes and digests, and no content.',
    input: z.strictObject({ artefact: Id, path: Path }),
    output: z.strictObject({ artefact: Artefact, path: z.string(), entries: z.array(FolderEntry) }), needs: reading,
  }),
  'artefacts.prove': endpoint({
    method: 'GET', path: '/api/artefacts/:artefact/proof', summary: 'That a file stands in a source snapshot under its root (docs/specs/tree.md).',
    input: z.strictObject({ artefact: Id, path: z.string().min(1).max(4_096) }),
    output: z.strictObject({
      root: z.string(), path: z.string(),
      steps: z.array(z.strictObject({ line: z.string(), index: z.number().int(), count: z.number().int(), hashes: z.array(z.string()) })),
    }),
    needs: reading,
  }),
  'artefacts.withdraw': endpoint({
    method: 'POST', path: '/api/artefacts/:artefact/withdraw', summary: 'Withdraws one artefact: that it was there stays told, and it opens no more.',
    input: z.strictObject({ artefact: Id, reason: z.string().trim().min(1).max(500) }), output: z.strictObject({ artefact: Artefact }),
    needs: { right: 'artefact.withdraw', by: 'role' },
  }),
} as const;
