/** A request's body, which fails at its next piece once the sender may no longer send; nothing where there is none. */
export async function* whileAllowed(body: AsyncIterable<Uint8Array> | null, until: AbortSignal): AsyncGenerator<Uint8Array> {
  if (!body) return;
  for await (const piece of body) {
    if (until.aborted) throw new Error('who sent this may not send it any more');
    yield piece;
  }
}
