/** From our few words for a chart to an ECharts option, in the colours of the page it stands on. */
import type { EChartsCoreOption } from 'echarts/core';

export interface Line {
  readonly name: string;
  /** One value for each x; null is missing and is drawn as a gap. */
  readonly values: readonly (number | null)[];
}

export interface Drawing {
  readonly kind: 'line' | 'bar';
  readonly x: readonly string[];
  readonly lines: readonly Line[];
  /** Index of an x to point at. */
  readonly mark?: number | undefined;
  readonly stacked?: boolean | undefined;
  /** Bars lie down: for names. */
  readonly lying?: boolean | undefined;
}

export interface Ink {
  readonly text: string;
  readonly line: string;
  readonly surface: string;
  readonly missing: string;
  readonly hues: readonly string[];
  readonly font: string;
}

export function inkOf(element: Element): Ink {
  const style = getComputedStyle(element);
  const token = (name: string) => style.getPropertyValue(`--e-${name}`).trim();
  return {
    text: token('ink-3'), line: token('line'), surface: token('raised'), missing: token('hatch'), font: token('sans'),
    hues: [0, 1, 2, 3, 4, 5].map((i) => token(`cat-${i}`)),
  };
}

export interface Say {
  readonly value: (value: number) => string;
  readonly axis: (value: number) => string;
  readonly missing: string;
}

function escape(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
}

function seriesOf(drawing: Drawing, ink: Ink) {
  return drawing.lines.map((line, i) => {
    const hue = ink.hues[i % ink.hues.length] ?? ink.text;
    return {
      name: line.name, type: drawing.kind, itemStyle: { color: hue, borderRadius: drawing.lying ? [0, 3, 3, 0] : [3, 3, 0, 0] },
      ...(drawing.stacked ? { stack: 'all' } : {}),
      ...(drawing.kind === 'line'
        ? {
            symbol: 'circle', symbolSize: 6, showSymbol: drawing.x.length <= 40, connectNulls: false, lineStyle: { width: 2 },
            areaStyle: drawing.lines.length === 1 ? { color: hue, opacity: 0.08 } : undefined,
          }
        : { barMaxWidth: 28 }),
      data: line.values.map((value, at) => (at === drawing.mark && value !== null
        ? { value, symbolSize: 11, itemStyle: { color: drawing.kind === 'bar' ? hue : ink.hues[1] } }
        : value)),
    };
  });
}

export function optionOf(drawing: Drawing, ink: Ink, say: Say): EChartsCoreOption {
  const label = { color: ink.text, fontSize: 12, fontFamily: ink.font };
  const names = {
    type: 'category', data: [...drawing.x], axisLine: { lineStyle: { color: ink.line } }, axisTick: { show: false },
    axisLabel: {
      ...label, hideOverlap: !drawing.lying, margin: 10,
      ...(drawing.lying ? { width: 150, overflow: 'truncate' } : { alignMinLabel: 'left', alignMaxLabel: 'right' }),
    },
    ...(drawing.lying ? { inverse: true } : { boundaryGap: drawing.kind === 'bar' }),
  };
  const amounts = {
    type: 'value', splitLine: { lineStyle: { color: ink.line } }, splitNumber: 4, minInterval: 0,
    axisLabel: { ...label, formatter: say.axis, hideOverlap: true },
  };
  return {
    animation: false,
    textStyle: { fontFamily: ink.font },
    aria: { enabled: false },
    grid: { left: 4, right: drawing.lying ? 24 : 16, top: 14, bottom: 4, containLabel: true },
    tooltip: {
      trigger: 'axis', axisPointer: { type: drawing.kind === 'bar' ? 'shadow' : 'line', lineStyle: { color: ink.line } },
      backgroundColor: ink.surface, borderColor: ink.line, textStyle: { color: ink.text, fontSize: 12 }, confine: true,
      formatter: (points: readonly { axisValue: string; marker: string; seriesName: string; value: number | null }[]) =>
        `<strong>${escape(points[0]?.axisValue ?? '')}</strong>${points.map((p) =>
          `<br>${p.marker}${escape(p.seriesName)}: ${p.value === null || p.value === undefined ? say.missing : say.value(p.value)}`)
          .join('')}`,
    },
    xAxis: drawing.lying ? amounts : names,
    yAxis: drawing.lying ? names : amounts,
    series: seriesOf(drawing, ink),
  };
}
