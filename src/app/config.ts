/**
 * The settings: one table with type, default and meaning for each, read from the environment. docs/config.md is
 * generated from it; an unknown `ENTENTE_` key stops the start, so that a misspelt one is not silently a default. A
 * secret may be given as the path of a file (`KEY_FILE`) and is never logged.
 */
import ipaddr from 'ipaddr.js';
import { z } from 'zod';
import { isZone } from '#kit/zone/midnight';
import { blobStoreOf } from '#world/blobs/s3';
import { secretFile, type Environment } from '#world/environment';
import { clusterAddress } from '#world/events/cluster';
import { parseAllowed } from '#world/http/rules';
import type { Limits } from './http/limits.ts';

function isEventsAddress(text: string): boolean {
  try {
    return clusterAddress(text).servers.length > 0;
  } catch {
    return false;
  }
}

interface Setting {
  readonly schema: z.ZodType;
  readonly meaning: string;
  readonly secret?: true;
  /** What the docs print where the schema's own default does not say it. */
  readonly defaultSaid?: string;
}

const port = z.coerce.number().int().min(0).max(65535);
const units = { '': 1, B: 1, KiB: 2 ** 10, MiB: 2 ** 20, GiB: 2 ** 30, TiB: 2 ** 40 } as const;
/** Bytes, from a number with or without a unit. */
const size = z.string().transform((text, context) => {
  const [, count = '', unit = ''] = /^(\d{1,9}) ?(|B|KiB|MiB|GiB|TiB)$/.exec(text) ?? [];
  if (count === '') context.addIssue('must be a size such as 500MiB or 20GiB');
  return Number(count) * units[unit as keyof typeof units];
});
const perMinute = z.coerce.number().int().min(0).max(1_000_000);
const ranges = z.string().transform((text) => text.split(',').map((s) => s.trim()).filter((s) => s !== ''))
  .refine((all) => all.every((range) => ipaddr.isValid(range) || ipaddr.isValidCIDR(range)), 'must be addresses or CIDR ranges');

function isIssuer(text: string): boolean {
  const url = URL.canParse(text) ? new URL(text) : null;
  if (!url || url.search !== '' || url.hash !== '' || url.username !== '' || text !== text.trim()) return false;
  return url.protocol === 'https:' || (url.protocol === 'http:' && ['127.0.0.1', 'localhost'].includes(url.hostname));
}

export const settings = {
  ENTENTE_PORT: {
    schema: port.default(8080), meaning: 'TCP port the hub listens on; 0 takes a free one.',
  },
  ENTENTE_ADDRESS: {
    schema: z.string().default('127.0.0.1'),
    meaning: 'Address the production hub listens on. TLS ends in front of it. The demonstration is always on loopback.',
  },
  ENTENTE_DATA: {
    schema: z.string().optional(), defaultSaid: '`data/demo` or `data/hub` under the working folder',
    meaning: 'Data folder: records (unless a database URL is given), events, blobs, keys. Marked demo or production once.',
  },
  ENTENTE_DB_URL: {
    schema: z.string().regex(/^postgres(ql)?:\/\//, 'must begin with postgresql://').optional(), secret: true,
    meaning: 'PostgreSQL for the records. Without it PGlite keeps them in the data folder.',
  },
  ENTENTE_EVENTS_URL: {
    schema: z.string().refine(isEventsAddress, 'must be http(s)://USER:SECRET@HOST:PORT, one for each shard, comma separated').optional(),
    secret: true,
    meaning: 'ClickHouse for the events: one server, or one a shard in their order, then `?cluster=NAME` as their `remote_servers` has it, '
      + 'and `&replicated=yes` where tables are replicated by the servers’ macros. Without it chDB keeps them in the data folder.',
  },
  ENTENTE_BLOBS_URL: {
    schema: z.string().refine((text) => blobStoreOf(text) !== null, 'must be https://KEY:SECRET@HOST/BUCKET, with a prefix and ?region=NAME where wanted')
      .optional(), secret: true,
    meaning: 'A bucket for blobs and the tiles of the log, in any store that speaks S3 and knows conditional writes: '
      + '`https://KEY:SECRET@HOST/BUCKET/PREFIX?region=NAME`. Without it they are files in the data folder.',
  },
  ENTENTE_ORIGIN: {
    schema: z.string().optional(),
    meaning: 'Web origin of the production hub: `https://host`, or `http://localhost:PORT` for trials. Its host is the passkeys’ RP ID.',
  },
  ENTENTE_OIDC_ISSUER: {
    schema: z.string().refine(isIssuer, 'must be an https address without query, or http on 127.0.0.1 or localhost for trials').optional(),
    meaning: 'Issuer of the organisation’s identity provider (OpenID Connect), letter for letter. Its host and port also stand in '
      + '`ENTENTE_OUTBOUND_ALLOW` where it is none of the open internet. Redirect address: `ENTENTE_ORIGIN` and `/sign-in/provider`.',
  },
  ENTENTE_OIDC_CLIENT_ID: {
    schema: z.string().min(1).max(200).optional(), meaning: 'What the identity provider calls this hub.',
  },
  ENTENTE_OIDC_CLIENT_SECRET: {
    schema: z.string().min(1).optional(), secret: true,
    meaning: 'Secret of that client; without one it is public, and PKCE alone binds an answer to the hub.',
  },
  ENTENTE_OIDC_NAME: {
    schema: z.string().min(1).max(60).default('your organisation’s identity provider'), meaning: 'Its name on the sign-in page.',
  },
  ENTENTE_SESSION_IDLE: {
    schema: z.coerce.number().int().min(5).max(720).default(120),
    meaning: 'Minutes without use after which a session ends by itself. It ends after twelve hours in any case.',
  },
  ENTENTE_TRUSTED_PROXIES: {
    schema: ranges.default([]), defaultSaid: 'empty',
    meaning: 'Addresses or CIDR ranges, comma separated, whose `X-Forwarded-For` is believed.',
  },
  ENTENTE_READS_PER_MINUTE: {
    schema: perMinute.default(3000),
    meaning: 'Requests a minute that one person, or one API token, may make to read; beyond it the answer is 429 with `Retry-After`. '
      + '0 sets no limit. Each hub counts for itself.',
  },
  ENTENTE_WRITES_PER_MINUTE: {
    schema: perMinute.default(600), meaning: 'The same for requests that write.',
  },
  ENTENTE_ANONYMOUS_PER_MINUTE: {
    schema: perMinute.default(120),
    meaning: 'The same for writes by people who are not signed in (signing in is one), of one address, or of one /64 of IPv6.',
  },
  ENTENTE_UPLOAD_MAX: {
    schema: size.default(20 * units.GiB), defaultSaid: '`20GiB`',
    meaning: 'The largest file that the hub takes over HTTP, as it is sent; a larger one is refused (413) and nothing of it stays. '
      + '0 sets no limit. A command that holds the data folder itself is not bound by it.',
  },
  ENTENTE_DISK_FLOOR: {
    schema: size.default(units.GiB), defaultSaid: '`1GiB`',
    meaning: 'What stays free of each disk that the hub writes files to: below it files are refused (503), before and while they come, so '
      + 'that records and ledger can go on. 0 sets none; a start wants 500 MB in any case.',
  },
  ENTENTE_INBOX: {
    schema: z.string().refine((path) => path.startsWith('/'), 'must be an absolute path').optional(), defaultSaid: 'no folder is looked into',
    meaning: 'Folder beneath which files may be laid down for feeds: each organisation’s in a folder of its id, as `org_hub/vendor`. What is '
      + 'taken is moved to `done` there, or to `failed`; no link is followed.',
  },
  ENTENTE_KEEP_ROWS: {
    schema: z.coerce.number().int().min(0).max(1200).default(0),
    meaning: 'Whole months before the present one whose rows, and the raw files they came in, are kept; older ones go, each month with its tombstone, and '
      + 'are not taken in. Figures stay. 0 keeps all, and so does the demonstration; set it to what the law of the country says (18 is usual).',
  },
  ENTENTE_SHARED: {
    schema: z.string().optional(), defaultSaid: 'the data folder',
    meaning: 'Folder of blobs and keys for several hubs over one database: the same for all of them, while each has a data folder of its '
      + 'own. Needs `ENTENTE_DB_URL`.',
  },
  ENTENTE_WITNESSES: {
    schema: z.string().optional(), defaultSaid: 'no witness is asked',
    meaning: 'Policy file (C2SP tlog-policy) whose `witness` lines with an address are asked to cosign the ledger, and whose quorum is '
      + 'wanted for exports.',
  },
  ENTENTE_OUTBOUND: {
    schema: z.enum(['open', 'none']).default('open'),
    meaning: '`none`: the hub asks no other machine for anything, by HTTP, mail or names, as in a room without a network. Its own stores '
      + '(`ENTENTE_DB_URL`, `ENTENTE_EVENTS_URL`, `ENTENTE_BLOBS_URL`) are reached all the same. See docs/operations.md, Without a network.',
  },
  ENTENTE_OUTBOUND_ALLOW: {
    schema: z.string().transform((text, context) => {
      const entries = parseAllowed(text);
      if (entries === null) context.addIssue('must be host:port entries, comma separated');
      return entries ?? [];
    }).default([]), defaultSaid: 'empty',
    meaning: 'Hosts of one’s own networks that the hub may ask, `host:port`, comma separated: private witnesses, mirrors, identity '
      + 'providers. Everything else it asks must be on the open internet, at port 80 or 443.',
  },
  ENTENTE_HUB_NAME: {
    schema: z.string().min(1).max(200).default('National Cyber Security Centre'),
    meaning: 'Name of the organisation that runs the hub; used at the first production start.',
  },
  ENTENTE_HUB_NAME_LOCAL: {
    schema: z.string().min(1).max(200).optional(),
    meaning: 'The same name in the country’s own language, for pages in that language.',
  },
  ENTENTE_COUNTRY: {
    schema: z.string().regex(/^[A-Z]{2}$/, 'must be two capital letters (ISO 3166-1)').default('VN'),
    meaning: 'Country that the hub speaks for.',
  },
  ENTENTE_ZONE: {
    schema: z.string().refine(isZone, 'must be an IANA time zone such as Asia/Ho_Chi_Minh').default('Asia/Ho_Chi_Minh'),
    meaning: 'Time zone whose office hours, holidays and months count for constituents.',
  },
  ENTENTE_SMTP_URL: {
    schema: z.string().regex(/^smtps?:\/\/[^\s]+$/, 'must begin with smtp:// or smtps://')
      .refine((url) => URL.canParse(url), 'must be a URL').optional(),
    secret: true, defaultSaid: 'letters are laid down as files in the data folder',
    meaning: 'SMTP server that letters go through, `smtps://user:secret@host`. TLS is used wherever it is offered.',
  },
  ENTENTE_MAIL_FROM: {
    schema: z.string().regex(/^(?:[^<>\r\n]{0,100}<[^<>@\s]+@[^<>@\s]+>|[^<>@\s]+@[^<>@\s]+)$/, 'must be an address, `Name <name@host>`')
      .default('Entente <entente@localhost>'),
    meaning: 'Sender of letters. Bounces come back to it.',
  },
  ENTENTE_MAP: {
    schema: z.string().optional(), defaultSaid: 'the map of the package',
    meaning: 'TopoJSON file drawn as the world map: how borders are drawn is the deployment’s decision.',
  },
  ENTENTE_TOKEN: {
    schema: z.string().optional(), secret: true,
    meaning: 'API token with which `entente ingest` speaks to a hub that holds the data folder.',
  },
} as const satisfies Record<string, Setting>;

type Settings = { [K in keyof typeof settings]: z.output<(typeof settings)[K]['schema']> };
export type Config = Settings;

export function limitsFrom(config: Config): Limits {
  return {
    anonymous: config.ENTENTE_ANONYMOUS_PER_MINUTE, reads: config.ENTENTE_READS_PER_MINUTE, writes: config.ENTENTE_WRITES_PER_MINUTE,
  };
}

/** One sentence each, for the terminal. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
}

/** Reads the settings; throws a ConfigError that names the key, never a secret's value. */
export function readConfig(environment: Environment): Config {
  const table: Readonly<Record<string, Setting>> = settings;
  const known = new Set(Object.entries(table).flatMap(([key, s]) => (s.secret ? [key, `${key}_FILE`] : [key])));
  const unknown = Object.keys(environment).find((key) => key.startsWith('ENTENTE_') && !known.has(key));
  if (unknown) throw new ConfigError(`${unknown} is not a setting; docs/config.md lists them all`);
  const values = Object.entries(table).map(([key, setting]) => {
    const given = setting.secret ? secretOf(key, environment) : environment[key];
    const parsed = setting.schema.safeParse(given === '' ? undefined : given);
    if (!parsed.success) throw new ConfigError(`${key} ${parsed.error.issues[0]?.message ?? 'is not valid'}`);
    return [key, parsed.data] as const;
  });
  const config = Object.fromEntries(values) as Config;
  refuseWaysOut(config);
  return config;
}

/** Settings that name another machine to ask, where nobody is to be asked: one of the two is a mistake. */
function refuseWaysOut(config: Config): void {
  if (config.ENTENTE_OUTBOUND === 'open') return;
  const { ENTENTE_OUTBOUND_ALLOW: allowed } = config;
  const out = (['ENTENTE_SMTP_URL', 'ENTENTE_OIDC_ISSUER', 'ENTENTE_WITNESSES'] as const).find((key) => config[key] !== undefined)
    ?? (allowed.length > 0 ? 'ENTENTE_OUTBOUND_ALLOW' : null);
  if (out !== null) throw new ConfigError(`${out} names another machine to ask, which ENTENTE_OUTBOUND=none forbids; give one of the two`);
}

function secretOf(key: string, environment: Environment): string | undefined {
  const path = environment[`${key}_FILE`];
  if (path !== undefined && environment[key] !== undefined) {
    throw new ConfigError(`${key} and ${key}_FILE are both given; give one`);
  }
  return path === undefined ? environment[key] : secretFile(path);
}

/** The production hub's origin, checked: https anywhere, http on localhost only, nothing but scheme, host and port. */
export function originOf(config: Config): URL {
  const text = config.ENTENTE_ORIGIN;
  if (text === undefined) {
    throw new ConfigError('ENTENTE_ORIGIN is required, for example https://hub.example or http://localhost:8080');
  }
  const url = URL.canParse(text) ? new URL(text) : null;
  if (!url || url.origin !== text.replace(/\/$/, '')) {
    throw new ConfigError('ENTENTE_ORIGIN must be a plain origin such as https://hub.example');
  }
  const trial = url.protocol === 'http:' && url.hostname === 'localhost';
  if (url.protocol !== 'https:' && !trial) {
    throw new ConfigError('ENTENTE_ORIGIN must be https, or http://localhost for trials');
  }
  return url;
}

/** docs/config.md. */
export function configDocument(): string {
  const rows = Object.entries(settings as Readonly<Record<string, Setting>>).map(([key, s]) => {
    const fallback = s.schema.safeParse(undefined);
    const shown = s.defaultSaid ?? (fallback.success && fallback.data !== undefined ? `\`${String(fallback.data)}\`` : 'none');
    return `| \`${key}\`${s.secret ? ` or \`${key}_FILE\`` : ''} | ${shown} | ${s.meaning} |`;
  });
  return ['# Settings', '', 'Generated from `src/app/config.ts`; `npm run docs` writes it anew.', '',
    'Settings are environment variables. An unknown `ENTENTE_` variable stops the start. Where `KEY_FILE` is named, the',
    'value may stand in a file whose path is given instead.', '',
    '| setting | default | meaning |', '|---|---|---|', ...rows, ''].join('\n');
}
