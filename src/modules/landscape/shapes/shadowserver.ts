/**
 * Shadowserver reports to drafts. Columns are bound to roles once a file, by name, in whatever order they come; columns
 * without a role, known or new, become attributes; a column that is missing costs nothing but its value.
 */
import type { ReportType } from '#kit/shadowserver/types';
import { secondsOf } from '#kit/rows/time';
import { areaOf, asnOf, domainOf, portOf, severityOf, type Draft, type Unfit } from './draft.ts';
import { kindOfReport, subjectOfReport } from './kinds.ts';

type Role = 'time' | 'ip' | 'port' | 'asn' | 'area' | 'peer' | 'peerPort' | 'family' | 'severity' | 'domain' | 'url' | 'attr';

const roles: Readonly<Record<string, Role>> = {
  timestamp: 'time', severity: 'severity', infection: 'family', family: 'family', ransomware: 'family',
  ip: 'ip', src_ip: 'ip', http_referer_ip: 'ip', port: 'port', src_port: 'port', http_referer_port: 'port',
  asn: 'asn', src_asn: 'asn', http_referer_asn: 'asn', geo: 'area', src_geo: 'area', http_referer_geo: 'area',
  dst_ip: 'peer', dst_port: 'peerPort', url: 'url', http_url: 'url', website: 'domain',
};

/** Where the victim, not the sender, is the address the report is about. */
const targetRoles: Readonly<Record<string, Role>> = {
  dst_ip: 'ip', dst_port: 'port', dst_asn: 'asn', dst_geo: 'area', src_ip: 'peer', src_port: 'peerPort',
};

export class ShadowserverShape {
  readonly reportType: string;
  readonly names: readonly string[];
  private readonly bound: readonly Role[];
  private readonly kind: ReturnType<typeof kindOfReport>;
  private readonly report: ReportType;
  private readonly subject: string;

  constructor(reportType: string, report: ReportType, header: readonly string[]) {
    this.reportType = reportType;
    this.report = report;
    this.names = header;
    this.kind = kindOfReport(reportType, report.type);
    this.subject = this.kind === 'exposure' || this.kind === 'attack' ? subjectOfReport(reportType) : '';
    const target = reportType.endsWith('_ddos_target');
    const website = reportType.startsWith('compromised_website');
    this.bound = header.map((name) => {
      if (target && Object.hasOwn(targetRoles, name)) return targetRoles[name] as Role;
      if (website && name === 'http_host') return 'domain';
      if (reportType === 'sandbox_dns' && name === 'request') return 'domain';
      return Object.hasOwn(roles, name) ? (roles[name] as Role) : 'attr';
    });
  }

  /** Fills the draft from a record's fields; null when it is an event. */
  fill(draft: Draft, fields: readonly string[]): Unfit | null {
    draft.reset();
    draft.reportType = this.reportType;
    draft.kind = this.kind;
    draft.type = this.report.type;
    draft.severity = severityOf(this.report.severity);
    draft.family = this.subject;
    let time = '';
    const { bound, names } = this;
    for (let i = 0; i < bound.length; i++) {
      const value = fields[i] as string;
      if (value === '') continue;
      const name = names[i] as string;
      switch (bound[i]) {
        case 'time': time = value; break;
        case 'ip':
          if (draft.hasIp) draft.attr(name, value);
          else if (!draft.setIp(value)) return { reason: 'ip.invalid', detail: `${name} is no address` };
          break;
        case 'port': draft.port = portOf(value); break;
        case 'asn': draft.asn = asnOf(value); break;
        case 'area': draft.area = areaOf(value); break;
        case 'peer': draft.setPeer(name, value); break;
        case 'peerPort': draft.peerPort = portOf(value); break;
        case 'family': draft.family = value; break;
        case 'severity': draft.severity = severityOf(value); break;
        case 'domain':
          draft.domain = domainOf(value);
          if (draft.domain === '') draft.attr(name, value);
          break;
        case 'url':
          if (draft.url !== '') draft.attr(name, value);
          else draft.url = value;
          break;
        default: draft.attr(name, value);
      }
    }
    if (time === '') return { reason: 'time.missing', detail: 'the row has no timestamp' };
    const seconds = secondsOf(time);
    if (seconds === null) return { reason: 'time.invalid', detail: 'the timestamp is no time' };
    draft.time = seconds;
    return null;
  }
}
