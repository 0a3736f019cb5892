/**
 * Files out of a bucket: those whose key comes after the last one taken, in the store's order. So a provider names them by time, as
 * all do; one that is put later under an earlier name is not seen.
 */
import { ObjectsError, type Bucket } from '#world/objects/port';
import type { SettingsOf } from '../model.ts';
import { fits, plainName } from '../rules.ts';
import { SourceError, type Looking, type Step } from './step.ts';

export async function* s3Files(settings: SettingsOf<'s3'>, looking: Looking): AsyncGenerator<Step> {
  const { prefix, match, endpoint, region, bucket, pathStyle, accessKeyId } = settings;
  const store = { endpoint, region, bucket, pathStyle, accessKeyId, secretAccessKey: looking.secret('secret') };
  const { after: kept } = looking.cursor;
  for (let after = typeof kept === 'string' ? kept : null; ;) {
    const at = `${bucket}/${prefix}`;
    const found = await looking.objects.list(store, prefix, after, looking.signal).catch((error: unknown) => { throw no(error, at); });
    for (const { key, sizeBytes } of found) {
      after = key;
      const remember = { cursor: { after: key } };
      if (key.endsWith('/') || !fits(match, plainName(key, 'object'))) {
        yield { kind: 'note', remember };
        continue;
      }
      const place = `${bucket}/${key}`;
      yield { kind: 'file', name: plainName(key, 'object'), at: place, remember, open: () => opened(looking, store, key, sizeBytes, place) };
    }
    if (found.length < 1000) return;
  }
}

function no(error: unknown, at: string, lasting = false): unknown {
  if (!(error instanceof ObjectsError)) return error;
  return new SourceError(`feed-source.store-${error.reason}`, `${error.message} (${at})`, at, {
    cause: error, lasting: error.reason === 'too-large' || (lasting && error.reason === 'refused'),
  });
}

async function opened(looking: Looking, store: Bucket, key: string, sizeBytes: number, at: string): Promise<AsyncIterable<Uint8Array>> {
  if (sizeBytes > looking.bytesMax) {
    throw new SourceError('feed-source.too-large', `The object is larger than ${looking.bytesMax} bytes. (${at})`, at, { lasting: true });
  }
  const body = await looking.objects.open(store, key, Number.MAX_SAFE_INTEGER, looking.signal).catch((error: unknown) => { throw no(error, at); });
  return named(body, at);
}

async function* named(body: AsyncIterable<Uint8Array>, at: string): AsyncGenerator<Uint8Array> {
  try {
    yield* body;
  } catch (error) {
    throw no(error, at);
  }
}
