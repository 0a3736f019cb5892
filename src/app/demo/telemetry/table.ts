/** A ministry's own table, by a mapping of two versions: the first took its clock for UTC. For the pages on mappings, and for people who try them. */
import { Readable } from 'node:stream';
import { dice } from '#kit/dice';
import type { Db } from '#world/db/port';
import type { NewFeed } from '../../../modules/landscape/model.ts';
import { insertMapping, mappingsOf, putMappingInForce } from '../../../modules/landscape/mapping/store.ts';
import { Mapping } from '../../../modules/landscape/model/mapping.ts';
import type { TelemetryFile } from './files.ts';

export const tableFeed: NewFeed = {
  name: 'bang-su-co', title: 'Bảng sự cố do các bộ tự lập', shape: 'mapped', reportType: null, sourceOrg: null, agreement: null, cadenceHours: 240,
  windowHours: null, tlpDefault: 'AMBER',
};

const time = { from: ['Thời gian'], pattern: 'dd/MM/yyyy HH:mm' };
const rest = {
  ip: { from: ['Nguồn tấn công'] }, peer: { from: ['Máy bị tấn công'] }, family: { from: ['Dịch vụ'] },
  type: { from: ['Loại'], table: { 'dò mật khẩu': 'brute-force', 'quét cổng': 'scanner' }, otherwise: 'attack' }, severity: { from: [], otherwise: 'medium' },
};
const versions: readonly { readonly mapping: Mapping; readonly note: string }[] = [
  { mapping: Mapping.parse({ format: { kind: 'csv', delimiter: ';' }, rules: { time, ...rest } }), note: 'Theo công văn hướng dẫn' },
  {
    mapping: Mapping.parse({ format: { kind: 'csv', delimiter: ';' }, rules: { time: { ...time, zone: 'Asia/Ho_Chi_Minh' }, ...rest } }),
    note: 'Giờ trong bảng là giờ Hà Nội',
  },
];

/** Once; a start that was cut short goes on. */
export async function prepareTable(db: Db, centre: string, feed: string, at: string): Promise<void> {
  await db.transaction(async (tx) => {
    if ((await mappingsOf(tx, centre, feed)).length > 0) return;
    for (const version of versions) await insertMapping(tx, centre, feed, { ...version, madeAt: at, person: 'per_lan' });
    await putMappingInForce(tx, feed, versions.length);
  });
}

/** The table of the last week, up to yesterday. `today` is a day number. */
export function tableFile(today: number): TelemetryFile {
  const roll = dice(today);
  const lines = ['Thời gian;Nguồn tấn công;Máy bị tấn công;Loại;Dịch vụ;Ghi chú'];
  for (let i = 0; i < 60; i++) {
    const day = new Date((today - 1 - i % 7) * 86_400_000).toISOString();
    const clock = `${String(7 + i % 12).padStart(2, '0')}:${String(Math.floor(roll() * 60)).padStart(2, '0')}`;
    const kind = ['Dò mật khẩu', 'Quét cổng', 'Tấn công khác'][i % 3] ?? '';
    lines.push([
      `${day.slice(8, 10)}/${day.slice(5, 7)}/${day.slice(0, 4)} ${clock}`, i === 20 ? 'không rõ' : `198.51.100.${Math.floor(roll() * 250) + 1}`,
        `10.20.0.${1 + i % 40}`, kind,
      ['ssh', 'rdp', 'vpn'][i % 3] ?? '', i % 4 === 0 ? '"đã chặn; theo dõi thêm"' : '',
    ].join(';'));
  }
  return { feed: tableFeed.name, fileName: 'bang-su-co-tuan.csv', open: () => Readable.from([Buffer.from(`${lines.join('\n')}\n`, 'utf8')]) };
}
