// The part of ECharts that the dashboard draws with; bundled by build.mjs as the global `echarts`.
import { init, getInstanceByDom, use } from "echarts/core";
import { BarChart, LineChart, SankeyChart } from "echarts/charts";
import {
  AriaComponent,
  DatasetComponent,
  GridComponent,
  LegendComponent,
  MarkLineComponent,
  TooltipComponent,
} from "echarts/components";
// SVG, so that a screen reader, a search on the page and a printer find the text.
import { SVGRenderer } from "echarts/renderers";

use([
  AriaComponent,
  BarChart,
  DatasetComponent,
  GridComponent,
  LegendComponent,
  LineChart,
  MarkLineComponent,
  SankeyChart,
  SVGRenderer,
  TooltipComponent,
]);

export { init, getInstanceByDom };
