/**
 * Object stores that speak S3, by the SDK of its makers: signatures, regions and listings are its business. Each request of it goes
 * through the outbound port, so that a bucket inside one's own networks needs to be named in the setting like anything else.
 */
import { Readable } from 'node:stream';
import type { S3Client, S3ClientConfig } from '@aws-sdk/client-s3';
import { OutboundError, type Outbound } from '../http/port.ts';
import { ObjectsError, type Bucket, type Objects } from './port.ts';

/** The part of the SDK's requests and answers that passes through here. */
interface Sent {
  readonly protocol: string; readonly hostname: string; readonly port?: number; readonly path: string; readonly method: string;
  readonly query?: Readonly<Record<string, string | readonly string[] | null>>; readonly headers: Readonly<Record<string, string>>;
}

const escaped = (text: string): string => encodeURIComponent(text).replaceAll(/[!'()*]/g, (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`);

function urlOf({ protocol, hostname, port, path, query = {} }: Sent): string {
  const fields = Object.entries(query).flatMap(([name, value]) => (value === null ? [escaped(name)]
    : [value].flat().map((one) => `${escaped(name)}=${escaped(String(one))}`)));
  const scheme = protocol.endsWith(':') ? protocol : `${protocol}:`;
  return `${scheme}//${hostname}${port === undefined ? '' : `:${port}`}${path}${fields.length > 0 ? `?${fields.join('&')}` : ''}`;
}

/** Loaded when it is wanted: it is large, and few hubs read from an object store. */
const sdk = () => import('@aws-sdk/client-s3');

/** What a no of the store may say. */
const errorBytes = 65_536;

async function clientOf(outbound: Outbound, bucket: Bucket, bytesMax: number, signal: AbortSignal | undefined): Promise<S3Client> {
  const { S3Client: Client } = await sdk();
  const handle = async (sent: Sent): Promise<{ response: { statusCode: number; headers: Record<string, string>; body: Readable } }> => {
    const { status, headers, body } = await outbound.open({
      url: urlOf(sent), method: sent.method === 'HEAD' ? 'HEAD' : 'GET', headers: sent.headers, bytesMax: Math.max(bytesMax, errorBytes), redirectsMax: 0,
      patienceMs: 30_000, ...(signal ? { signal } : {}),
    });
    return { response: { statusCode: status, headers, body: Readable.from(body, { objectMode: false }) } };
  };
  const requestHandler = { metadata: { handlerProtocol: 'http/1.1' }, handle, destroy: () => undefined } as S3ClientConfig['requestHandler'];
  return new Client({
    region: bucket.region, forcePathStyle: bucket.pathStyle, maxAttempts: 1, ...(requestHandler ? { requestHandler } : {}),
    ...(bucket.endpoint === null ? {} : { endpoint: bucket.endpoint }),
    credentials: { accessKeyId: bucket.accessKeyId, secretAccessKey: bucket.secretAccessKey },
    // What is read is counted as it is; sums that a store may or may not have are not asked for.
    requestChecksumCalculation: 'WHEN_REQUIRED', responseChecksumValidation: 'WHEN_REQUIRED',
    followRegionRedirects: false, defaultUserAgentProvider: async () => [['entente']],
  });
}

function named(error: unknown): ObjectsError {
  if (error instanceof ObjectsError) return error;
  if (error instanceof OutboundError) {
    const reason = error.reason === 'blocked' || error.reason === 'too-large' ? error.reason : 'unreachable';
    return new ObjectsError(reason, error.message, { cause: error });
  }
  const { $metadata, name } = error as { $metadata?: { httpStatusCode?: number }; name?: string };
  const status = $metadata?.httpStatusCode;
  return status === undefined ? new ObjectsError('unreachable', 'The object store could not be understood.', { cause: error })
    : new ObjectsError(status >= 500 ? 'unreachable' : 'refused', `The object store answered ${status} (${String(name).slice(0, 60)}).`, { cause: error });
}

export function s3Objects(outbound: Outbound): Objects {
  return {
    async list(bucket, prefix, after, signal) {
      const client = await clientOf(outbound, bucket, 8_000_000, signal);
      try {
        const { ListObjectsV2Command } = await sdk();
        const answer = await client.send(new ListObjectsV2Command({
          Bucket: bucket.bucket, Prefix: prefix, MaxKeys: 1000, ...(after === null ? {} : { StartAfter: after }),
        }));
        return (answer.Contents ?? []).flatMap(({ Key: key, Size: size = 0 }) => (key === undefined ? [] : [{ key, sizeBytes: size }]));
      } catch (error) {
        throw named(error);
      } finally {
        client.destroy();
      }
    },
    async open(bucket, key, bytesMax, signal) {
      const client = await clientOf(outbound, bucket, bytesMax, signal);
      try {
        const { GetObjectCommand } = await sdk();
        const { Body: body } = await client.send(new GetObjectCommand({ Bucket: bucket.bucket, Key: key }));
        if (!(body instanceof Readable)) throw new ObjectsError('unreachable', 'The object store sent nothing.');
        return told(body, bytesMax);
      } catch (error) {
        throw named(error);
      } finally {
        client.destroy();
      }
    },
  };
}

async function* told(body: AsyncIterable<Uint8Array>, most: number): AsyncGenerator<Uint8Array> {
  let size = 0;
  try {
    for await (const piece of body) {
      size += piece.length;
      if (size > most) throw new ObjectsError('too-large', `The object is larger than ${most} bytes.`);
      yield piece;
    }
  } catch (error) {
    throw named(error);
  }
}
