/**
 * The words of letters, in both languages, as data beside the code that fills them: a letter is an act of the centre and is
 * hashed in its preview, so its words are not those of a page. Subjects never say what a letter is about.
 */
import type { Language } from '../model/contacts.ts';
import type { Notice, NoticeKind } from '../model/notices.ts';

/** Where the link's secret stands until the moment of sending. */
export const linkPlace = '{{link}}';

export interface LetterFacts {
  readonly language: Language;
  readonly hub: string;
  readonly constituent: string;
  readonly detail: 'full' | 'bare';
  readonly notices: readonly Pick<Notice, 'kind' | 'type' | 'family' | 'severity' | 'assets' | 'events' | 'first' | 'last'>[];
  /** Assets of the notices, the first few; none where the letter is bare. */
  readonly assets: readonly string[];
  readonly zone: string;
}

const kinds: Record<Language, Record<NoticeKind, string>> = {
  en: {
    infection: 'infected device', attack: 'attacks coming from your network', 'website-attack': 'attacked website',
    exposure: 'service open to the internet', c2: 'command server in your network', other: 'other observation',
  },
  vi: {
    infection: 'thiết bị nhiễm mã độc', attack: 'tấn công xuất phát từ mạng của đơn vị', 'website-attack': 'trang tin bị tấn công',
    exposure: 'dịch vụ mở ra internet', c2: 'máy chủ điều khiển trong mạng của đơn vị', other: 'quan sát khác',
  },
};

/** What to do, one sentence a kind; the notice's page says more. */
const advice: Record<Language, Record<NoticeKind, string>> = {
  en: {
    infection: 'Disconnect the device, clean it with up-to-date tools, change the passwords used on it.',
    attack: 'Find the device that sends this, disconnect it and look for how it was taken over.',
    'website-attack': 'Take the page offline, restore it from a clean copy, update the software and change its passwords.',
    exposure: 'Close the service to the internet or restrict who reaches it; update it.',
    c2: 'Disconnect the server, keep its disk as evidence and call the centre.',
    other: 'Look at the observation on the notice’s page and tell us what you find.',
  },
  vi: {
    infection: 'Ngắt kết nối thiết bị, làm sạch bằng công cụ cập nhật, đổi các mật khẩu đã dùng trên thiết bị.',
    attack: 'Tìm thiết bị gửi đi, ngắt kết nối và xác định thiết bị đã bị chiếm quyền như thế nào.',
    'website-attack': 'Tạm ngừng trang, khôi phục từ bản sạch, cập nhật phần mềm và đổi mật khẩu.',
    exposure: 'Đóng dịch vụ khỏi internet hoặc giới hạn đối tượng truy cập; cập nhật phần mềm.',
    c2: 'Ngắt kết nối máy chủ, giữ nguyên ổ đĩa làm chứng cứ và gọi cho trung tâm.',
    other: 'Xem quan sát trên trang cảnh báo và phản hồi kết quả kiểm tra.',
  },
};

const local = (iso: string, zone: string): string => new Intl.DateTimeFormat('en-GB', {
  timeZone: zone, dateStyle: 'medium', timeStyle: 'short',
}).format(Date.parse(iso));

const utc = (iso: string): string => `${iso.slice(0, 16).replace('T', ' ')} UTC`;

export function noticeLetter(facts: LetterFacts): { subject: string; text: string } {
  const { language, hub, constituent, detail, notices, assets, zone } = facts;
  const vi = language === 'vi';
  const subject = vi ? `Thông báo an ninh mạng từ ${hub}` : `Security notice from ${hub}`;
  const opening = vi ? `Kính gửi ${constituent},` : `To ${constituent},`;
  const link = vi
    ? `Trang cảnh báo, chỉ dành cho người nhận thư này, có hiệu lực 30 ngày:\n${linkPlace}`
    : `The notice’s page, for whoever holds this letter, good for 30 days:\n${linkPlace}`;
  if (detail === 'bare') {
    const text = vi
      ? 'Trung tâm quan sát thấy dấu hiệu trong mạng của đơn vị cần được xử lý. Khi thỏa thuận dịch vụ cảnh báo sớm có hiệu lực, '
        + 'thư sẽ nêu rõ nội dung và vị trí. Vui lòng liên hệ trung tâm.'
      : 'The centre has observed something in your networks that needs action. Once the early warning agreement between us is in '
        + 'force, letters say what and where. Please call the centre.';
    return { subject, text: [opening, '', text, '', '-- ', hub, ''].join('\n') };
  }
  const lines = notices.flatMap((n) => {
    const what = [kinds[language][n.kind], n.family || n.type].filter((w) => w !== '').join(', ');
    return vi
      ? [`* ${what}: ${n.assets} địa chỉ hoặc tên miền, ${n.events} lần quan sát`,
        `  từ ${local(n.first, zone)} (${utc(n.first)}) đến ${local(n.last, zone)} (${utc(n.last)})`, `  Cần làm: ${advice.vi[n.kind]}`, '']
      : [`* ${what}: ${n.assets} ${n.assets === 1 ? 'address or domain' : 'addresses or domains'}, seen ${n.events} ${n.events === 1 ? 'time' : 'times'}`,
        `  from ${local(n.first, zone)} (${utc(n.first)}) to ${local(n.last, zone)} (${utc(n.last)})`, `  What to do: ${advice.en[n.kind]}`, ''];
  });
  const where = assets.length === 0 ? [] : [vi ? 'Vị trí:' : 'Where:', ...assets.map((a) => `  ${a}`), ''];
  const ending = vi
    ? 'Mục này chỉ đóng khi quan sát xác nhận đã hết, hoặc theo ngoại lệ có thời hạn.'
    : 'An item is closed when observation shows that it is gone, or by an exception that ends.';
  return { subject, text: [opening, '', ...lines, ...where, link, '', ending, '', '-- ', hub, ''].join('\n') };
}

export function escalationLetter(facts: LetterFacts, days: number): { subject: string; text: string } {
  const { subject, text } = noticeLetter(facts);
  const vi = facts.language === 'vi';
  const why = vi
    ? `Cảnh báo dưới đây đã gửi cho đơn vị cách đây ${days} ngày và vẫn chưa được xử lý.`
    : `The notice below went to your organisation ${days} days ago and is still open.`;
  return { subject, text: text.replace('\n\n', `\n\n${why}\n\n`) };
}

export function confirmLetter(language: Language, hub: string, constituent: string): { subject: string; text: string } {
  const vi = language === 'vi';
  return {
    subject: vi ? `Xác nhận đầu mối liên hệ với ${hub}` : `Please confirm that ${hub} reaches you here`,
    text: (vi
      ? [`Địa chỉ này là đầu mối của ${constituent} tại ${hub}.`, 'Nếu vẫn đúng, xác nhận tại đây (30 ngày):', linkPlace]
      : [`This address is a contact of ${constituent} at ${hub}.`, 'If that is still right, confirm it here (30 days):', linkPlace]
    ).concat('', '-- ', hub, '').join('\n'),
  };
}
