// Charts drawn from the table behind them, so that both always say the same; loaded by pages that have one.
"use strict";
(() => {
  const css = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();

  // The table: the first column names, the others are series with a tone each.
  function read(figure) {
    const table = figure.querySelector("table");
    const heads = [...table.tHead.rows[0].cells].slice(1).filter((cell) => cell.dataset.tone);
    const rows = [...table.tBodies[0].rows];
    return {
      names: rows.map((row) => row.cells[0].textContent.trim()),
      series: heads.map((cell) => ({
        name: cell.textContent.trim(), tone: cell.dataset.tone,
        values: rows.map((row) => Number(row.cells[cell.cellIndex].dataset.value)),
        labels: rows.map((row) => row.cells[cell.cellIndex].textContent.trim()),
      })),
    };
  }

  function option(figure, data) {
    const stacked = figure.dataset.chart === "stack", ink = css("--ink"), soft = css("--soft"), line = css("--line");
    const decals = [{ symbol: "none" }, { symbol: "rect", dashArrayX: [1, 0], dashArrayY: [2, 4], rotation: -Math.PI / 4, color: "rgba(255,255,255,.45)" }];
    return {
      animation: false,
      aria: { enabled: true, decal: { show: false } },
      textStyle: { fontFamily: getComputedStyle(document.body).fontFamily, color: ink },
      grid: { left: 0, right: 64, top: 30, bottom: 4, containLabel: true },
      legend: { top: 0, left: 0, itemWidth: 14, itemHeight: 10, textStyle: { color: soft } },
      tooltip: { show: false },
      xAxis: { type: "value", splitNumber: 3, splitLine: { lineStyle: { color: line } }, axisLabel: { color: soft, hideOverlap: true, formatter: (value) => `${value.toLocaleString("en")} ${figure.dataset.unit}` } },
      yAxis: { type: "category", data: data.names, inverse: true, axisTick: { show: false }, axisLine: { lineStyle: { color: line } }, axisLabel: { color: ink, width: 130, overflow: "truncate" } },
      series: data.series.map((one, place) => ({
        type: "bar", name: one.name, stack: stacked ? "all" : undefined, barMaxWidth: stacked ? 16 : 11, barMinWidth: 5, barGap: "15%",
        itemStyle: { color: css(`--${one.tone}`), decal: decals[place % 2] },
        data: one.values,
        label: stacked && place < data.series.length - 1 ? { show: false } : {
          show: true, position: "right", color: soft,
          formatter: (bar) => stacked ? sum(data, bar.dataIndex, figure.dataset.unit) : one.labels[bar.dataIndex],
        },
      })),
    };
  }
  function sum(data, row, unit) {
    const total = data.series.reduce((all, one) => all + one.values[row], 0);
    return `${total.toLocaleString("en", { maximumFractionDigits: 1 })} ${unit}`;
  }

  function draw(figure) {
    const data = read(figure), plot = figure.querySelector(".plot");
    if (!data.names.length) return;
    const perRow = figure.dataset.chart === "stack" ? 30 : 38;
    plot.style.height = `${60 + perRow * data.names.length}px`;
    const chart = echarts.getInstanceByDom(plot) ?? echarts.init(plot, null, { renderer: "svg" });
    chart.setOption(option(figure, data), true);
    new ResizeObserver(() => chart.resize()).observe(plot);
  }

  const all = () => document.querySelectorAll("figure[data-chart]").forEach(draw);
  all();
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", all);
})();
