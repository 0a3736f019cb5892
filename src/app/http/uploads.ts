/**
 * What an upload passes before and while its body comes: how large it may be, and whether there is room. Its endpoint says
 * `upload`; any other raw body is small, and its route bounds it itself.
 */
import { Refusal } from '#kit/refusal';
import type { Space } from '#world/space';

export interface Uploads {
  /** The largest body in bytes; 0 sets no limit. */
  readonly maxBytes: number;
  readonly space: Space;
}

/** Bytes between two looks at the disk. */
const lookEvery = 16 * 1_048_576;

/**
 * The request with a body that fails with the Refusal where it goes on too long or the disk fills up. Throws at once where the
 * request says so itself. What a request says of its size is not believed: a body may come in pieces, and longer than told.
 */
export async function uploadOf(uploads: Uploads, request: Request): Promise<Request> {
  const { maxBytes, space } = uploads;
  const told = Number(request.headers.get('content-length') ?? 0) || 0;
  if (maxBytes > 0 && told > maxBytes) throw tooLarge(maxBytes, 'content-length');
  await space.refuseFull(told);
  if (!request.body) return request;
  const { url, method, headers } = request;
  // `duplex` is required for a streamed body; the type of RequestInit does not know it everywhere.
  return new Request(url, { method, headers, body: bounded(uploads, request.body), duplex: 'half' } as RequestInit);
}

/**
 * The body is read by hand and never cancelled: that would take the connection, and the answer with it. What is left of a body
 * that was refused is read or cut off once the answer is out.
 */
function bounded({ maxBytes, space }: Uploads, body: ReadableStream<Uint8Array>): ReadableStream<Uint8Array> {
  const reader = body.getReader();
  const count = { bytes: 0, looked: 0 };
  return new ReadableStream<Uint8Array>({
    async pull(controller) {
      const { done, value } = await reader.read();
      if (done) return controller.close();
      count.bytes += value.length;
      if (maxBytes > 0 && count.bytes > maxBytes) throw tooLarge(maxBytes, `byte ${maxBytes}`);
      if (count.bytes - count.looked >= lookEvery) {
        count.looked = count.bytes;
        await space.refuseFull();
      }
      controller.enqueue(value);
    },
  }, { highWaterMark: 0 });
}

const tooLarge = (maxBytes: number, at: string): Refusal =>
  new Refusal('too-large', 'upload.too-large', `The file is larger than ${sizeText(maxBytes)}, the most that this hub takes at once.`, {
    at, hint: 'Send it in several files: rows that come twice count once.',
  });

function sizeText(bytes: number): string {
  const [unit, name] = ([[2 ** 40, 'TiB'], [2 ** 30, 'GiB'], [2 ** 20, 'MiB'], [2 ** 10, 'KiB']] as const)
    .find(([of]) => bytes % of === 0) ?? [1, 'bytes'];
  return `${bytes / unit} ${name}`;
}
