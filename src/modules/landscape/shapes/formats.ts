/**
 * The formats of others that we know, each as a mapping over its own names: IntelMQ's data format, n6, XARF 3 and 4, defacements as
 * Zone-H lists them, the logs of Cowrie and Dionaea, lists of malicious addresses of the web and of clean files, attributes of MISP.
 * Written from their documentation. A feed of one's own begins with a copy of the nearest.
 */
import type { Mapping, MappingRule } from '../model/mapping.ts';

const same = (...from: string[]): MappingRule => ({ from });
const fixed = (otherwise: string): MappingRule => ({ from: [], otherwise });

/** IntelMQ data format (harmonisation 3): the source is the host that the event is about. */
const intelmq: Mapping = {
  format: { kind: 'json', rows: '' }, leave: ['raw'],
  rules: {
    time: same('time.source', 'time.observation'),
    type: { from: ['classification.type'], otherwise: 'undetermined' },
    family: same('malware.name', 'classification.identifier'),
    severity: same('extra.severity'), confidence: same('feed.accuracy'), tlp: same('tlp', 'extra.tlp'),
    ip: same('source.ip'), port: same('source.port'), peer: same('destination.ip'), peerPort: same('destination.port'),
    domain: { from: ['source.fqdn', 'source.reverse_dns'], optional: true }, url: same('source.url'), asn: same('source.asn'),
    area: same('source.geolocation.cc'), count: same('extra.count'),
    md5: { from: ['malware.hash.md5'], optional: true }, sha1: { from: ['malware.hash.sha1'], optional: true },
    sha256: { from: ['malware.hash.sha256'], optional: true },
  },
};

/** Categories of n6 to RSIT types; what is an address's own doing stays apart from lists. */
export const n6Categories: Readonly<Record<string, string>> = {
  amplifier: 'ddos-amplifier', bots: 'infected-system', backdoor: 'system-compromise', cnc: 'c2-server', deface: 'defacement',
  dns: 'misconfiguration', 'dns-query': 'other', 'dos-attacker': 'ddos', 'dos-victim': 'dos-victim', exploit: 'exploit', flow: 'other',
  'flow-anomaly': 'other', fraud: 'fraud', heartbleed: 'vulnerable-system', leak: 'data-leak', malurl: 'malware-distribution', malware: 'malware-file',
  phish: 'phishing', proxy: 'proxy', 'sandbox-url': 'other', scanning: 'scanner', 'server-exploit': 'exploit', spam: 'spam', 'spam-url': 'spam',
  tor: 'tor', vulnerable: 'vulnerable-system', webinject: 'fraud', other: 'other',
};
const n6: Mapping = {
  format: { kind: 'json', rows: '' }, leave: [],
  rules: {
    time: same('time'), type: { from: ['category'], table: { ...n6Categories }, otherwise: 'other' },
    family: same('name', 'botid', 'category'), confidence: same('confidence'),
    // n6's own marking says who may see it; it knows no TLP.
    tlp: { from: ['restriction'], table: { public: 'GREEN', 'need-to-know': 'AMBER', internal: 'RED' } },
    ip: same('address.0.ip', 'ip'), asn: same('address.0.asn', 'asn'), area: same('address.0.cc', 'cc'),
    port: same('sport'), peer: same('dip', 'adip'), peerPort: same('dport'),
    domain: { from: ['fqdn'], optional: true }, url: same('url'), count: same('count'),
    md5: { from: ['md5'], optional: true }, sha1: { from: ['sha1'], optional: true }, sha256: { from: ['sha256'], optional: true },
  },
};

/** XARF categories and types to ours: version 4 as `category/type`, version 3 as its report type alone. */
const xarfTypes: Readonly<Record<string, string>> = {
  'messaging/spam': 'spam', 'messaging/bulk_messaging': 'spam',
  'connection/ddos': 'ddos', 'connection/port_scan': 'scanner', 'connection/login_attack': 'brute-force', 'connection/sql_injection': 'web-attack',
  'connection/reconnaissance': 'scanner', 'connection/scraping': 'web-attack', 'connection/vulnerability_scan': 'scanner',
    'connection/auth_failure': 'brute-force',
  'connection/infected_host': 'infected-system', 'connection/vuln_scanning': 'scanner',
  'content/phishing': 'phishing', 'content/malware': 'malware-distribution', 'content/defacement': 'defacement', 'content/fraud': 'fraud',
  'content/csam': 'harmful-content', 'content/suspicious_registration': 'fraud', 'content/data_leak': 'data-leak', 'content/remote_compromise': 'defacement',
  'content/brand_infringement': 'copyright', 'content/exposed_data': 'data-leak',
  'infrastructure/botnet': 'infected-system', 'infrastructure/compromised_server': 'system-compromise', 'infrastructure/c2': 'c2-server',
  'copyright/copyright': 'copyright', 'vulnerability/cve': 'vulnerable-system', 'vulnerability/open_service': 'potentially-unwanted-accessible',
  'vulnerability/misconfiguration': 'vulnerable-system', 'vulnerability/open': 'potentially-unwanted-accessible',
  'reputation/blocklist': 'blacklist', 'reputation/threat_intelligence': 'other',
  '/spam': 'spam', '/phishing': 'phishing', '/malware': 'malware-distribution', '/ddos': 'ddos', '/portscan': 'scanner', '/loginattack': 'brute-force',
  '/exploit': 'exploit', '/botnet': 'infected-system', '/openservice': 'potentially-unwanted-accessible', '/copyright': 'copyright',
    '/trademark': 'copyright',
  '/childabuse': 'harmful-content', '/harassment': 'harmful-content', '/webcrawler': 'scanner', '/rpz': 'blacklist',
  '/potentiallycompromisedaccount': 'data-leak',
};
const xarf: Mapping = {
  format: { kind: 'json', rows: '' }, leave: ['evidence', 'Report.Samples', 'Report.Attachment'],
  rules: {
    time: same('timestamp', 'Report.Date', 'Report.FirstSeen', 'last_seen', 'first_seen'),
    type: { from: ['category', 'type', 'Report.ReportType'], join: '/', table: xarfTable(), otherwise: 'other' },
    family: same('malware_family', 'threat_name', 'Report.AdditionalInfo.MalwareFamily', 'Report.Malware.Name', 'cve_id', 'service', 'Report.Service'),
    severity: same('severity'), confidence: { from: ['confidence'], scale: 100 }, tlp: same('tlp'),
    ip: { from: ['source_identifier', 'Report.SourceIp', 'Report.Source.IP'], optional: true },
    port: same('source_port', 'Report.SourcePort', 'Report.Source.Port'),
    peer: same('destination_ip', 'Report.DestinationIp', 'Report.Destination.IP'), peerPort: same('destination_port', 'Report.DestinationPort'),
    domain: { from: ['domain', 'fqdn', 'Report.Source.Domain', 'url', 'Report.SourceUrl', 'Report.Source.URL', 'source_identifier'], pick: 'host',
      optional: true },
    url: same('url', 'Report.SourceUrl', 'Report.Source.URL'), count: same('occurrences', 'attempt_count', 'Report.Count'),
  },
};

/** Joined as category, type and version 3's word: `content/phishing/` and `//phishing`. */
function xarfTable(): Record<string, string> {
  return Object.fromEntries(Object.entries(xarfTypes).map(([key, type]) => (key.startsWith('/') ? [`/${key}`, type] : [`${key}/`, type])));
}

/** Defacements as Zone-H lists them, by the names of its CSV and of what others made of it. */
const defacements: Mapping = {
  format: { kind: 'csv', delimiter: ',', comment: '', columns: null }, leave: [],
  rules: {
    time: same('add_date', 'date', 'time', 'accept_date'), type: fixed('defacement'), family: same('attacker', 'notifier', 'hacker'),
    ip: { from: ['ip_address', 'ip'], optional: true }, area: same('country_code', 'cc'),
    domain: { from: ['domain', 'url', 'site'], pick: 'host' }, url: same('url', 'domain', 'site'),
  },
};

const cowrieEvents: Readonly<Record<string, string>> = {
  'cowrie.login.failed': 'brute-force', 'cowrie.login.success': 'brute-force', 'cowrie.session.connect': 'scanner', 'cowrie.client.version': 'scanner',
  'cowrie.client.kex': 'scanner', 'cowrie.session.closed': 'scanner', 'cowrie.command.input': 'exploit', 'cowrie.command.failed': 'exploit',
  'cowrie.session.file_download': 'exploit', 'cowrie.session.file_upload': 'exploit', 'cowrie.direct-tcpip.request': 'exploit',
    'cowrie.direct-tcpip.data': 'exploit',
};
const cowrie: Mapping = {
  format: { kind: 'json', rows: '' }, leave: ['ttylog'],
  rules: {
    time: same('timestamp'), kind: fixed('attack'), type: { from: ['eventid'], table: { ...cowrieEvents }, otherwise: 'scanner' },
    family: { from: ['protocol'], otherwise: 'ssh' }, severity: fixed('medium'),
    ip: same('src_ip'), port: same('src_port'), peer: same('dst_ip'), peerPort: same('dst_port'), url: same('url'),
    sha256: { from: ['shasum'], optional: true },
  },
};

/** Dionaea's `log_json` (a connection a line) and the incidents of its `hpfeeds` and `log_incident`. */
const dionaea: Mapping = {
  format: { kind: 'json', rows: '' }, leave: [],
  rules: {
    time: same('timestamp'), kind: fixed('attack'),
    type: { from: ['origin', 'connection.type'], table: {
      'dionaea.download.complete': 'exploit', 'dionaea.download.complete.unique': 'exploit', 'dionaea.modules.python.smb.dcerpc.request': 'exploit',
      'dionaea.modules.python.mssql.login': 'brute-force', 'dionaea.modules.python.mysql.login': 'brute-force',
    }, otherwise: 'scanner' },
    family: same('connection.protocol', 'data.connection.protocol'), severity: fixed('medium'),
    ip: same('src_ip', 'data.connection.remote_ip', 'remote_host'), port: same('src_port', 'data.connection.remote_port', 'remote_port'),
    peer: same('dst_ip', 'data.connection.local_ip', 'local_host'), peerPort: same('dst_port', 'data.connection.local_port', 'local_port'),
    url: same('data.url', 'url'), md5: { from: ['data.md5', 'md5hash', 'md5'], optional: true }, sha256: { from: ['data.sha256', 'sha256'], optional: true },
  },
};

/** Addresses of the web that spread malware or phishing: the names of Interflow 1.5, of its later form and of common lists. */
const maliciousUrls: Mapping = {
  format: { kind: 'json', rows: '' }, leave: [],
  rules: {
    time: same('LastReportedDateTime', 'lastreporteddatetime', 'FirstReportedDateTime', 'firstreporteddatetime', 'last_seen', 'first_seen',
      'dateadded', 'date_added'),
    type: { from: ['IndicatorThreatType', 'indicatorthreattype', 'threat', 'type'], table: {
      malware_download: 'malware-distribution', malware: 'malware-distribution', malwareurl: 'malware-distribution', 'malicious url': 'malware-distribution',
      maliciousurl: 'malware-distribution', phishing: 'phishing', phish: 'phishing', c2: 'c2-server', botnet_cc: 'c2-server', botnet: 'c2-server',
    }, otherwise: 'malware-distribution' },
    family: same('ThreatName', 'malware', 'signature', 'threat_name', 'Description'), severity: { from: ['Severity', 'severity'], otherwise: 'high' },
    confidence: same('Confidence', 'confidence'), tlp: same('TLPLevel', 'tlplevel', 'tlp'),
    ip: { from: ['NetworkDestinationIPv4', 'networkdestinationipv4', 'NetworkDestinationIPv6', 'networkdestinationipv6', 'ip', 'ip_address'],
      optional: true },
    port: same('NetworkDestinationPort', 'networkdestinationport', 'port'), asn: same('NetworkDestinationAsn', 'networkdestinationasn', 'asn'),
    domain: { from: ['Url', 'url', 'mask', 'host', 'domain'], pick: 'host', optional: true }, url: same('Url', 'url', 'mask'),
    md5: { from: ['md5', 'files.0.MD5'], optional: true }, sha256: { from: ['sha256', 'files.0.SHA256'], optional: true },
  },
};

/** Files that are known to be clean, by their hash: a vendor's own downloads. They are nobody's exposure and no attack. */
const cleanFiles: Mapping = {
  format: { kind: 'json', rows: '' }, leave: [],
  rules: {
    time: same('FirstReportedDateTime', 'firstreporteddatetime', 'ReleaseDate', 'releasedate', 'published', 'time', 'timestamp'),
    kind: fixed('clean-file'), type: fixed('clean-file'), family: same('ProductName', 'productname', 'product', 'name'), severity: fixed('info'),
    tlp: same('TLPLevel', 'tlplevel', 'tlp'),
    sha256: { from: ['Sha256', 'SHA256', 'sha256', 'FileHashSha256', 'filehashsha256'] }, sha1: { from: ['Sha1', 'SHA1', 'sha1'], optional: true },
    md5: { from: ['Md5', 'MD5', 'md5'], optional: true },
  },
};
const maliciousFiles: Mapping = {
  ...cleanFiles,
  rules: {
    ...cleanFiles.rules, time: same('last_seen', 'first_seen', 'firstseen', 'first_seen_utc', 'time', 'timestamp'), kind: fixed('malicious-file'),
      type: fixed('malware-file'),
    family: same('signature', 'malware', 'family', 'threat'), severity: fixed('high'), confidence: same('confidence'),
    sha256: { from: ['sha256_hash', 'sha256', 'SHA256'] }, sha1: { from: ['sha1_hash', 'sha1'], optional: true }, md5: { from: ['md5_hash', 'md5'],
      optional: true },
  },
};

/** MISP attributes, each with its value under the name of its type (`misp.ts`). The RSIT tag says what happened, else the type of attribute. */
const misp: Mapping = {
  format: { kind: 'json', rows: '' }, leave: ['value', 'data'],
  rules: {
    time: same('last_seen', 'first_seen', 'timestamp', 'event.timestamp', 'event.date'),
    type: { from: ['rsit', 'meaning'], otherwise: 'other' },
    kind: { from: ['is'], table: {
      'malicious-file': 'malicious-file', c2: 'c2', attack: 'attack', infection: 'infection', 'website-attack': 'website-attack', exposure: 'exposure',
    }, otherwise: 'other' },
    family: same('malware', 'event.info'), tlp: same('tlp'), confidence: same('confidence'),
    ip: { from: ['ip-src', 'ip-dst'], optional: true }, port: same('port'),
    domain: { from: ['domain', 'hostname', 'url'], pick: 'host', optional: true }, url: { from: ['url', 'uri', 'link'] },
    md5: { from: ['md5'], optional: true }, sha1: { from: ['sha1'], optional: true }, sha256: { from: ['sha256'], optional: true },
  },
};

export const formats = {
  intelmq, n6, xarf, misp, defacements, cowrie, dionaea, 'malicious-urls': maliciousUrls, 'clean-files': cleanFiles, 'malicious-files': maliciousFiles,
} as const satisfies Readonly<Record<string, Mapping>>;
export type FormatName = keyof typeof formats;
