/** What the centre keeps from month to month: the register of attacked websites, the report on state bodies. */
import { z } from 'zod';
import { endpoint, raw } from '#kit/endpoint';
import { Area, Count, Day, evidenceTypes, Id, Period, websiteAttacks } from './model.ts';
import { officeKinds } from './offices.ts';

/** A registrable name, as the rows have it. */
const Site = z.string().regex(/^[a-z0-9][a-z0-9.-]{1,252}$/);
const WebsiteEvidence = z.strictObject({
  id: Id, site: z.string(), day: Day, capturedAt: z.iso.datetime(), url: z.string(), mediaType: z.string(), sha256: z.string(),
  sizeBytes: Count, note: z.string().nullable(), person: z.string(),
});

const SignedReport = z.strictObject({
  id: Id, month: z.string(), at: z.iso.datetime(), person: z.string(), sha256: z.string(), total: Count, state: Count,
});

const counted = z.strictObject({
  all: Count, state: Count, byAttack: z.array(z.strictObject({ attack: z.enum(websiteAttacks), count: Count })),
  repaired: Count, medianHours: z.number().nullable(),
});
/** Of what stands together: the address, else the site; who signed it, '' where nobody did. */
const Signed = { host: z.string(), attacker: z.string() };
/** What feeds say of it: how, why (at most five words each), and whether it had been defaced before. */
const SaidOf = { modes: z.array(z.string()), reasons: z.array(z.string()), again: z.boolean().nullable() };
const WebsiteEntry = z.strictObject({
  site: z.string(), day: Day, attack: z.enum(websiteAttacks), first: z.iso.datetime(), last: z.iso.datetime(), rows: Count, hosts: Count,
  ...Signed, ...SaidOf,
  owner: z.string().nullable(), area: z.string(), state: z.boolean(),
  repairedAt: z.iso.datetime().nullable(), hoursToRepair: z.number().nullable(), how: z.string().nullable(),
  evidence: z.array(WebsiteEvidence),
});
const Asked = {
  from: Day.optional(), to: Day.optional(), attack: z.enum(websiteAttacks).optional(), site: z.string().max(253).optional(),
  cursor: z.string().max(200).optional(), limit: z.coerce.number().int().min(1).max(500).default(100),
};

export const registersApi = {
  websites: endpoint({
    method: 'GET',
    path: '/api/website-attacks',
    summary: 'The register of attacked websites: one entry for each site, kind of attack and day; counts of all, by kind, of the state.',
    input: z.strictObject({ ...Asked, host: z.string().max(253).optional(), attacker: z.string().max(120).optional() }),
    output: z.strictObject({ from: Day, to: Day, counts: counted, items: z.array(WebsiteEntry), next: z.string().nullable() }),
    needs: { right: 'event.list', by: 'role' },
  }),
  websiteLines: endpoint({
    method: 'GET',
    path: '/api/website-attacks/lines',
    summary: 'The same register with mass defacements together: all sites that one attacker defaced on one address in a day are one line.',
    input: z.strictObject(Asked),
    output: z.strictObject({
      from: Day, to: Day,
      /** Lines in all, those of several sites, and how many entries these hold; every entry stands in exactly one line. */
      counts: z.strictObject({ lines: Count, mass: Count, inMass: Count }),
      items: z.array(z.strictObject({
        day: Day, attack: z.enum(websiteAttacks), ...Signed, ...SaidOf,
        /** Entries of it, of those under a suffix of the state, and repaired. */
        sites: Count, state: Count, repaired: Count, rows: Count, first: z.iso.datetime(), last: z.iso.datetime(),
        /** The first by name. */
        site: z.string(),
        /** The entry itself, where it is the only one. */
        entry: WebsiteEntry.nullable(),
      })),
      next: z.string().nullable(),
    }),
    needs: { right: 'event.list', by: 'role' },
  }),
  repairWebsite: endpoint({
    method: 'POST',
    path: '/api/website-attacks/repaired',
    summary: 'Notes when a site was clean again, and how one knows; said again, it replaces what was said.',
    input: z.strictObject({ site: Site, day: Day, at: z.iso.datetime(), how: z.string().trim().min(3).max(500) }),
    output: z.strictObject({ site: z.string(), day: Day, repairedAt: z.iso.datetime(), hoursToRepair: z.number().nullable() }),
    needs: { right: 'website.tend', by: 'role' },
  }),
  captureWebsite: endpoint({
    method: 'POST',
    path: '/api/website-attacks/evidence',
    summary: 'Keeps what a site showed, byte for byte, by its hash: a page or a picture, at most 400 kB, with where and when it was taken.',
    input: z.strictObject({
      site: Site, day: Day, url: z.url({ protocol: /^https?$/ }).max(2000), capturedAt: z.iso.datetime(),
      mediaType: z.enum(evidenceTypes),
      base64: z.base64().min(4).max(540_000), note: z.string().trim().max(500).nullable().default(null),
    }),
    output: z.strictObject({ evidence: WebsiteEvidence }),
    needs: { right: 'website.tend', by: 'role' },
    status: 201,
  }),
  websiteEvidence: endpoint({
    method: 'GET',
    path: '/api/website-attacks/evidence/:evidence',
    summary: 'What was kept of a site, with the bytes.',
    input: z.strictObject({ evidence: Id }),
    output: z.strictObject({ evidence: WebsiteEvidence, base64: z.string() }),
    needs: { right: 'event.list', by: 'role' },
  }),
  stateOffices: endpoint({
    method: 'GET',
    path: '/api/state-offices',
    summary: 'State bodies in a month: infected addresses of each and of all, the month before, how often in a year, how long open; also as a table.',
    input: z.strictObject({
      month: Period.optional(),
      /** Provinces as they were in that month, or as they are today. */
      units: z.enum(['then', 'now']).default('then'),
    }),
    output: z.strictObject({
      month: z.string(), from: Day, to: Day, area: Area,
      /** Distinct infected addresses of the whole area. */
      total: Count, totalBefore: Count.nullable(),
      /** Whether there is any row of an infection in the month. */
      known: z.boolean(),
      /** Months that have any, newest first. */
      monthsKnown: z.array(z.string()),
      state: Count, stateBefore: Count.nullable(),
      groups: z.array(z.strictObject({ kind: z.enum(officeKinds), addresses: Count, affected: Count, bodies: Count })),
      bodies: z.array(z.strictObject({
        id: z.string(), name: z.string(), kind: z.enum(officeKinds), province: z.string().nullable(), addresses: Count,
        before: Count.nullable(), months: Count, again: z.boolean(), open: Count, oldestDays: Count.nullable(),
      })),
      csv: z.string(), sha256: z.string(), computedAt: z.iso.datetime(),
      /** What was signed of this month, newest first. */
      signed: z.array(SignedReport),
    }),
    needs: { right: 'event.list', by: 'role' },
  }),
  signOffices: endpoint({
    method: 'POST',
    path: '/api/state-offices/:month/sign',
    summary: 'Signs the report of a month as it is now: its bytes are kept, and the ledger says whose and what their hash is.',
    input: z.strictObject({
      month: Period,
      /** Of the report that was looked at: another one is not signed in its place. */
      sha256: z.string().regex(/^[0-9a-f]{64}$/),
    }),
    output: z.strictObject({ signed: SignedReport }),
    needs: { right: 'figure.sign', by: 'role' },
  }),
  signedOffices: endpoint({
    method: 'GET',
    path: '/api/state-offices/signed/:report',
    summary: 'A signed report, byte for byte as it was signed.',
    input: z.strictObject({ report: Id }),
    output: z.strictObject({ signed: SignedReport, csv: z.string() }),
    needs: { right: 'event.list', by: 'role' },
  }),
  officesPaper: raw(endpoint({
    method: 'GET',
    path: '/api/state-offices/signed/:report/paper',
    summary: 'A signed report as a PDF for people, in Vietnamese or English; the same report is the same bytes. Its foot names the hash of what was signed.',
    input: z.strictObject({ report: Id, language: z.enum(['vi', 'en']).default('vi') }),
    output: z.strictObject({}),
    needs: { right: 'event.list', by: 'role' },
  })),
} as const;
