/**
 * Rules for Suricata (6 and later). A rule's number comes from what it looks for, so that it is the same in every release and on every
 * machine; where two fall on one number, the one that comes later in order takes the next that its own hash names. Whatever a rule
 * would read as its own syntax is written in hex.
 */
import { hash } from 'node:crypto';
import { urlParts } from '#kit/match/url';
import { headText, oneLine, type ExportHead, type ExportValue } from './export.ts';

/** Beyond what Suricata's makers and the large rule sets use. */
const [firstSid, sids] = [3_000_000_000, 1_000_000_000];

/** Numbers by what a rule looks for; a key that comes again has the number that it had. */
export class RuleNumbers {
  private readonly byKey = new Map<string, number>();
  private readonly taken = new Set<number>();
  private readonly space: number;
  constructor(space = sids) {
    this.space = space;
  }

  of(key: string): number {
    const known = this.byKey.get(key);
    if (known !== undefined) return known;
    for (let turn = 0; ; turn++) {
      const sid = firstSid + (Number.parseInt(hash('sha256', `${turn}\0${key}`, 'hex').slice(0, 12), 16) % this.space);
      if (this.taken.has(sid)) continue;
      this.taken.add(sid);
      this.byKey.set(key, sid);
      return sid;
    }
  }
}

const hexByte = (byte: number): string => byte.toString(16).padStart(2, '0').toUpperCase();

/** The text of a content: printable ASCII as it is, all else, and what means something there, in hex between bars. */
export function contentText(text: string): string {
  const pieces: string[] = [];
  let hex: string[] = [];
  const flush = (): void => {
    if (hex.length > 0) pieces.push(`|${hex.join(' ')}|`);
    hex = [];
  };
  for (const byte of new TextEncoder().encode(text)) {
    const char = String.fromCharCode(byte);
    if (byte > 0x20 && byte < 0x7f && !'";:|\\'.includes(char)) {
      flush();
      pieces.push(char);
    } else hex.push(hexByte(byte));
  }
  flush();
  return pieces.join('');
}

/** The text of a message: what ends it or begins an escape is taken out of it. */
const messageText = (text: string): string => oneLine(text, 120).replaceAll(/[^\x20-\x7e]/g, '?').replaceAll(/[";:\\|$]/g, '_');

interface Rule { readonly what: string; readonly protocol: string; readonly between: string; readonly options: string }

const anywhere = 'any any -> any any';

const toServer = 'flow:established,to_server;';
const content = (text: string): string => `content:"${contentText(text)}";`;

function rulesOf({ kind, value }: ExportValue): Rule[] {
  if (kind === 'domain') {
    const below = content(`.${value}`);
    // The buffer of a host is in lower case already.
    return [
      { what: 'dns', protocol: 'dns', between: anywhere, options: `dns.query; dotprefix; ${below} nocase; endswith;` },
      { what: 'http', protocol: 'http', between: anywhere, options: `${toServer} http.host; dotprefix; ${below} endswith;` },
      { what: 'tls', protocol: 'tls', between: anywhere, options: `${toServer} tls.sni; dotprefix; ${below} nocase; endswith;` },
    ];
  }
  if (kind === 'url') {
    const url = urlParts(value);
    if (!url) return [];
    const uri = value.slice(value.indexOf('/', value.indexOf('://') + 3));
    const options = `${toServer} http.host; ${content(url.host.value)} startswith; endswith; http.uri.raw; ${content(uri)} startswith; endswith;`;
    return [{ what: 'url', protocol: 'http', between: anywhere, options }];
  }
  if (kind === 'email') {
    const options = `${toServer} ${content('MAIL FROM')} nocase; ${content(`<${value}>`)} nocase; distance:0; within:${value.length + 12};`;
    return [{ what: 'mail', protocol: 'smtp', between: anywhere, options }];
  }
  return [{ what: 'ip', protocol: 'ip', between: `any any <> ${value.includes(':') ? `[${value}]` : value} any`, options: '' }];
}

export function* suricataRules(head: ExportHead, values: readonly ExportValue[]): Generator<string> {
  yield headText(head, '#');
  const numbers = new RuleNumbers();
  for (const value of values) {
    for (const { what, protocol, between, options } of rulesOf(value)) {
      const sid = numbers.of(`${what}\0${value.kind}\0${value.value}`);
      const meta = [
        `entente_object ${value.object}`, `tlp ${value.tlp}`, ...(value.validUntil === null ? [] : [`valid_until ${value.validUntil.slice(0, 10)}`]),
        `expires ${head.endsAt.slice(0, 10)}`,
      ].join(', ');
      const message = messageText(`Entente ${what} ${value.value}`);
      yield `alert ${protocol} ${between} (msg:"${message}"; ${options}${options === '' ? '' : ' '}metadata:${meta}; sid:${sid}; rev:1;)\n`;
    }
  }
}
