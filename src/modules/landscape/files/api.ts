/** Files known by their hash: what the lists of clean and of malicious files say, and what to do where both name one. */
import { z } from 'zod';
import { endpoint } from '#kit/endpoint';
import { Count } from '../model.ts';

const Hash = z.string().regex(/^([0-9a-f]{32}|[0-9a-f]{40}|[0-9a-f]{64})$/, 'must be an MD5, SHA-1 or SHA-256 in small hexadecimal');
/** `paused`: both lists name it, and nobody has decided yet; it is nobody's indicator meanwhile. */
export const FileVerdict = z.enum(['clean', 'malicious', 'paused', 'unknown']);

const Seen = z.strictObject({
  feeds: z.array(z.string()), names: z.array(z.string()), first: z.iso.datetime(), last: z.iso.datetime(), rows: Count,
});

const Decision = z.strictObject({
  verdict: z.enum(['clean', 'malicious']), reason: z.string(), at: z.iso.datetime(), person: z.string(),
});

const Known = z.strictObject({ hash: z.string(), verdict: FileVerdict, clean: Seen.nullable(), malicious: Seen.nullable(), decision: Decision.nullable() });
export type KnownFile = z.infer<typeof Known>;

export const filesApi = {
  lookUpFiles: endpoint({
    method: 'POST',
    path: '/api/files/look-up',
    summary: 'What is known of files by their hash: clean, malicious, paused (both lists name it), or nothing. At most 1,000 at once.',
    input: z.strictObject({ hashes: z.array(z.string().trim().toLowerCase().pipe(Hash)).min(1).max(1000) }),
    output: z.strictObject({ items: z.array(Known) }),
    needs: { right: 'file.look-up', by: 'role' },
  }),
  maliciousFiles: endpoint({
    method: 'GET',
    path: '/api/files/malicious',
    summary: 'Hashes of malicious files to look for, by hash; those that a list of clean files names too are left out until somebody decides.',
    input: z.strictObject({ cursor: z.string().max(200).optional(), limit: z.coerce.number().int().min(1).max(5000).default(500) }),
    output: z.strictObject({ items: z.array(Known), next: z.string().nullable() }),
    needs: { right: 'file.look-up', by: 'role' },
  }),
  fileConflicts: endpoint({
    method: 'GET',
    path: '/api/files/conflicts',
    summary: 'Files that lists of clean and of malicious files both name, undecided ones first.',
    input: z.strictObject({ cursor: z.string().max(200).optional(), limit: z.coerce.number().int().min(1).max(500).default(100) }),
    output: z.strictObject({ open: Count, items: z.array(z.strictObject({ ...Known.shape, foundAt: z.iso.datetime() })), next: z.string().nullable() }),
    needs: { right: 'file.look-up', by: 'role' },
  }),
  decideFile: endpoint({
    method: 'POST',
    path: '/api/files/conflicts/:hash/decide',
    summary: 'Says of a file that both lists name whether it is clean or malicious, and why; it can be decided anew.',
    input: z.strictObject({ hash: z.string().min(1).max(64), verdict: z.enum(['clean', 'malicious']), reason: z.string().trim().min(1).max(500) }),
    output: z.strictObject({ file: Known }),
    needs: { right: 'file.decide', by: 'role' },
  }),
} as const;
