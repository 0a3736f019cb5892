/** The signed report on state bodies as a paper for people: its figures are those of the signed table, and its foot names the table's hash. */
import { parseCsv } from '#kit/csv/csv';
import { Paper } from '#kit/paper/paper';
import { paperFonts } from '#world/fonts';
import type { SignedReport } from './offices-store.ts';

export const paperLanguages = ['vi', 'en'] as const;
export type PaperLanguage = (typeof paperLanguages)[number];

interface Words {
  readonly title: (month: string) => string;
  readonly under: (centre: string, at: string) => string;
  readonly total: string; readonly state: string; readonly ministries: string; readonly provinces: string;
  readonly definition: string;
  readonly heads: readonly [string, string, string, string, string, string];
  readonly kinds: Readonly<Record<string, string>>;
  readonly none: string;
  readonly foot: (sha256: string) => string;
}

const words: Readonly<Record<PaperLanguage, Words>> = {
  en: {
    title: (month) => `Infected addresses of state bodies, ${month}`, under: (centre, at) => `${centre}. Signed ${at} UTC.`,
    total: 'distinct infected addresses in the country', state: 'of them of state bodies', ministries: 'in ministries’ ranges',
      provinces: 'in provincial bodies’ ranges',
    definition: 'An address counts once in a month and belongs to the body that answered for it when it was seen. An address is no machine: several may stand '
      + 'behind one, and one may have had several. Only bodies with an infected address or with something open are listed.',
    heads: ['Body', 'Addresses', 'Month before', 'Months of 12', 'Open', 'Oldest, days'], kinds: { ministry: 'Ministry', province: 'Province' },
    none: 'No state body had an infected address.', foot: (sha256) => `SHA-256 of the signed table: ${sha256}`,
  },
  vi: {
    title: (month) => `Địa chỉ nhiễm mã độc của cơ quan nhà nước, ${month}`, under: (centre, at) => `${centre}. Ký lúc ${at} UTC.`,
    total: 'địa chỉ nhiễm trên cả nước (không trùng)', state: 'trong đó của cơ quan nhà nước', ministries: 'thuộc dải của bộ, ngành',
      provinces: 'thuộc dải của địa phương',
    definition: 'Mỗi địa chỉ tính một lần trong tháng và thuộc cơ quan quản lý nó vào thời điểm được ghi nhận. Địa chỉ không phải là máy: nhiều máy có thể '
      + 'dùng chung một địa chỉ, một máy có thể đã dùng nhiều địa chỉ. Chỉ liệt kê cơ quan có địa chỉ nhiễm hoặc còn việc chưa xong.',
    heads: ['Cơ quan', 'Địa chỉ', 'Tháng trước', 'Số tháng/12', 'Chưa xong', 'Lâu nhất, ngày'], kinds: { ministry: 'Bộ, ngành', province: 'Địa phương' },
    none: 'Không cơ quan nhà nước nào có địa chỉ nhiễm.', foot: (sha256) => `SHA-256 của bảng đã ký: ${sha256}`,
  },
};

const monthIn = (language: PaperLanguage, month: string): string => (language === 'vi'
  ? `tháng ${Number(month.slice(5))}/${month.slice(0, 4)}`
  : new Intl.DateTimeFormat('en', { month: 'long', year: 'numeric', timeZone: 'UTC' }).format(new Date(`${month}-01T00:00:00Z`)));

export async function officesPaper(signed: SignedReport, csv: string, centre: string, language: PaperLanguage): Promise<Uint8Array> {
  const w = words[language];
  const number = (n: number): string => new Intl.NumberFormat(language === 'vi' ? 'vi-VN' : 'en').format(n);
  const paper = new Paper({
    fonts: await paperFonts(), title: w.title(monthIn(language, signed.month)), author: centre, language, at: signed.at, foot: w.foot(signed.sha256),
  });
  const bodies = parseCsv(csv).records.slice(1).map(({ fields }) => ({
    // The table marks what a spreadsheet would run.
    name: (fields[1] ?? '').replace(/^'(?=[=+\-@])/, ''), kind: fields[2] ?? '', addresses: Number(fields[4]), rest: fields.slice(5),
  }));
  const sumOf = (kind: string): number => bodies.filter((b) => b.kind === kind).reduce((sum, b) => sum + b.addresses, 0);
  paper.title(w.title(monthIn(language, signed.month)), w.under(centre, signed.at.slice(0, 16).replace('T', ' ')));
  paper.figures([
    { value: number(signed.total), label: w.total }, { value: number(signed.state), label: w.state },
    { value: number(sumOf('ministry')), label: w.ministries }, { value: number(sumOf('province')), label: w.provinces },
  ]);
  paper.paragraph(w.definition, true);
  const listed = bodies.filter((b) => b.addresses > 0 || Number(b.rest[2]) > 0);
  if (listed.length === 0) paper.paragraph(w.none);
  else {
    const [body, ...others] = w.heads;
    paper.table([{ head: body, width: 5 }, ...others.map((head) => ({ head, width: 1.6, right: true }))], listed.map((b) => [
      b.name, number(b.addresses), ...b.rest.map((value) => (value === '' ? '–' : number(Number(value)))),
    ]));
  }
  return paper.end();
}
