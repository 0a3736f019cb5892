/**
 * The provinces of Viet Nam before and after 1 July 2025 (Resolution 202/2025/QH15: 63 became 34), so that figures of a month
 * before can be read by the units of either time. Codes are those of ISO 3166-2:VN before the change; a province that others
 * joined keeps its own. Written from the resolution's text; no boundary is drawn here.
 */

export interface Province {
  readonly code: string;
  readonly name: string;
  /** Code of the province that it became part of; null where it stayed. */
  readonly into: string | null;
}

const rows: readonly (readonly [string, string, string | null])[] = [
  ['VN-01', 'Lai Châu', null],
  ['VN-02', 'Lào Cai', null],
  ['VN-03', 'Hà Giang', 'VN-07'],
  ['VN-04', 'Cao Bằng', null],
  ['VN-05', 'Sơn La', null],
  ['VN-06', 'Yên Bái', 'VN-02'],
  ['VN-07', 'Tuyên Quang', null],
  ['VN-09', 'Lạng Sơn', null],
  ['VN-13', 'Quảng Ninh', null],
  ['VN-14', 'Hòa Bình', 'VN-68'],
  ['VN-18', 'Ninh Bình', null],
  ['VN-20', 'Thái Bình', 'VN-66'],
  ['VN-21', 'Thanh Hóa', null],
  ['VN-22', 'Nghệ An', null],
  ['VN-23', 'Hà Tĩnh', null],
  ['VN-24', 'Quảng Bình', 'VN-25'],
  ['VN-25', 'Quảng Trị', null],
  ['VN-26', 'Huế', null],
  ['VN-27', 'Quảng Nam', 'VN-DN'],
  ['VN-28', 'Kon Tum', 'VN-29'],
  ['VN-29', 'Quảng Ngãi', null],
  ['VN-30', 'Gia Lai', null],
  ['VN-31', 'Bình Định', 'VN-30'],
  ['VN-32', 'Phú Yên', 'VN-33'],
  ['VN-33', 'Đắk Lắk', null],
  ['VN-34', 'Khánh Hòa', null],
  ['VN-35', 'Lâm Đồng', null],
  ['VN-36', 'Ninh Thuận', 'VN-34'],
  ['VN-37', 'Tây Ninh', null],
  ['VN-39', 'Đồng Nai', null],
  ['VN-40', 'Bình Thuận', 'VN-35'],
  ['VN-41', 'Long An', 'VN-37'],
  ['VN-43', 'Bà Rịa – Vũng Tàu', 'VN-SG'],
  ['VN-44', 'An Giang', null],
  ['VN-45', 'Đồng Tháp', null],
  ['VN-46', 'Tiền Giang', 'VN-45'],
  ['VN-47', 'Kiên Giang', 'VN-44'],
  ['VN-49', 'Vĩnh Long', null],
  ['VN-50', 'Bến Tre', 'VN-49'],
  ['VN-51', 'Trà Vinh', 'VN-49'],
  ['VN-52', 'Sóc Trăng', 'VN-CT'],
  ['VN-53', 'Bắc Kạn', 'VN-69'],
  ['VN-54', 'Bắc Giang', 'VN-56'],
  ['VN-55', 'Bạc Liêu', 'VN-59'],
  ['VN-56', 'Bắc Ninh', null],
  ['VN-57', 'Bình Dương', 'VN-SG'],
  ['VN-58', 'Bình Phước', 'VN-39'],
  ['VN-59', 'Cà Mau', null],
  ['VN-61', 'Hải Dương', 'VN-HP'],
  ['VN-63', 'Hà Nam', 'VN-18'],
  ['VN-66', 'Hưng Yên', null],
  ['VN-67', 'Nam Định', 'VN-18'],
  ['VN-68', 'Phú Thọ', null],
  ['VN-69', 'Thái Nguyên', null],
  ['VN-70', 'Vĩnh Phúc', 'VN-68'],
  ['VN-71', 'Điện Biên', null],
  ['VN-72', 'Đắk Nông', 'VN-35'],
  ['VN-73', 'Hậu Giang', 'VN-CT'],
  ['VN-CT', 'Cần Thơ', null],
  ['VN-DN', 'Đà Nẵng', null],
  ['VN-HN', 'Hà Nội', null],
  ['VN-HP', 'Hải Phòng', null],
  ['VN-SG', 'Thành phố Hồ Chí Minh', null],
];

export const provinces: readonly Province[] = rows.map(([code, name, into]) => ({ code, name, into }));

/** The province that `code` is now, by the changes given; a code that nobody knows is itself. A chain of changes is followed. */
export function provinceNow(code: string, changes: readonly Province[] = provinces): { code: string; name: string | null } {
  const seen = new Set<string>();
  let at = code;
  for (;;) {
    const known = changes.find((p) => p.code === at);
    if (!known?.into || seen.has(at)) return { code: at, name: known?.name ?? null };
    seen.add(at);
    at = known.into;
  }
}
