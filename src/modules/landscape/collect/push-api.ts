/** Keys with which a provider signs what it sends: whose uploads a feed takes, once it has any (docs/specs/push.md). */
import { z } from 'zod';
import { endpoint } from '#kit/endpoint';
import { Id } from '../model.ts';

export const PushKey = z.strictObject({
  id: z.string(),
  /** What the signature calls it. */
  keyid: z.string(),
  /** The raw public key, base64. */
  publicKey: z.string(),
  from: z.iso.datetime(),
  /** Null where it has no end. */
  until: z.iso.datetime().nullable(),
  addedAt: z.iso.datetime(),
  addedBy: z.string(),
  /** When it last signed something that was taken. */
  lastUsedAt: z.iso.datetime().nullable(),
});
export type PushKey = z.infer<typeof PushKey>;

export const pushApi = {
  pushKeys: endpoint({
    method: 'GET',
    path: '/api/feeds/:feed/push-keys',
    summary: 'The keys with which a feed’s provider signs its uploads; while there is one, unsigned files are refused.',
    input: z.strictObject({ feed: Id }),
    output: z.strictObject({ items: z.array(PushKey) }),
    needs: { right: 'push-key.list', by: 'role' },
  }),
  addPushKey: endpoint({
    method: 'POST',
    path: '/api/feeds/:feed/push-keys',
    summary: 'Adds a provider’s public key (Ed25519, as JWK, PEM or base64); from the first one on the feed takes signed files only.',
    input: z.strictObject({
      feed: Id,
      keyid: z.string().regex(/^[\x21\x23-\x5b\x5d-\x7e]{1,100}$/),
      publicKey: z.string().min(1).max(2000),
      /** Now unless said. */
      from: z.iso.datetime().optional(),
      until: z.iso.datetime().nullable().default(null),
    }),
    output: z.strictObject({ key: PushKey }),
    needs: { right: 'push-key.change', by: 'role' },
    status: 201,
  }),
  endPushKey: endpoint({
    method: 'POST',
    path: '/api/feeds/:feed/push-keys/:pushKey/end',
    summary: 'Ends a key at once. After the last one the feed takes unsigned files again.',
    input: z.strictObject({ feed: Id, pushKey: Id }),
    output: z.strictObject({ items: z.array(PushKey) }),
    needs: { right: 'push-key.change', by: 'role' },
  }),
} as const;
