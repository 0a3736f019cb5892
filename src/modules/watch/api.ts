/**
 * Watching update channels: a steward publishes its products' channels, organisations register observers and hand in what these were
 * served, alarms are answered by the steward and closed by whoever observed.
 */
import { z } from 'zod';
import { endpoint } from '#kit/endpoint';
import { Alarm, Channel, Evidence, Excerpt, Format, Observer, Run, Wanted, Word } from './model.ts';

const Id = z.string().min(1).max(60);
const OneLine = z.string().trim().min(1).max(120);
const Said = z.string().trim().min(1).max(1_000);
const Sha256 = z.string().regex(/^[0-9a-f]{64}$/);
const Envelope = z.strictObject({
  payloadType: z.string().max(200), payload: z.string().max(8_000),
    signatures: z.array(z.strictObject({ keyid: z.string().max(200), sig: z.string().max(200) })).length(1),
});
const watching = { right: 'update-channel.view', by: 'mandate', ownToo: true } as const;

export const watchApi = {
  'update-channels.list': endpoint({
    method: 'GET', path: '/api/update-channels', summary: 'Update channels of products that one may know of, with what is served and open alarms.',
    input: z.strictObject({}),
    output: z.strictObject({
      items: z.array(Channel),
      /** Products of one's own that a channel can be published for. */
      products: z.array(z.strictObject({ id: z.string(), name: z.string() })),
    }),
    needs: watching,
  }),
  'update-channels.publish': endpoint({
    method: 'POST', path: '/api/products/:product/update-channels', status: 201,
    summary: 'Publishes an update channel of one’s own product: where its manifest is, in which form, and how long an update takes to reach everybody.',
    input: z.strictObject({
      product: Id, name: OneLine, url: z.url({ protocol: /^https?$/ }).max(2_000), format: Format.default('entente-update'),
      settleMinutes: z.number().int().min(0).max(1_440).default(2), silentMinutes: z.number().int().min(2).max(10_080).default(60),
    }),
    output: z.strictObject({ channel: Channel }), needs: { right: 'update-channel.publish', by: 'role' },
  }),
  'update-channels.end': endpoint({
    method: 'POST', path: '/api/update-channels/:channel/end',
      summary: 'Ends a channel of one’s own: nothing more is taken in of it, and all of it stays to be read.',
    input: z.strictObject({ channel: Id, reason: Said }), output: z.strictObject({ channel: Channel }), needs: { right: 'update-channel.end', by: 'role' },
  }),
  'update-channels.view': endpoint({
    method: 'GET', path: '/api/update-channels/:channel', summary: 'One channel: what each observer is served, and its alarms.',
    input: z.strictObject({ channel: Id }),
    output: z.strictObject({
      channel: Channel, sights: z.array(Run), alarms: z.array(Alarm), releases: z.array(z.string()), mayEnd: z.boolean(),
    }),
    needs: watching,
  }),
  'update-channels.timeline': endpoint({
    method: 'GET', path: '/api/update-channels/:channel/timeline', summary: 'What observers were served, from change to change, the newest first.',
    input: z.strictObject({ channel: Id, cursor: z.string().max(80).optional() }),
    output: z.strictObject({ items: z.array(Run), next: z.string().nullable() }), needs: watching,
  }),
  'update-channels.served': endpoint({
    method: 'GET', path: '/api/update-channels/:channel/views/:view',
      summary: 'What was served, whole: the manifest’s place, entries and files with their digests.',
    input: z.strictObject({ channel: Id, view: Sha256 }), output: z.strictObject({ text: z.string() }), needs: watching,
  }),
  'observers.list': endpoint({
    method: 'GET', path: '/api/observers', summary: 'Observers: one’s own, and those who watch channels that one may know of.',
    input: z.strictObject({}), output: z.strictObject({ items: z.array(Observer), mayRegister: z.boolean() }), needs: watching,
  }),
  'observers.register': endpoint({
    method: 'POST', path: '/api/observers', status: 201,
    summary: 'Registers an observer of one’s own, for a country or network, by its public Ed25519 key (JWK, PEM or base64).',
    input: z.strictObject({
      name: OneLine, country: z.string().regex(/^[A-Z]{2}$/), network: z.string().regex(/^AS\d{1,10}$/).nullable().default(null),
      keyid: z.string().regex(/^[\x21\x23-\x5b\x5d-\x7e]{1,100}$/), publicKey: z.string().min(1).max(2_000),
    }),
    output: z.strictObject({ observer: Observer }), needs: { right: 'observer.register', by: 'role' },
  }),
  'observers.end': endpoint({
    method: 'POST', path: '/api/observers/:observer/end', summary: 'Ends an observer of one’s own: nothing more is taken from its key; what it saw stays.',
    input: z.strictObject({ observer: Id }), output: z.strictObject({ observer: Observer }), needs: { right: 'observer.end', by: 'role' },
  }),
  'observations.record': endpoint({
    method: 'POST', path: '/api/update-channels/:channel/observations', status: 201,
    summary: 'Takes in what an observer was served, signed by it (docs/specs/watch.md), and compares it with what others were.',
    input: z.strictObject({
      channel: Id, envelope: Envelope,
      /** The view's canonical text; may be left out where the hub holds it. */
      view: z.string().max(1_100_000).optional(),
      /** The observer's clock as it sends. */
      sent: z.iso.datetime(),
    }),
    output: z.strictObject({
      number: z.number().int(), view: z.string(), alarms: z.array(Id),
      /** Pieces of which an alarm would like the bytes. */
      wanted: z.array(Wanted),
    }),
    needs: { right: 'observation.record', by: 'mandate', ownToo: true },
  }),
  'channel-alarms.list': endpoint({
    method: 'GET', path: '/api/channel-alarms', summary: 'Alarms on channels that one may know of, those not closed first, the newest first.',
    input: z.strictObject({ only: z.enum(['open', 'explained', 'closed']).optional(), channel: Id.optional() }),
    output: z.strictObject({ items: z.array(Alarm), open: z.number().int(), leftOff: z.boolean() }), needs: watching,
  }),
  'channel-alarms.view': endpoint({
    method: 'GET', path: '/api/channel-alarms/:alarm', summary: 'One alarm with its evidence: what each side signed, and the bytes where they differ first.',
    input: z.strictObject({ alarm: Id }),
    output: z.strictObject({
      alarm: Alarm, words: z.array(Word), evidence: z.array(Evidence), excerpts: z.array(Excerpt),
      /** The first byte that differs, where bytes of both sides are there. */
      differsAt: z.number().int().nullable(), wanted: z.array(Wanted), mayExplain: z.boolean(), mayClose: z.boolean(),
    }),
    needs: watching,
  }),
  'channel-alarms.explain': endpoint({
    method: 'POST', path: '/api/channel-alarms/:alarm/explanations', status: 201, summary: 'Says, as the steward of the product, what an alarm comes from.',
    input: z.strictObject({ alarm: Id, text: Said }), output: z.strictObject({ alarm: Alarm, words: z.array(Word) }),
    needs: { right: 'channel-alarm.explain', by: 'role' },
  }),
  'channel-alarms.close': endpoint({
    method: 'POST', path: '/api/channel-alarms/:alarm/close',
      summary: 'Closes an alarm, as an organisation whose observer saw it; it stays to be read, with everything said.',
    input: z.strictObject({ alarm: Id, text: Said }), output: z.strictObject({ alarm: Alarm, words: z.array(Word) }),
    needs: { right: 'channel-alarm.close', by: 'mandate', ownToo: true },
  }),
  'channel-alarms.add-bytes': endpoint({
    method: 'POST', path: '/api/channel-alarms/:alarm/excerpts', status: 201,
    summary: 'Hands in the bytes of a piece that an alarm wants: taken where their digest is the one in the signed view.',
    input: z.strictObject({ alarm: Id, sha256: Sha256, from: z.number().int().min(0), bytes: z.base64().max(1_400_000) }),
    output: z.strictObject({ wanted: z.array(Wanted) }), needs: { right: 'observation.record', by: 'mandate', ownToo: true },
  }),
} as const;
