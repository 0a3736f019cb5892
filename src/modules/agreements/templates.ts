/**
 * The agreements of the programme as templates: a memorandum of understanding with an ordered list of pillars, a
 * programme membership with four authorisations, and the warning service between a national centre and those it
 * warns. The words are ours; the shapes follow the public descriptions of such programmes (spec: programme, 1 and 4).
 */
import type { Agreement, TemplateName } from './model.ts';
import type { z } from 'zod';
import type { Role as RoleName } from '#modules/parties/index';
import type { PurposeName, TlpLabel } from './model.ts';
import type { HandlingSpec, ObligationSpec, QuotaSpec, Side } from './terms.ts';

type Purpose = z.infer<typeof PurposeName>;
type Tlp = z.infer<typeof TlpLabel>;
type Role = z.infer<typeof RoleName>;

export interface GrantDraft {
  readonly grantee: 'authority' | 'counterpart';
  readonly actions: readonly string[];
  readonly kinds: readonly string[];
  readonly purposes: readonly Purpose[];
  readonly maxTlp: Tlp;
  readonly maxLevel: number;
  /** Only people who hold one of these; every role that has the right where it is absent. */
  readonly roles?: readonly Role[];
  readonly mfa?: boolean;
}
export interface ClauseDraft {
  readonly title: string;
  readonly titleVi: string;
  readonly text: string;
  readonly textVi: string;
  readonly kind: 'grant' | 'prohibition' | 'obligation' | 'oversight' | 'handling' | 'quota' | 'narrative';
  readonly grants?: readonly GrantDraft[];
  readonly forbids?: readonly string[];
  readonly obligations?: readonly Omit<ObligationSpec, 'id'>[];
  readonly quotas?: readonly Omit<QuotaSpec, 'id'>[];
  readonly handling?: Omit<HandlingSpec, 'id'>;
  readonly monitor?: { readonly side: Side; readonly sees: 'actions' | 'summary' | 'content' };
}
export interface PartDraft {
  readonly id: string;
  readonly title: string;
  readonly titleVi: string;
  readonly summary: string;
  readonly summaryVi: string;
  readonly clauses: readonly ClauseDraft[];
}
export interface Template {
  readonly name: TemplateName;
  readonly title: string;
  readonly titleVi: string;
  readonly summary: string;
  readonly summaryVi: string;
  readonly partNoun: Agreement['partNoun'];
  readonly parts: readonly PartDraft[];
  /** Clauses that stand whatever parts are chosen, numbered after them. */
  readonly general: readonly ClauseDraft[];
}

const both = (grant: Omit<GrantDraft, 'grantee'>): GrantDraft[] => [
  { ...grant, grantee: 'authority' }, { ...grant, grantee: 'counterpart' },
];

const handling: ClauseDraft = {
  kind: 'handling', title: 'Marking and handling', titleVi: 'Gắn nhãn và xử lý thông tin',
  text: 'Everything exchanged carries one TLP 2.0 label; what carries none is treated as TLP:RED until its source says '
    + 'otherwise. It is encrypted in transit. The receiver may act on it inside its own networks, so that no outsider sees '
    + 'it; those affected may be told; the source is not named; nothing is sold on.',
  textVi: 'Mọi thông tin trao đổi mang đúng một nhãn TLP 2.0; thông tin không có nhãn được coi là TLP:RED cho đến khi nguồn '
    + 'xác định khác. Thông tin phải được mã hóa khi truyền. Bên nhận được hành động trong mạng của mình, không để bên ngoài '
    + 'nhận biết; được thông báo cho đối tượng bị ảnh hưởng; không nêu tên nguồn; không được bán lại.',
  handling: {
    encryptInTransit: 'MUST', permittedActions: 'INTERNALLY VISIBLE ACTIONS', affectedPartyNotifications: 'MAY',
    attribution: 'MUST NOT', unmodifiedResale: 'MUST NOT', externalReference: null,
  },
};
const answerSuspension: ClauseDraft = {
  kind: 'obligation', title: 'Answer to a suspension', titleVi: 'Phản hồi khi bị tạm đình chỉ',
  text: 'When this agreement or a part of it is suspended, the counterpart acknowledges within 24 hours.',
  textVi: 'Khi thỏa thuận hoặc một phần của thỏa thuận bị tạm đình chỉ, bên đối tác xác nhận trong vòng 24 giờ.',
  obligations: [{
    debtor: 'counterpart', begunBy: 'agreement.suspended', doneBy: 'agreement.suspension-acknowledged', withinSeconds: 86_400,
  }],
};
const record: ClauseDraft = {
  kind: 'narrative', title: 'Record', titleVi: 'Ghi nhận',
  text: 'Every act under this agreement is recorded in the ledger. Both sides may verify it offline at any time.',
  textVi: 'Mọi hành động theo thỏa thuận này được ghi vào sổ cái. Hai bên có thể kiểm chứng ngoại tuyến bất cứ lúc nào.',
};
const noCopy: ClauseDraft = {
  kind: 'prohibition', title: 'No copies of source code', titleVi: 'Không sao chép mã nguồn',
  text: 'Source code is read in place. Copying, exporting or changing it is not permitted to anyone under this agreement.',
  textVi: 'Mã nguồn chỉ được đọc tại chỗ. Không ai được sao chép, xuất hoặc sửa đổi theo thỏa thuận này.',
  forbids: ['source.copy', 'source.export', 'source.change'],
};
const noStandingAccess: ClauseDraft = {
  kind: 'prohibition', title: 'No standing access', titleVi: 'Không truy cập thường trực',
  text: 'Neither side has standing or direct access to the other’s systems or user records.',
  textVi: 'Không bên nào được truy cập thường trực hoặc trực tiếp vào hệ thống hay dữ liệu người dùng của bên kia.',
  forbids: ['infrastructure.access', 'user-records.bulk'],
};

const hours: ClauseDraft = {
  kind: 'quota', title: 'Hours of engineers', titleVi: 'Số giờ tham vấn kỹ sư',
  text: 'The authority may use 40 hours of the counterpart’s engineers a year. More needs approval.',
  textVi: 'Cơ quan có thẩm quyền được sử dụng 40 giờ tham vấn kỹ sư của bên đối tác mỗi năm. Vượt quá phải được phê duyệt.',
  quotas: [{ holder: 'authority', action: 'consultation.ask', unit: 'hour', amount: 40, per: 'year', beyond: 'approval' }],
};

const mou: Template = {
  name: 'mou', partNoun: 'pillar',
  title: 'Memorandum of understanding on cybersecurity cooperation',
  titleVi: 'Biên bản ghi nhớ về hợp tác an ninh mạng',
  summary: 'Four pillars: transparency, information sharing, support in investigations, capacity.',
  summaryVi: 'Bốn trụ cột: minh bạch, chia sẻ thông tin, hỗ trợ điều tra, nâng cao năng lực.',
  parts: [
    {
      id: 'transparency', title: 'Transparency', titleVi: 'Minh bạch',
      summary: 'Source code, updates and parts of products, open to review.',
      summaryVi: 'Mã nguồn, bản cập nhật và thành phần sản phẩm được mở để rà soát.',
      clauses: [{
        kind: 'grant', title: 'Review at the transparency centre', titleVi: 'Rà soát tại trung tâm minh bạch',
        text: 'Reviewers of the authority may visit the transparency centre and read the source code, updates and '
          + 'documents of the named products, for oversight and for coordinated disclosure, up to TLP:AMBER+STRICT.',
        textVi: 'Người rà soát của cơ quan có thẩm quyền được đến trung tâm minh bạch và đọc mã nguồn, bản cập nhật, '
          + 'tài liệu của các sản phẩm nêu tên, nhằm giám sát và phối hợp công bố lỗ hổng, tối đa TLP:AMBER+STRICT.',
        grants: [{
          grantee: 'authority', actions: ['source.view', 'centre.visit', 'document.view'], roles: ['reviewer'],
          kinds: ['source', 'visit', 'document'], purposes: ['oversight', 'cvd'], maxTlp: 'AMBER+STRICT', maxLevel: 4,
        }],
      }],
    },
    {
      id: 'information-sharing', title: 'Information sharing', titleVi: 'Chia sẻ thông tin',
      summary: 'Threat information and related databases, in both directions through the national centre.',
      summaryVi: 'Thông tin đe dọa và cơ sở dữ liệu liên quan, hai chiều, qua trung tâm quốc gia.',
      clauses: [{
        kind: 'grant', title: 'Exchange of threat information', titleVi: 'Trao đổi thông tin đe dọa',
        text: 'Each side may receive the feeds and threat information that the other releases to it, to detect and respond to incidents.',
        textVi: 'Mỗi bên được nhận các nguồn cấp và thông tin đe dọa do bên kia cung cấp để phát hiện và ứng phó sự cố.',
        grants: both({
          actions: ['threat.read', 'threat.share', 'feed.pull', 'feed.deliver'], kinds: ['feed', 'threat'],
          purposes: ['incident-response', 'advisory'], maxTlp: 'AMBER+STRICT', maxLevel: 3,
        }),
      }],
    },
    {
      id: 'investigation', title: 'Investigation support', titleVi: 'Hỗ trợ điều tra',
      summary: 'Mutual support in cyber crime investigations under the monitoring of the national centre.',
      summaryVi: 'Hỗ trợ lẫn nhau trong điều tra tội phạm mạng dưới sự giám sát của trung tâm quốc gia.',
      clauses: [{
        kind: 'grant', title: 'Requests for assistance', titleVi: 'Yêu cầu hỗ trợ',
        text: 'Each side may ask the other for technical expertise in an investigation. Every request passes the monitor.',
        textVi: 'Mỗi bên được đề nghị bên kia hỗ trợ chuyên môn kỹ thuật trong điều tra. Mọi yêu cầu phải qua bên giám sát.',
        grants: both({
          actions: ['investigation.request', 'investigation.answer'], kinds: ['request'], purposes: ['investigation'],
          maxTlp: 'AMBER+STRICT', maxLevel: 3,
        }),
      }, {
        kind: 'oversight', title: 'Monitoring', titleVi: 'Giám sát',
        text: 'The authority monitors this pillar. It sees a summary of every request and every answer, whoever made it, and cannot be left out.',
        textVi: 'Cơ quan có thẩm quyền giám sát trụ cột này, thấy tóm tắt mọi yêu cầu và mọi trả lời, bất kể của ai, và không thể bị loại ra.',
        monitor: { side: 'authority', sees: 'summary' },
      }, {
        kind: 'obligation', title: 'Acknowledgement', titleVi: 'Xác nhận tiếp nhận',
        text: 'Who is asked for help acknowledges the request within 24 hours.',
        textVi: 'Bên được đề nghị hỗ trợ xác nhận tiếp nhận yêu cầu trong vòng 24 giờ.',
        obligations: [{
          debtor: 'counterpart', begunBy: 'investigation.requested', doneBy: 'investigation.acknowledged', withinSeconds: 86_400,
        }],
      }],
    },
    {
      id: 'capacity', title: 'Capacity and knowledge', titleVi: 'Năng lực và kiến thức',
      summary: 'Training programmes developed together, and professional knowledge shared.',
      summaryVi: 'Cùng xây dựng chương trình đào tạo và chia sẻ kiến thức chuyên môn.',
      clauses: [{
        kind: 'grant', title: 'Training and consultation', titleVi: 'Đào tạo và tham vấn',
        text: 'Each side may join the other’s trainings and ask its engineers questions on agreed topics.',
        textVi: 'Mỗi bên được tham gia đào tạo của bên kia và đặt câu hỏi cho kỹ sư về các chủ đề đã thống nhất.',
        grants: both({
          actions: ['training.join', 'consultation.ask'], kinds: ['training', 'consultation'],
          purposes: ['training', 'consultation'], maxTlp: 'GREEN', maxLevel: 2,
        }),
      }, hours],
    },
  ],
  general: [noStandingAccess, noCopy, handling, answerSuspension, record],
};

const authorisation = (
  id: string, title: string, titleVi: string, summary: string, summaryVi: string,
  grant: Omit<GrantDraft, 'grantee'>, text: string, textVi: string,
  further: readonly ClauseDraft[] = [],
): PartDraft => ({
  id, title, titleVi, summary, summaryVi,
  clauses: [{ kind: 'grant', title, titleVi, text, textVi, grants: [{ ...grant, grantee: 'authority' }] }, ...further],
});

const programme: Template = {
  name: 'programme', partNoun: 'authorisation',
  title: 'Government security programme membership', titleVi: 'Tham gia chương trình an ninh dành cho chính phủ',
  summary: 'Four authorisations, each taken or left: online source, transparency centre, technical data, information sharing.',
  summaryVi: 'Bốn quyền, chọn riêng từng quyền: mã nguồn trực tuyến, trung tâm minh bạch, dữ liệu kỹ thuật, chia sẻ thông tin.',
  parts: [
    authorisation('online-source', 'Online source', 'Mã nguồn trực tuyến',
      'People whom the member names as reviewers browse, search and read source code remotely, read only.',
      'Người được thành viên chỉ định rà soát duyệt, tìm và đọc mã nguồn từ xa, chỉ đọc.',
      { actions: ['source.view'], kinds: ['source'], purposes: ['oversight', 'cvd'], maxTlp: 'AMBER+STRICT', maxLevel: 4,
        roles: ['reviewer'], mfa: true },
      'People whom the member names as reviewers, and who sign in with a second factor, may browse, search and '
        + 'read the source code of the named products online, read only.',
      'Người được thành viên chỉ định rà soát, đăng nhập bằng xác thực hai yếu tố, được duyệt, tìm và đọc trực '
        + 'tuyến mã nguồn của sản phẩm nêu tên, chỉ đọc.'),
    authorisation('transparency-centre', 'Transparency centre', 'Trung tâm minh bạch',
      'Visits of one day to two weeks, to read, build and compare.',
      'Các đợt làm việc từ một ngày đến hai tuần để đọc, dựng và so sánh.',
      { actions: ['centre.visit', 'source.view'], kinds: ['visit', 'source'], purposes: ['oversight', 'cvd'],
        maxTlp: 'AMBER+STRICT', maxLevel: 4, roles: ['reviewer', 'steward'] },
      'Reviewers and stewards of the member may visit a transparency centre to read source code, walk through the build and compare binaries.',
      'Người rà soát và phụ trách của thành viên được đến trung tâm minh bạch để đọc mã nguồn, xem quá trình dựng và so sánh tệp nhị phân.'),
    authorisation('technical-data', 'Technical data', 'Dữ liệu kỹ thuật',
      'Documents on products and cloud services, early papers, dialogue with engineers.',
      'Tài liệu về sản phẩm và dịch vụ đám mây, tài liệu sớm, trao đổi với kỹ sư.',
      { actions: ['document.view', 'consultation.ask'], kinds: ['document', 'consultation'],
        purposes: ['oversight', 'consultation', 'cvd'], maxTlp: 'AMBER+STRICT', maxLevel: 3 },
      'The member may read technical documents and consult engineers on specific topics.',
      'Thành viên được đọc tài liệu kỹ thuật và tham vấn kỹ sư về các chủ đề cụ thể.', [hours]),
    authorisation('information-sharing', 'Information sharing and exchange', 'Chia sẻ và trao đổi thông tin',
      'Botnet feeds, malicious addresses, advance notice of vulnerabilities.',
      'Nguồn cấp về botnet, địa chỉ độc hại, thông báo sớm về lỗ hổng.',
      { actions: ['threat.read', 'feed.pull'], kinds: ['feed', 'threat'], purposes: ['incident-response', 'advisory'],
        maxTlp: 'AMBER+STRICT', maxLevel: 3 },
      'The member may pull the provider’s threat and vulnerability information and act on it in its country.',
      'Thành viên được nhận thông tin về mối đe dọa và lỗ hổng của nhà cung cấp và hành động trong phạm vi quốc gia.'),
  ],
  general: [noCopy, handling, answerSuspension, record],
};

const warningService: Template = {
  name: 'warning-service', partNoun: 'service',
  title: 'Early warning service', titleVi: 'Dịch vụ cảnh báo sớm',
  summary: 'The national centre shows an organisation what hit its own networks, and warns it.',
  summaryVi: 'Trung tâm quốc gia cho tổ chức biết những gì ảnh hưởng mạng của mình và cảnh báo.',
  parts: [
    {
      id: 'exposure', title: 'Own exposure', titleVi: 'Tình hình của đơn vị',
      summary: 'See what was observed in one’s own networks, at the time one held them.',
      summaryVi: 'Xem những gì quan sát được trong mạng của mình, tại thời điểm mình quản lý.',
      clauses: [{
        kind: 'grant', title: 'View of own exposure', titleVi: 'Xem tình hình của đơn vị',
        text: 'The organisation may see the events that the centre attributes to its own networks, and no others; is warned of them, '
            + 'answers, and may take the centre’s blocking lists.',
        textVi: 'Tổ chức được xem các sự kiện mà trung tâm xác định thuộc mạng của mình, và chỉ những sự kiện đó; được cảnh báo, '
            + 'phản hồi và được lấy danh sách chặn của trung tâm.',
        grants: [{
          grantee: 'counterpart', actions: ['exposure.view', 'notice.receive', 'notice.answer', 'blocklist.pull'],
          kinds: ['exposure', 'notice', 'blocklist'],
          purposes: ['incident-response'], maxTlp: 'AMBER+STRICT', maxLevel: 3,
        }],
      }],
    },
    {
      id: 'scanning', title: 'Scans of own systems', titleVi: 'Quét hệ thống của đơn vị',
      summary: 'The centre looks from outside at what the organisation holds, job by job.',
      summaryVi: 'Trung tâm kiểm tra từ bên ngoài những gì tổ chức quản lý, theo từng đợt.',
      clauses: [{
        kind: 'grant', title: 'Scans by job', titleVi: 'Quét theo từng đợt',
        text: 'The centre may scan addresses and names that its registry shows as the organisation’s own, in jobs that state targets, '
            + 'ports, a time and a reason. Its scanner says who it is. The organisation sees each job, and what was seen is for its own protection.',
        textVi: 'Trung tâm được quét các địa chỉ và tên mà sổ đăng ký ghi nhận là của tổ chức, theo từng đợt nêu rõ mục tiêu, cổng, thời gian '
            + 'và lý do. Công cụ quét tự xưng danh. Tổ chức xem được từng đợt, và kết quả chỉ dùng để bảo vệ chính tổ chức.',
        grants: [{
          grantee: 'authority', actions: ['scan.run'], kinds: ['scan'], purposes: ['incident-response'], maxTlp: 'AMBER+STRICT', maxLevel: 3,
        }],
      }],
    },
  ],
  general: [handling, record],
};

export const templates: readonly Template[] = [mou, programme, warningService];
