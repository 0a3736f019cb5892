/**
 * The pages and their files, read once at start and served from memory: hashed names for ever, the rest asked anew. Any
 * other address that a browser navigates to answers the shell, which knows its own routes.
 */
import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { extname, join, relative, sep } from 'node:path';
import { brotliCompressSync, constants, gzipSync } from 'node:zlib';

interface Served {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly gzip: Uint8Array<ArrayBuffer> | null;
  readonly brotli: Uint8Array<ArrayBuffer> | null;
  readonly headers: Readonly<Record<string, string>>;
}
export interface Files {
  /** The answer for a path, or null where no file has it. */
  serve(request: Request): Response | null;
  /** The shell, for addresses that only it knows. */
  shell(request: Request): Response;
}

const types: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8', '.js': 'text/javascript; charset=utf-8', '.css': 'text/css; charset=utf-8',
  '.json': 'application/json', '.svg': 'image/svg+xml', '.woff2': 'font/woff2', '.woff': 'font/woff',
  '.png': 'image/png', '.ico': 'image/x-icon', '.txt': 'text/plain; charset=utf-8', '.webmanifest': 'application/manifest+json',
};

export async function filesFrom(folder: string): Promise<Files> {
  const served = new Map<string, Served>();
  const names = await readdir(folder, { recursive: true, withFileTypes: true });
  for (const entry of names.filter((n) => n.isFile())) {
    const path = join(entry.parentPath, entry.name);
    const address = `/${relative(folder, path).split(sep).join('/')}`;
    served.set(address, servedFrom(address, new Uint8Array(await readFile(path))));
  }
  const index = served.get('/index.html');
  if (!index) throw new Error(`the web has not been built: ${folder} holds no index.html`);
  return {
    serve(request) {
      const found = served.get(new URL(request.url).pathname);
      return found && found !== index ? answer(found, request) : null;
    },
    shell: (request) => answer(index, request),
  };
}

function servedFrom(address: string, bytes: Uint8Array<ArrayBuffer>): Served {
  const type = types[extname(address)] ?? 'application/octet-stream';
  const hashed = address.startsWith('/assets/');
  const compressible = /text|json|svg/.test(type) && bytes.length > 1000;
  return {
    bytes, gzip: compressible ? new Uint8Array(gzipSync(bytes)) : null,
    brotli: compressible
      ? new Uint8Array(brotliCompressSync(bytes, { params: { [constants.BROTLI_PARAM_QUALITY]: 5 } })) : null,
    headers: {
      'content-type': type, etag: `"${createHash('sha256').update(bytes).digest('hex').slice(0, 32)}"`,
      'cache-control': hashed ? 'public, max-age=31536000, immutable' : 'no-cache', vary: 'accept-encoding',
    },
  };
}

function answer(file: Served, request: Request): Response {
  if (request.headers.get('if-none-match') === file.headers['etag']) {
    return new Response(null, { status: 304, headers: file.headers });
  }
  const accepted = request.headers.get('accept-encoding') ?? '';
  const [body, encoding] = file.brotli && accepted.includes('br') ? [file.brotli, 'br']
    : file.gzip && accepted.includes('gzip') ? [file.gzip, 'gzip'] : [file.bytes, null];
  const headers = { ...file.headers, ...(encoding ? { 'content-encoding': encoding } : {}) };
  return new Response(request.method === 'HEAD' ? null : body, { headers });
}
