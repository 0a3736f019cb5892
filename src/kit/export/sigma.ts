/**
 * Sigma rules (specification 2): one YAML document for each kind of log source, and where a list is long several of them. Ids stay from
 * release to release. Every text is written as a JSON string, which YAML reads the same way; what is a wildcard of Sigma is escaped.
 */
import { uuid5 } from '#kit/stix/sco-id';
import { urlParts } from '#kit/match/url';
import { chunks, headLines, headText, type ExportHead, type ExportValue } from './export.ts';

/** Values in one rule at most: what engines compile without complaint. */
const perRule = 400;
/** Ours, drawn once. */
const namespace = '5b0c1c0e-6a55-4c0f-8f8e-1f8f2d7a4b61';

interface LogSource {
  readonly name: string;
  readonly title: string;
  readonly source: readonly string[];
  readonly takes: (value: ExportValue) => boolean;
  /** Fields with the values that they are compared with, and whether any one of the fields is enough. */
  readonly fields: (values: readonly ExportValue[]) => readonly (readonly [field: string, values: readonly string[]])[];
}

const literal = (text: string): string => text.replaceAll(/[\\*?]/g, '\\$&');
const plain = (values: readonly ExportValue[]): string[] => values.map(({ value }) => literal(value));
const hashName = { md5: 'MD5', sha1: 'SHA1', sha256: 'SHA256' } as const;

/** A proxy writes a URL without a port where it is the scheme's own, and so do we. */
const hosts = (values: readonly ExportValue[]): string[] => [...new Set(values.map(({ value }) => literal(value)))];

const sources: readonly LogSource[] = [
  {
    name: 'dns', title: 'DNS queries', source: ['category: dns'], takes: ({ kind }) => kind === 'domain',
    fields: (values) => [['query', hosts(values)], ['query|endswith', hosts(values).map((h) => `.${h}`)]],
  },
  {
    name: 'proxy-host', title: 'proxy requests to hosts', source: ['category: proxy'], takes: ({ kind }) => kind === 'domain',
    fields: (values) => [['cs-host', hosts(values)], ['cs-host|endswith', hosts(values).map((h) => `.${h}`)]],
  },
  {
    name: 'proxy-url', title: 'proxy requests for addresses', source: ['category: proxy'], takes: ({ kind, value }) => kind === 'url'
      && urlParts(value) !== null,
    fields: (values) => [['c-uri', plain(values)]],
  },
  {
    name: 'hash', title: 'started programs by hash', source: ['category: process_creation', 'product: windows'],
    takes: ({ kind }) => kind in hashName,
    fields: (values) => [['Hashes|contains', values.map(({ kind, value }) => `${hashName[kind as keyof typeof hashName]}=${value.toUpperCase()}`)]],
  },
  {
    name: 'connection', title: 'network connections', source: ['category: network_connection', 'product: windows'],
    takes: ({ kind }) => kind === 'ipv4' || kind === 'ipv6', fields: (values) => [['DestinationIp', plain(values)]],
  },
  {
    name: 'connection-prefix', title: 'network connections to networks', source: ['category: network_connection', 'product: windows'],
    takes: ({ kind }) => kind === 'prefix', fields: (values) => [['DestinationIp|cidr', values.map(({ value }) => value)]],
  },
];

const text = (value: string): string => JSON.stringify(value).replaceAll(/[\u007f-\uffff]/g, (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`);

function ruleText(head: ExportHead, log: LogSource, part: number, values: readonly ExportValue[]): string {
  const fields = log.fields(values);
  const names = fields.map((_, i) => `selection_${i + 1}`);
  const objects = [...new Set(values.map((v) => v.object))];
  const label = head.tlp.toLowerCase();
  return [
    `title: ${text(`${head.title.slice(0, 60)}, ${log.title}, ${part}`)}`, `id: ${uuid5(namespace, `${head.id} ${log.name} ${part}`)}`, 'status: experimental',
    `description: ${text(`${headLines(head).join('. ')}. ${values.length} values here, of ${objects.length} objects.`)}`,
    `author: Entente`, `date: ${head.madeAt.slice(0, 10)}`, 'tags:', `    - tlp.${label}`, 'logsource:', ...log.source.map((s) => `    ${s}`), 'detection:',
    ...fields.flatMap(([field, list], i) => [`    ${names[i]}:`, `        ${field}:`, ...list.map((v) => `            - ${text(v)}`)]),
    `    condition: ${names.length === 1 ? names[0] : '1 of selection_*'}`, 'falsepositives:', '    - Unknown', 'level: high', '',
  ].join('\n');
}

export function* sigmaRules(head: ExportHead, values: readonly ExportValue[]): Generator<string> {
  yield headText(head, '#');
  for (const log of sources) {
    let part = 0;
    for (const piece of chunks(values.filter(log.takes), perRule)) {
      part += 1;
      yield `---\n${ruleText(head, log, part, piece)}`;
    }
  }
}
