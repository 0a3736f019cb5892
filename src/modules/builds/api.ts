/**
 * Builds: who rebuilds, what their evidence says of a release’s files, and every difference for whoever may see the files. What a
 * release comes to is public where its product is.
 */
import { z } from 'zod';
import { endpoint, raw } from '#kit/endpoint';
import { Code, Equivalence, Excerpt, Part, Rebuild, Rebuilder, Region, ShippedFile, Trial, Unopened, VerdictLine } from './model.ts';
import { rebuilderName } from './rules.ts';

const Id = z.string().min(1).max(60);
const reading = { right: 'product.view', by: 'mandate', ownToo: true } as const;
const Reason = z.string().trim().min(1).max(500);

const Place = { release: z.string(), version: z.string(), product: z.string(), productName: z.string(), owner: z.string(), ownerName: z.string(),
  /** Whether everybody on this hub may know of it. */
  open: z.boolean() };

export const buildsApi = {
  'rebuilders.list': endpoint({
    method: 'GET', path: '/api/rebuilders', summary: 'Who rebuilds on this hub: each key with its organisation, also those that are retired.',
    input: z.strictObject({}), output: z.strictObject({ items: z.array(Rebuilder), mayRegister: z.boolean() }),
    needs: { right: 'rebuilder.list', by: 'role' },
  }),
  'rebuilders.register': endpoint({
    method: 'POST', path: '/api/rebuilders', status: 201,
    summary: 'Registers the key of a rebuilder of one’s own: from then on what it signs is its word. A second person compares the key.',
    input: z.strictObject({
      name: z.string().trim().regex(rebuilderName),
      /** Ed25519: PEM, or its 32 bytes in base64. */
      publicKey: z.string().trim().min(40).max(400), machine: z.string().trim().max(300).default(''),
    }),
    output: z.strictObject({ rebuilder: Rebuilder }),
    needs: { right: 'rebuilder.register', by: 'role', approval: { from: 'own-organisation', right: 'rebuilder.approve', when: 'always' } },
  }),
  'rebuilders.retire': endpoint({
    method: 'POST', path: '/api/rebuilders/:rebuilder/retire',
    summary: 'Retires a rebuilder of one’s own: nothing more is taken from it; what it said before stands.',
    input: z.strictObject({ rebuilder: Id, reason: Reason }), output: z.strictObject({ rebuilder: Rebuilder }),
    needs: { right: 'rebuilder.register', by: 'role' },
  }),
  'rebuilds.record': raw(endpoint({
    method: 'POST', path: '/api/releases/:release/rebuilds', status: 201, upload: true,
    summary: 'Takes a bundle of evidence about a release: signatures, subjects and verdicts are checked, each verdict is computed again from its regions.',
    input: z.strictObject({
      release: Id,
      /** An earlier rebuild by the same rebuilder, whose verdicts on these files stand no more. */
      corrects: Id.optional(), reason: z.string().trim().max(500).default(''), file: z.string().max(255).optional(),
    }),
    output: z.strictObject({ rebuild: Rebuild, verdicts: z.array(VerdictLine) }), needs: { right: 'rebuild.attest', by: 'mandate', ownToo: true },
  })),
  'rebuilds.addFile': raw(endpoint({
    method: 'POST', path: '/api/rebuilds/:rebuild/files', status: 201, upload: true,
    summary: 'Adds a rebuilt file, which the hub compares itself, or the log of the build; each is known by the digest that the evidence signed.',
    input: z.strictObject({ rebuild: Id, kind: z.enum(['rebuilt', 'log']).default('rebuilt'), file: z.string().max(255).optional() }),
    output: z.strictObject({ rebuild: Rebuild, verdicts: z.array(VerdictLine) }), needs: { right: 'rebuild.attest', by: 'role' },
  })),
  'rebuilds.matrix': endpoint({
    method: 'GET', path: '/api/releases/:release/rebuilds', summary: 'A release’s files by rebuilder, with every verdict, also those that stand no more.',
    input: z.strictObject({ release: Id }),
    output: z.strictObject({
      ...Place, equivalence: Equivalence, files: z.array(ShippedFile), verdicts: z.array(VerdictLine), mayAttest: z.boolean(),
    }),
    needs: reading,
  }),
  'rebuilds.view': endpoint({
    method: 'GET', path: '/api/rebuilds/:rebuild', summary: 'One rebuild: from what, by which recipe, where, what came out, and its verdicts.',
    input: z.strictObject({ rebuild: Id }), output: z.strictObject({ rebuild: Rebuild, verdicts: z.array(VerdictLine) }), needs: reading,
  }),
  'rebuilds.evidence': raw(endpoint({
    method: 'GET', path: '/api/rebuilds/:rebuild/evidence', summary: 'The bundle byte for byte as it came; `entente verify-evidence` checks it without a hub.',
    input: z.strictObject({ rebuild: Id }), output: z.unknown(), needs: reading,
  })),
  'rebuilds.log': endpoint({
    method: 'GET', path: '/api/rebuilds/:rebuild/log', summary: 'The end of a build’s log, where its rebuilder brought it.',
    input: z.strictObject({ rebuild: Id }), output: z.strictObject({ text: z.string(), bytes: z.number().int(), cut: z.boolean() }), needs: reading,
  }),
  'verdicts.view': endpoint({
    method: 'GET', path: '/api/verdicts/:verdict', summary: 'One verdict: every difference with its rule or proved cause, and what was tried.',
    input: z.strictObject({ verdict: Id, only: z.enum(['unexplained', 'explained', 'covered']).optional(), cursor: z.coerce.number().int().min(0).default(0) }),
    output: z.strictObject({
      ...Place, verdict: VerdictLine, file: ShippedFile, rebuilt: z.strictObject({ bytes: z.number().int(), sha256: z.string() }).nullable(),
      regions: z.array(Region), next: z.number().int().nullable(),
      counts: z.strictObject({ unexplained: z.number().int(), explained: z.number().int(), covered: z.number().int(), leftOut: z.number().int() }),
      trials: z.array(Trial), parts: z.array(Part), unopened: z.array(Unopened),
      /** Whether bytes of both sides can be shown to whoever asks. */
      bytes: z.enum(['yes', 'no-rebuilt-file', 'not-openable']),
    }),
    needs: reading,
  }),
  'verdicts.bytes': endpoint({
    method: 'GET', path: '/api/verdicts/:verdict/bytes',
    summary: 'The bytes of both sides around one difference, of machine code as instructions too; the provider hears that they were opened.',
    input: z.strictObject({ verdict: Id, index: z.coerce.number().int().min(0), run: z.coerce.number().int().min(0).default(0) }),
    output: z.strictObject({
      part: z.array(z.string()), region: z.string(), format: z.string(), runs: z.number().int(), run: z.number().int(), shipped: Excerpt.nullable(),
      rebuilt: Excerpt.nullable(),
      /** Instructions within the two excerpts; null where the region is no machine code. */
      code: Code.nullable(),
    }),
    needs: reading,
  }),
  'rebuilds.public': endpoint({
    method: 'GET', path: '/api/public/rebuilds', summary: 'Releases of open products that were rebuilt, and what that came to.',
    input: z.strictObject({}),
    output: z.strictObject({
      items: z.array(z.strictObject({
        release: z.string(), product: z.string(), name: z.string(), owner: z.string(), version: z.string(), publishedAt: z.iso.datetime(),
        equivalence: Equivalence,
      })),
    }),
    needs: { right: 'rebuild.list', by: 'public' },
  }),
} as const;
