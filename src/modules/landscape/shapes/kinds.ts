/** From a feed's word for what happened (RSIT type, report type, own word) to our closed set of kinds. */
import type { EventKind } from '../model.ts';

const byWord: ReadonlyMap<string, EventKind> = new Map<string, EventKind>([
  ['infection', 'infection'], ['infected-system', 'infection'], ['infected', 'infection'], ['botnet', 'infection'],
  ['system-compromise', 'infection'],
  ['attack', 'attack'], ['scanner', 'attack'], ['brute-force', 'attack'], ['ddos', 'attack'], ['exploit', 'attack'],
  ['ids-alert', 'attack'], ['web-attack', 'attack'],
  ['website-attack', 'website-attack'], ['defacement', 'website-attack'], ['unauthorised-modification', 'website-attack'],
  ['phishing', 'website-attack'], ['malware-distribution', 'website-attack'], ['website-malware', 'website-attack'],
  ['exposure', 'exposure'], ['vulnerable-system', 'exposure'], ['weak-crypto', 'exposure'],
  ['potentially-unwanted-accessible', 'exposure'], ['ddos-amplifier', 'exposure'],
  ['c2', 'c2'], ['c2-server', 'c2'],
  ['misconfiguration', 'exposure'], ['malicious-file', 'malicious-file'], ['malware-file', 'malicious-file'], ['clean-file', 'clean-file'],
  ['user-heartbeat', 'user-heartbeat'], ['user-detection', 'user-detection'],
]);

export function kindOfWord(word: string): EventKind {
  return byWord.get(word) ?? byWord.get(word.toLowerCase()) ?? 'other';
}

/** Kind of a Shadowserver report: by its name first, since half of the types carry no class of their own. */
export function kindOfReport(reportType: string, rsitType: string): EventKind {
  if (/^compromised_website/.test(reportType)) return 'website-attack';
  if (/^event\d_(microsoft_)?sinkhole/.test(reportType) || /^compromised_iot/.test(reportType)) return 'infection';
  if (/^event\d_(honeypot|ddos|ip_spoofer)/.test(reportType)) return 'attack';
  if (/^(scan|population|device_id)/.test(reportType)) return 'exposure';
  return kindOfWord(rsitType);
}

/** Short name of a report, for what is exposed: `scan6_smb` is `smb`. */
export function subjectOfReport(reportType: string): string {
  return reportType.replace(/^(scan|population|event)\d?_(honeypot_)?/, '').replaceAll('_', '-');
}
