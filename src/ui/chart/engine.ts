/** ECharts, only the parts that Chart uses; loaded when the first chart is drawn. */
import { BarChart, LineChart } from 'echarts/charts';
import { AriaComponent, GridComponent, TooltipComponent } from 'echarts/components';
import { init, use, type EChartsType } from 'echarts/core';
import { SVGRenderer } from 'echarts/renderers';

use([LineChart, BarChart, GridComponent, TooltipComponent, AriaComponent, SVGRenderer]);

export type Drawn = EChartsType;

export function draw(on: HTMLElement): Drawn {
  return init(on, null, { renderer: 'svg' });
}
