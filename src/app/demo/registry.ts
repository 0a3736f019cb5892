/**
 * The constituents of the story and what they answer for. Addresses are from the shared range of RFC 6598 and the
 * documentation range of RFC 3849, so that no real network is shown as infected; `overrides` place them in the country.
 */
import type { Province } from '#kit/provinces/vn';
import { sensorsAbroad } from './telemetry/parameters.ts';

export interface StoryConstituent {
  readonly id: string;
  /** Null where it takes no part in the programme. */
  readonly org: string | null;
  readonly name: string;
  readonly kind: 'ministry' | 'province' | 'isp';
  readonly sector: string;
  /** Province code as the tile grid knows it, or null. */
  readonly province: string | null;
  readonly assets: readonly { readonly kind: 'prefix' | 'asn' | 'domain'; readonly value: string; readonly from: string; readonly to: string | null }[];
}

const since = '2017-01-01T00:00:00.000Z';
/** One prefix moves from a ministry to a provider on this day, so that attribution by time can be seen. */
const moved = '2026-06-10T00:00:00.000Z';
/** One province joined another on the day that provinces were joined; what it answered for went with it. */
const joined = '2025-07-01T00:00:00.000Z';

/** The story's provinces, which are none of the country's. */
export const storyProvinces: readonly Province[] = [
  { code: 'SL', name: 'Sông Lâm', into: null }, { code: 'HT', name: 'Hải Thanh', into: null }, { code: 'BT', name: 'Bến Thượng', into: 'SL' },
];

const held = (kind: 'prefix' | 'asn' | 'domain', ...values: string[]) =>
  values.map((value) => ({ kind, value, from: since, to: null }));

export const constituents: readonly StoryConstituent[] = [
  {
    id: 'con_mintransit', org: 'org_mintransit', name: 'Ministry of Transit and Ports', kind: 'ministry', sector: 'government', province: null,
    assets: [
      ...held('prefix', '100.112.0.0/22', '2001:db8:10::/48'), ...held('domain', 'mintransit-gov.example'),
      { kind: 'prefix', value: '100.112.16.0/24', from: since, to: moved },
    ],
  },
  {
    id: 'con_minrecords', org: 'org_minrecords', name: 'Ministry of Public Records', kind: 'ministry', sector: 'government', province: null,
    assets: [...held('prefix', '100.112.4.0/22', '2001:db8:11::/48'), ...held('domain', 'minrecords-gov.example')],
  },
  {
    id: 'con_minwaters', org: 'org_minwaters', name: 'Ministry of Waters and Forests', kind: 'ministry', sector: 'government', province: null,
    assets: [...held('prefix', '100.112.8.0/22'), ...held('domain', 'minwaters-gov.example')],
  },
  {
    id: 'con_songlam', org: 'org_songlam', name: 'People’s Committee of Sông Lâm Province', kind: 'province', sector: 'government', province: 'SL',
    assets: [
      ...held('prefix', '100.113.0.0/20', '2001:db8:20::/48'), ...held('domain', 'songlam-gov.example'),
      { kind: 'prefix', value: '100.113.32.0/20', from: joined, to: null },
    ],
  },
  {
    id: 'con_haithanh', org: 'org_haithanh', name: 'People’s Committee of Hải Thanh Province', kind: 'province', sector: 'government', province: 'HT',
    assets: [...held('prefix', '100.113.16.0/20'), ...held('domain', 'haithanh-gov.example')],
  },
  {
    id: 'con_benthuong', org: null, name: 'People’s Committee of Bến Thượng Province', kind: 'province', sector: 'government', province: 'BT',
    assets: [{ kind: 'prefix', value: '100.113.32.0/20', from: since, to: joined }],
  },
  {
    id: 'con_lotus', org: 'org_lotus', name: 'Lotus Telecom', kind: 'isp', sector: 'telecommunications', province: null,
    assets: [
      ...held('asn', '64601'), ...held('prefix', '100.64.0.0/11', '2001:db8:1000::/36'), ...held('domain', 'lotus.example'),
      { kind: 'prefix', value: '100.112.16.0/24', from: moved, to: null },
    ],
  },
  {
    id: 'con_delta', org: 'org_delta', name: 'Delta Broadband', kind: 'isp', sector: 'telecommunications', province: null,
    assets: [...held('asn', '64602'), ...held('prefix', '100.96.0.0/12'), ...held('domain', 'delta.example')],
  },
];

/**
 * Where the story's addresses are: ranges to country, network and its name. 100.120.0.0/13 belongs to nobody we know; what was attacked abroad
 * stands in the range that is kept for measurements (RFC 2544).
 */
export const overrides: readonly { readonly prefix: string; readonly country: string; readonly asn: number; readonly name: string }[] = [
  { prefix: '100.64.0.0/11', country: 'VN', asn: 64601, name: 'Lotus Telecom' },
  { prefix: '100.96.0.0/12', country: 'VN', asn: 64602, name: 'Delta Broadband' },
  { prefix: '100.112.0.0/13', country: 'VN', asn: 64610, name: 'State data network' },
  { prefix: '100.120.0.0/13', country: 'VN', asn: 64620, name: 'Other networks' },
  { prefix: '2001:db8::/32', country: 'VN', asn: 64610, name: 'State data network' },
  ...sensorsAbroad.map((country, i) => ({ prefix: `198.18.${i}.0/24`, country, asn: 64640 + i, name: 'Sensor abroad' })),
];

interface StoryContact {
  readonly constituent: string;
  readonly name: string;
  readonly duty: 'technical' | 'abuse' | 'head' | 'office';
  readonly email: string;
  readonly language: 'vi' | 'en';
  /** Days ago that it was confirmed; null never. */
  readonly confirmedDaysAgo: number | null;
}

const contact = (
  constituent: string, duty: StoryContact['duty'], name: string, mailbox: string, confirmedDaysAgo: number | null, language: 'vi' | 'en' = 'vi',
): StoryContact => ({ constituent, duty, name, email: `${mailbox}.example`, language, confirmedDaysAgo });

/** Whom one reaches: most fresh, one stale, one never confirmed, so that the registry's page has something to say. */
export const contacts: readonly StoryContact[] = [
  contact('con_mintransit', 'technical', 'Lê Văn Hùng', 'it@mintransit-gov', 20),
  contact('con_mintransit', 'head', 'Trịnh Thu Hà', 'it-head@mintransit-gov', 95),
  contact('con_mintransit', 'office', 'Văn phòng Bộ Vận tải và Cảng biển', 'office@mintransit-gov', 60),
  contact('con_minrecords', 'technical', 'Đỗ Thị Mai', 'security@minrecords-gov', 44),
  contact('con_minrecords', 'office', 'Văn phòng Bộ Lưu trữ công', 'office@minrecords-gov', 230),
  contact('con_minwaters', 'head', 'Hoàng Anh Khoa', 'it@minwaters-gov', null),
  contact('con_songlam', 'technical', 'Võ Minh Tuấn', 'soc@songlam-gov', 12),
  contact('con_songlam', 'office', 'Văn phòng Ủy ban nhân dân tỉnh Sông Lâm', 'office@songlam-gov', 33),
  contact('con_haithanh', 'technical', 'Bùi Hồng Nhung', 'it@haithanh-gov', 201),
  contact('con_lotus', 'abuse', 'Lotus Telecom abuse desk', 'abuse@lotus', 9, 'en'),
  contact('con_delta', 'abuse', 'Delta Broadband abuse desk', 'abuse@delta', 70),
];
