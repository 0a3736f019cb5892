/**
 * The nouns of the catalogue: a *product* of a provider, its *releases*, and the *artefacts* of a release: files that never change,
 * named by their digest. A source artefact is a *snapshot*, a Merkle tree whose root is in the ledger. Access class, label, embargo and
 * withdrawal say who sees what and when.
 */
import { z } from 'zod';
import { summaries } from '#kit/compare/model';
import { occasions, transports } from '#kit/flows/terms';
import { suspicions } from '#kit/rules/suspicions';
import { modes } from '#kit/tree/entry';

export const artefactKinds = ['source', 'binary', 'update', 'sbom', 'rules', 'flows', 'document', 'recipe', 'audit', 'cloud'] as const;
export const ArtefactKind = z.enum(artefactKinds);
export type ArtefactKind = z.infer<typeof ArtefactKind>;
/** What comes after a release: papers on it. All else is fixed when it is published. */
export const lateKinds: readonly ArtefactKind[] = ['document', 'audit', 'flows'];

/**
 * `public`: whoever is signed in. `agreement`: whom a clause lets. `on-site`: that it is there is told, what is in it is read at the centre
 * alone. `black`: the same, in a review of the deepest level, which a review from afar has gone before.
 */
export const accessClasses = ['public', 'agreement', 'on-site', 'black'] as const;
export const AccessClass = z.enum(accessClasses);
export type AccessClass = z.infer<typeof AccessClass>;

export const tlpLabels = ['CLEAR', 'GREEN', 'AMBER', 'AMBER+STRICT', 'RED'] as const;
export const TlpLabel = z.enum(tlpLabels);
export type Label = z.infer<typeof TlpLabel>;

export const releaseStates = ['prepared', 'published', 'withdrawn'] as const;
export type ReleaseState = typeof releaseStates[number];

/** How far a review of one's own has come: every release since the one reviewed last counts as behind. */
export const Badge = z.strictObject({
  state: z.enum(['none', 'current', 'behind']), behind: z.number().int(), reviewed: z.string().nullable(), reviewedRelease: z.string().nullable(),
  at: z.iso.datetime().nullable(),
  /** Whether what was read is what is shipped: the rebuilders say so, once they do. */
  equivalence: z.enum(['not-assessed', 'incomplete', ...summaries]),
});
export type Badge = z.infer<typeof Badge>;

export const Product = z.strictObject({
  id: z.string(), owner: z.string(), ownerName: z.string(), mine: z.boolean(),
  /** As agreements name it. */
  name: z.string(), summary: z.string(), summaryVi: z.string(), open: z.boolean(), createdAt: z.iso.datetime(),
  /** Releases that the reader may know of, and the newest published of them. */
  releases: z.number().int(), latest: z.string().nullable(), latestAt: z.iso.datetime().nullable(),
  /** Of the reader's organisation; null of its own products. */
  badge: Badge.nullable(),
});
export type Product = z.infer<typeof Product>;

export const Release = z.strictObject({
  id: z.string(), product: z.string(), version: z.string(), title: z.string(), state: z.enum(releaseStates),
  /** Before this hour it is known to its owner and to whom it is shown early. */
  embargoUntil: z.iso.datetime().nullable(), publishedAt: z.iso.datetime().nullable(),
  /** SHA-256 over the list of what it holds, as stated when it was published. */
  manifest: z.string().nullable(), withdrawnAt: z.iso.datetime().nullable(), withdrawnWhy: z.string().nullable(), createdAt: z.iso.datetime(),
});
export type Release = z.infer<typeof Release>;

/**
 * Where a snapshot is from, if its archive says it: of a repository the ref that was taken and the id of the commit or tag that it names; of a
 * Debian source package its name and version, and the SHA-256 of its `.dsc`.
 */
export const Origin = z.strictObject({ kind: z.enum(['git', 'debian']), name: z.string(), digest: z.string() });
export type Origin = z.infer<typeof Origin>;
export const Snapshot = z.strictObject({
  root: z.string(), files: z.number().int(), bytes: z.number().int(), archive: z.string(), origin: Origin.nullable(),
});

export const Artefact = z.strictObject({
  id: z.string(), release: z.string(), kind: ArtefactKind, name: z.string(), sha256: z.string(), size: z.number().int(), media: z.string(),
  access: AccessClass, tlp: TlpLabel, embargoUntil: z.iso.datetime().nullable(), addedAt: z.iso.datetime(),
  withdrawnAt: z.iso.datetime().nullable(), withdrawnWhy: z.string().nullable(),
  /** Of source code: its tree. */
  snapshot: Snapshot.nullable(),
  /** Whether its content may be opened here by whoever asks; else why not. */
  openable: z.enum(['yes', 'on-site', 'black', 'source', 'withdrawn']),
});
export type Artefact = z.infer<typeof Artefact>;

export const FolderEntry = z.strictObject({ name: z.string(), mode: z.enum(modes), digest: z.string(), size: z.number().int(), files: z.number().int() });
export type FolderEntry = z.infer<typeof FolderEntry>;

export const changeKinds = ['added', 'removed', 'changed', 'moved'] as const;
export const FileChange = z.strictObject({
  kind: z.enum(changeKinds), path: z.string(), from: z.string().nullable(), before: z.string().nullable(), after: z.string().nullable(),
  bytesBefore: z.number().int(), bytesAfter: z.number().int(), modeChanged: z.boolean(),
});
export type FileChange = z.infer<typeof FileChange>;

/**
 * What a link says: built from this source, has this commit, found this sample, shipped in this file, described by this paper, follows
 * this one.
 */
export const relations = ['source', 'commit', 'sample', 'shipped', 'described', 'follows'] as const;
export const Link = z.strictObject({
  id: z.string(), item: z.string(), relation: z.enum(relations), value: z.string(),
  /** Whether it leads from the artefact at hand or to it, and to which. */
  way: z.enum(['to', 'from']), artefact: z.string().nullable(), name: z.string().nullable(), version: z.string().nullable(), kind: ArtefactKind.nullable(),
});
export type Link = z.infer<typeof Link>;

export const verdicts = ['fine', 'rogue'] as const;
export const SignOff = z.strictObject({ verdict: z.enum(verdicts), reason: z.string(), at: z.iso.datetime() });
export const ruleChanges = ['added', 'changed', 'same'] as const;
/** A detection rule, and whether a person has to look at it. */
export const DetectionRule = z.strictObject({
  digest: z.string(), name: z.string(), line: z.number().int(), description: z.string(), looksFor: z.number().int(),
  flag: z.strictObject({ why: z.enum(suspicions), shown: z.array(z.string()) }).nullable(),
  signOff: SignOff.nullable(),
  /** Against the rule set of that name in the release before; null where there is none. */
  change: z.enum(ruleChanges).nullable(),
});
export type DetectionRule = z.infer<typeof DetectionRule>;

const Named = { name: z.string(), version: z.string().nullable() };
/** What a bill of materials tells of age, copies and support. */
export const BillOfMaterials = z.strictObject({
  components: z.number().int(), distinct: z.number().int(),
  duplicates: z.array(z.strictObject({
    name: z.string(), copies: z.number().int(),
    versions: z.array(z.strictObject({ version: z.string(), copies: z.number().int(), released: z.string().nullable() })),
  })),
  oldest: z.strictObject({ ...Named, released: z.string() }).nullable(), medianAgeDays: z.number().int().nullable(), ageUnknown: z.number().int(),
  outOfSupport: z.array(z.strictObject({ ...Named, since: z.string() })), supportUnknown: z.number().int(), nameless: z.number().int(),
  versionUnknown: z.number().int(),
});
/** What is known of the vulnerabilities of what a bill lists. */
export const BillVulnerability = z.strictObject({
  asked: z.string(), name: z.string(), title: z.string(), score: z.number().nullable(), exploited: z.boolean(), certain: z.boolean(),
});

/** One line of what a provider declares that its product sends (docs/specs/flows.md). */
export const DeclaredFlow = z.strictObject({
  to: z.array(z.string()), transport: z.enum(transports), ports: z.array(z.union([z.number().int(), z.tuple([z.number().int(), z.number().int()])])),
  purpose: z.string(), data: z.array(z.string()), country: z.string().nullable(), when: z.enum(occasions),
});
export type DeclaredFlow = z.infer<typeof DeclaredFlow>;

const Held = { mark: z.string(), firstAt: z.iso.datetime(), lastAt: z.iso.datetime(), opens: z.number().int(), seenAt: z.iso.datetime().nullable() };
export const HeldDocument = z.strictObject({
  ...Held, artefact: z.string(), name: z.string(), product: z.string(), withdrawnAt: z.iso.datetime().nullable(), withdrawnWhy: z.string().nullable(),
});
/** As its owner sees it: the reader's organisation, and no name. */
export const ReaderCopy = z.strictObject({ ...Held, org: z.string(), name: z.string(), sha256: z.string(), toldAt: z.iso.datetime().nullable() });
