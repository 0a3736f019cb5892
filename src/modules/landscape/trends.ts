/**
 * Honest words for a change: a count and a share tell different stories, so neither is told without the other. Pure; the
 * figures come from the published series.
 */

export interface Change {
  readonly before: number;
  readonly after: number;
}

export interface Trend {
  /** Whole percent of the earlier count, down negative; null where there was nothing before. */
  readonly countPercent: number | null;
  /** Percentage points with one decimal; null where a share may not be published. */
  readonly sharePoints: number | null;
  /** Whether both go the same way; null where one of them is not known. A headline from one alone is refused where it is false. */
  readonly agree: boolean | null;
}

/** Half away from zero, in whole numbers. */
function rounded(numerator: number, denominator: number): number {
  const sign = numerator < 0 ? -1 : 1;
  return sign * Math.floor((2 * Math.abs(numerator) + denominator) / (2 * denominator));
}

/** `share` in percent with one decimal, as published. */
export function trendOf(count: Change, share: Change | null): Trend {
  const countPercent = count.before === 0 ? null : rounded((count.after - count.before) * 100, count.before);
  // Tenths of a point, so that no binary fraction decides.
  const tenths = share === null ? null : Math.round(share.after * 10) - Math.round(share.before * 10);
  const agree = countPercent === null || tenths === null ? null : Math.sign(count.after - count.before) === Math.sign(tenths);
  return { countPercent, sharePoints: tenths === null ? null : tenths / 10, agree };
}

/** One sentence a language, with both; what is not known is said to be so. */
export function sentences({ countPercent, sharePoints }: Trend): { en: string; vi: string } {
  const way = (value: number, up: string, down: string, same: string): string => (value > 0 ? up : value < 0 ? down : same);
  const decimal = (value: number, mark: string): string => String(Math.abs(value)).replace('.', mark);
  const count = countPercent === null
    ? { en: 'counts have nothing to compare with', vi: 'số lượng chưa có kỳ trước để so sánh' }
    : {
      en: way(countPercent, `counts up ${countPercent} %`, `counts down ${-countPercent} %`, 'counts unchanged'),
      vi: way(countPercent, `số lượng tăng ${countPercent} %`, `số lượng giảm ${-countPercent} %`, 'số lượng không đổi'),
    };
  const share = sharePoints === null
    ? { en: 'share not publishable', vi: 'tỷ lệ không đủ điều kiện công bố' }
    : {
      en: way(sharePoints, `share up ${decimal(sharePoints, '.')} points`, `share down ${decimal(sharePoints, '.')} points`, 'share unchanged'),
      vi: way(sharePoints, `tỷ lệ tăng ${decimal(sharePoints, ',')} điểm phần trăm`,
        `tỷ lệ giảm ${decimal(sharePoints, ',')} điểm phần trăm`, 'tỷ lệ không đổi'),
    };
  return { en: `${count.en}, ${share.en}`, vi: `${count.vi}, ${share.vi}` };
}
