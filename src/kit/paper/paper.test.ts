import { expect, test } from 'vitest';
import { paperFonts } from '#world/fonts';
import { Paper } from './paper.ts';

const made = async (over: { at?: string; rows?: number } = {}): Promise<Buffer> => {
  const paper = new Paper({
    fonts: await paperFonts(), title: 'Báo cáo', author: 'Trung tâm', language: 'vi', at: over.at ?? '2026-01-02T03:04:05.000Z',
      foot: `SHA-256: ${'f'.repeat(64)}`,
  });
  paper.title('Địa chỉ nhiễm mã độc của cơ quan nhà nước, tháng 6/2023', 'Trung tâm An ninh mạng quốc gia');
  paper.figures([{ value: '410.828', label: 'địa chỉ nhiễm trên cả nước' }, { value: '148', label: 'của cơ quan nhà nước' }]);
  paper.table([{ head: 'Cơ quan', width: 4 }, { head: 'Địa chỉ', width: 1, right: true }],
    Array.from({ length: over.rows ?? 3 }, (_, i) => [
      `Sở Thông tin và Truyền thông tỉnh thứ ${i} ${'rất dài '.repeat(i % 9)}${i % 7 === 0 ? 'x'.repeat(200) : ''} 漢`, String(i),
    ]));
  return Buffer.from(await paper.end());
};

const pages = (pdf: Buffer): number => pdf.toString('latin1').match(/\/Type \/Page\b(?!s)/g)?.length ?? 0;

test('the same content is the same bytes, and says its time and nothing of now', async () => {
  const [one, two, later] = [await made(), await made(), await made({ at: '2026-01-02T03:04:06.000Z' })];
  expect(one.equals(two)).toBe(true);
  expect(one.equals(later)).toBe(false);
  expect(one.subarray(0, 5).toString('latin1')).toBe('%PDF-');
  expect(one.toString('latin1')).toContain('(D:20260102030405Z)');
});

test('long tables run over pages, and letters that no font has break nothing', async () => {
  expect(pages(await made({ rows: 1 }))).toBe(1);
  expect(pages(await made({ rows: 200 }))).toBeGreaterThan(5);
});
