/**
 * The story of the demonstration: who takes part, who works there, and which agreements hold between them. Every name is
 * invented. It is written through the same stores and rules as real use; the agreements are signed by their principals.
 */
import type { Organisation, Person, Role } from '../../modules/parties/model.ts';
import type { TemplateName } from '../../modules/agreements/model.ts';

export interface StoryPerson {
  readonly id: string;
  readonly organisation: string;
  readonly name: string;
  readonly roles: readonly Role[];
  readonly language: Person['language'];
  /** What this person comes to do, for the chooser. */
  readonly purpose: string;
  readonly purposeVi: string;
}

export interface StoryAgreement {
  readonly id: string;
  readonly template: TemplateName;
  readonly counterpart: string;
  readonly parts: readonly string[];
  readonly products: readonly string[];
  readonly signers: readonly [authority: string, counterpart: string];
  /** Who attests what is not to their own benefit, before it is signed. */
  readonly attesters: readonly string[];
  readonly effectiveOn: string;
  readonly years: number;
}

/** The organisation that runs the hub. */
export const centre = 'org_hub';

const organisation = (
  id: string, kind: Organisation['kind'], name: string, nameLocal: string | null, country = 'VN',
): Organisation => ({ id: `org_${id}`, kind, name, nameLocal, country });

export const organisations: readonly Organisation[] = [
  organisation('hub', 'national-centre', 'National Cyber Security Centre', 'Trung tâm An ninh mạng quốc gia'),
  organisation('safety', 'authority', 'Authority for Digital Safety', 'Cục An toàn không gian số'),
  organisation('kestrel', 'vendor', 'Kestrel Endpoint Security', null, 'CH'),
  organisation('meridian', 'vendor', 'Meridian Platforms', null, 'US'),
  organisation('mintransit', 'ministry', 'Ministry of Transit and Ports', 'Bộ Vận tải và Cảng biển'),
  organisation('minrecords', 'ministry', 'Ministry of Public Records', 'Bộ Lưu trữ công'),
  organisation('minwaters', 'ministry', 'Ministry of Waters and Forests', 'Bộ Thủy lợi và Rừng'),
  organisation('songlam', 'province', 'People’s Committee of Sông Lâm Province', 'Ủy ban nhân dân tỉnh Sông Lâm'),
  organisation('haithanh', 'province', 'People’s Committee of Hải Thanh Province', 'Ủy ban nhân dân tỉnh Hải Thanh'),
  organisation('lotus', 'isp', 'Lotus Telecom', 'Viễn thông Hoa Sen'),
  organisation('delta', 'isp', 'Delta Broadband', 'Băng rộng Châu Thổ'),
];

const person = (
  id: string, org: string, name: string, roles: readonly Role[], language: 'en' | 'vi', purpose: string, purposeVi: string,
): StoryPerson => ({ id: `per_${id}`, organisation: `org_${org}`, name, roles, language, purpose, purposeVi });

export const people: readonly StoryPerson[] = [
  person('lan', 'hub', 'Nguyễn Thị Lan', ['duty-officer'], 'vi',
    'Duty officer: takes in feeds, sees who is hit, follows up', 'Cán bộ trực: tiếp nhận nguồn cấp, xem đơn vị bị ảnh hưởng, theo dõi xử lý'),
  person('minh', 'hub', 'Trần Quang Minh', ['principal'], 'vi',
    'Head of the centre: signs agreements, approves, checks the record', 'Lãnh đạo trung tâm: ký thỏa thuận, phê duyệt, kiểm tra sổ cái'),
  person('ngocha', 'hub', 'Vũ Ngọc Hà', ['auditor'], 'vi',
    'Auditor: reads the record, reviews what was done in an hour of need', 'Kiểm toán viên: đọc sổ cái, rà soát những gì đã làm trong tình huống khẩn cấp'),
  person('thao', 'hub', 'Phạm Thu Thảo', ['administrator'], 'vi',
    'Administrator: people, roles, invitations', 'Quản trị viên: người dùng, vai trò, lời mời'),
  person('quyen', 'hub', 'Vũ Ngọc Quyên', ['auditor'], 'vi',
    'Legal adviser of the centre: attests that clauses do what their words say', 'Chuyên viên pháp chế: xác nhận điều khoản được thực thi đúng câu chữ'),
  person('son', 'hub', 'Lý Thái Sơn', ['reviewer'], 'vi',
    'Reviewer: reads source code under the memorandum', 'Người rà soát: đọc mã nguồn theo biên bản ghi nhớ'),
  person('hoa', 'safety', 'Trịnh Thị Hòa', ['principal'], 'vi',
    'Head of an authority that is to succeed the centre', 'Lãnh đạo cơ quan sẽ kế nhiệm trung tâm'),
  person('dung', 'safety', 'Cao Tiến Dũng', ['duty-officer', 'administrator'], 'vi',
    'Duty officer of the successor', 'Cán bộ trực của cơ quan kế nhiệm'),
  person('bach', 'safety', 'Mai Thanh Bách', ['auditor'], 'vi',
    'Auditor of the successor', 'Kiểm toán viên của cơ quan kế nhiệm'),
  person('keller', 'kestrel', 'Anna Keller', ['principal', 'feed-operator'], 'en',
    'Endpoint vendor: the memorandum of understanding, its pillars', 'Nhà cung cấp bảo mật: biên bản ghi nhớ và các trụ cột'),
  person('moser', 'kestrel', 'Lukas Moser', ['steward', 'administrator'], 'en',
    'Steward of the transparency centre', 'Phụ trách trung tâm minh bạch'),
  person('frei', 'kestrel', 'Martina Frei', ['auditor'], 'en',
    'Counsel of the endpoint vendor: attests the clauses', 'Cố vấn pháp lý của nhà cung cấp bảo mật: xác nhận điều khoản'),
  person('okafor', 'meridian', 'Daniel Okafor', ['auditor', 'steward'], 'en',
    'Counsel of the platform vendor: attests the clauses', 'Cố vấn pháp lý của nhà cung cấp nền tảng: xác nhận điều khoản'),
  person('sato', 'meridian', 'Emi Sato', ['steward'], 'en',
    'Programme desk of the platform vendor: decides who is eligible', 'Bộ phận chương trình của nhà cung cấp nền tảng: quyết định điều kiện tham gia'),
  person('lindqvist', 'meridian', 'Karin Lindqvist', ['auditor'], 'en',
    'Decides appeals for the platform vendor', 'Xét khiếu nại cho nhà cung cấp nền tảng'),
  person('rivera', 'meridian', 'Sofia Rivera', ['principal', 'psirt', 'administrator'], 'en',
    'Platform vendor: the programme membership and its authorisations', 'Nhà cung cấp nền tảng: chương trình và các quyền tham gia'),
  person('hung', 'mintransit', 'Lê Văn Hùng', ['constituent-admin', 'principal', 'administrator'], 'vi',
    'IT lead of a ministry: sees its own exposure, acts', 'Phụ trách CNTT của bộ: xem tình hình của đơn vị, xử lý'),
  person('mai', 'minrecords', 'Đỗ Thị Mai', ['constituent-admin', 'principal', 'administrator'], 'vi',
    'IT lead of another ministry', 'Phụ trách CNTT của một bộ khác'),
  person('khoa', 'minwaters', 'Hoàng Anh Khoa', ['constituent-admin', 'principal', 'administrator'], 'vi',
    'IT lead of a ministry that has not signed yet', 'Phụ trách CNTT của bộ chưa ký thỏa thuận'),
  person('tuan', 'songlam', 'Võ Minh Tuấn', ['constituent-admin', 'principal', 'administrator'], 'vi',
    'IT lead of a province', 'Phụ trách CNTT của tỉnh'),
  person('nhung', 'haithanh', 'Bùi Hồng Nhung', ['constituent-admin', 'principal', 'administrator'], 'vi',
    'IT lead of another province', 'Phụ trách CNTT của tỉnh khác'),
  person('long', 'lotus', 'Đặng Hải Long', ['constituent-admin', 'principal', 'administrator'], 'vi',
    'Abuse desk of an internet provider', 'Bộ phận xử lý lạm dụng của nhà mạng'),
  person('yen', 'delta', 'Ngô Hải Yến', ['constituent-admin', 'principal', 'administrator'], 'vi',
    'Abuse desk of another internet provider', 'Bộ phận xử lý lạm dụng của nhà mạng khác'),
];

const warning = (org: string, signer: string, parts = ['exposure']): StoryAgreement => ({
  id: `agr_warn${org}`, template: 'warning-service', counterpart: `org_${org}`, parts, products: [],
  signers: ['per_minh', `per_${signer}`], attesters: ['per_minh', 'per_quyen'], effectiveOn: '2018-01-01', years: 15,
});

/** The centre is the authority of each. Meridian's is without the transparency centre; one ministry has yet to sign. */
export const agreements: readonly StoryAgreement[] = [
  {
    id: 'agr_kestrel', template: 'mou', counterpart: 'org_kestrel',
    parts: ['transparency', 'information-sharing', 'investigation', 'capacity'], products: ['Kestrel Shield', 'Kestrel Gateway'],
    signers: ['per_minh', 'per_keller'], attesters: ['per_minh', 'per_quyen', 'per_keller', 'per_frei'], effectiveOn: '2018-01-01', years: 15,
  },
  {
    id: 'agr_meridian', template: 'programme', counterpart: 'org_meridian',
    parts: ['technical-data', 'information-sharing'], products: ['Meridian OS', 'Meridian Office'],
    signers: ['per_minh', 'per_rivera'], attesters: ['per_minh', 'per_quyen', 'per_rivera', 'per_okafor'], effectiveOn: '2018-01-01', years: 15,
  },
  warning('mintransit', 'hung', ['exposure', 'scanning']), warning('minrecords', 'mai'), warning('songlam', 'tuan', ['exposure', 'scanning']),
    warning('haithanh', 'nhung'),
  warning('lotus', 'long'), warning('delta', 'yen'),
];

/** Drafted, signed by the centre, waiting for the ministry: the evaluator can put it in force. */
export const unsigned: StoryAgreement = warning('minwaters', 'khoa');

/** What Meridian asks of who would join its programme. */
export const criteria = {
  provider: 'org_meridian', publisher: 'per_rivera',
  title: 'Who may join the government security programme', titleVi: 'Điều kiện tham gia chương trình an ninh dành cho chính phủ',
  criteria: [
    {
      id: 'state-body', title: 'A body of the state', titleVi: 'Là cơ quan nhà nước',
      text: 'It is an authority with a duty in information assurance, public safety or defence.',
      textVi: 'Là cơ quan có nhiệm vụ về bảo đảm an toàn thông tin, an toàn công cộng hoặc quốc phòng.',
      evidence: 'The act that founds it and names this duty.', evidenceVi: 'Văn bản thành lập và quy định nhiệm vụ.',
    },
    {
      id: 'protects-ip', title: 'Can protect intellectual property', titleVi: 'Bảo vệ được sở hữu trí tuệ',
      text: 'Its rules and its practice on confidentiality keep what it reads from third parties.',
      textVi: 'Quy định và thực tiễn bảo mật ngăn thông tin được đọc đến bên thứ ba.',
      evidence: 'Its rules on confidentiality, and how breaches are dealt with.', evidenceVi: 'Quy định về bảo mật và cách xử lý vi phạm.',
    },
    {
      id: 'discloses', title: 'Reports what it finds', titleVi: 'Báo cáo lỗ hổng tìm thấy',
      text: 'Vulnerabilities found under the programme are reported to the vendor first.',
      textVi: 'Lỗ hổng phát hiện trong chương trình được báo cho nhà cung cấp trước tiên.',
      evidence: 'A signed statement of its head.', evidenceVi: 'Cam kết có chữ ký của lãnh đạo.',
    },
  ],
} as const;
