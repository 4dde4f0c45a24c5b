"""Words of the capacity page beyond its balances: rates, flows, forecasts, emergencies, lines; part of api.words."""

from typing import Final

CAPACITY: Final[dict[str, tuple[str, str]]] = {
    "outlook.rate": ("利用处置率", "Rate of recovery and disposal"),
    "outlook.rate_made_of": (
        "利用处置 {handled}，期初贮存 {opening}，产生 {generated}",
        "handled {handled}, opening stock {opening}, generated {generated}",
    ),
    "outlook.rate_hint": (
        "近365日。利用处置＝自行利用处置＋转出＋代他人利用处置超出转入的部分；期初贮存为账面数。",
        "Trailing 365 days. Handled: own treatment, sent elsewhere, and treated for others beyond what was brought in; the "
        "opening stock is that of the books.",
    ),
    "outlook.added": ("一年内新增许可能力", "Licensed capacity added in a year"),
    "outlook.idle": ("闲置许可项", "Idle lines"),
    "outlook.idle_hint": (
        "持证满一年，且自{since}起未接受或不足年许可量的{share}",
        "licensed for a year, and since {since} took nothing or less than {share} of the yearly amount",
    ),
    "outlook.clear": ("待清零库存", "Stock to clear"),
    "outlook.clear_hint": (
        "超期 {over}，30日内到期 {due}；富余能力每日 {spare}",
        "over its term {over}, due within 30 days {due}; {spare} a day to spare",
    ),
    "outlook.clear_days": ("约需 {n} 日", "about {n} days"),
    "outlook.clear_never": ("没有富余能力", "nothing to spare"),
    "outlook.clear_late": ("{mass} 到期前无法消纳", "{mass} cannot be taken by its day"),
    "outlook.clear_in_time": ("可在期限内消纳", "can be taken in time"),
    "outlook.surge": ("应急日处置能力：{place}", "Emergency by day: {place}"),
    "outlook.surge_plan": (
        "{name}（{emergency}），自{since}至{until}；预案设施 {facilities} 处，车辆 {vehicles} 辆",
        "{name} ({emergency}), {since} to {until}; {facilities} facilities and {vehicles} vehicles on the plan",
    ),
    "outlook.open_end": ("未定", "further notice"),
    "outlook.surge_hint": (
        "需求＝当日产生－自行处置－转出＋转入；能力＝许可日能力与预案设施（同一设施取大者）。最近一日可能尚未报全。",
        "Need: made less own treatment less sent out plus brought in, that day. Capacity: licences and the plan's "
        "facilities, the larger of both at one site. The latest day may not be complete.",
    ),
    "outlook.no_days": ("尚无应急日", "No day of it yet"),
    "outlook.flows": ("转移流向：{category}", "Flows between cities: {category}"),
    "outlook.flows_hint": (
        "自{since}起接受和收集的重量；行为移出地，列为接受地",
        "accepted and collected since {since}; rows are origins, columns destinations",
    ),
    "outlook.no_flows": ("没有转移", "Nothing was moved"),
    "outlook.forecast": ("需求预测：{category}", "Need to come: {category}"),
    "outlook.forecast_seasonal": (
        "预计＝去年同月＋年均变化；区间为±2倍标准差（上一年按同一公式的偏差）。",
        "Expected: the same month a year before and the mean yearly change; between: twice the standard deviation of what "
        "this formula missed in the last year.",
    ),
    "outlook.forecast_mean": (
        "预计＝最近至多12个整月的均值；区间为±2倍标准差。满24个月后按季节预测。",
        "Expected: the mean of the last whole months, twelve at most; between: twice their standard deviation. By season "
        "from 24 months on.",
    ),
    "outlook.forecast_none": ("不足6个整月，暂不预测", "Fewer than six whole months: nothing is foretold"),
    "outlook.lines": ("许可项：{category}", "Licensed lines: {category}"),
    "outlook.lines_hint": (
        "接受量自{since}起，按许可项所含类别合计；同一单位有多个许可项涵盖同一类别时各计全量",
        "taken in since {since}, of all the line's categories; where a holder has several lines for a category, each is "
        "credited with all",
    ),
    "outlook.lines_all": ("显示其余 {n} 项", "Show the other {n}"),
    "outlook.methods": ("按利用处置方式：{list}", "By method: {list}"),
    "outlook.method_unknown": ("未注明", "not said"),
    "outlook.near": ("就近富余能力", "Spare capacity nearby"),
    "outlook.near_hint": (
        "{place}出现缺口；按同市、同省、相邻省排列",
        "{place} is short; same city first, then the province, then bordering provinces",
    ),
    "outlook.no_near": ("本省及相邻省没有富余能力", "No capacity to spare here or in bordering provinces"),
    "near.0": ("同市", "same city"),
    "near.1": ("同省", "same province"),
    "near.2": ("相邻省", "bordering province"),
    "near.3": ("其他", "farther"),
    "col.day": ("日期", "Day"),
    "col.month": ("月份", "Month"),
    "col.foretold": ("预计", "Expected"),
    "col.between": ("区间", "Between"),
    "col.day_capacity": ("日能力", "Capacity"),
    "col.by_plan": ("其中预案", "of it by plan"),
    "col.shortfall": ("缺口", "Shortfall"),
    "col.plan_expects": ("预案预计", "Plan expects"),
    "col.methods": ("方式", "Methods"),
    "col.spare": ("富余", "To spare"),
    "col.coming": ("已约 / 在途", "Booked / on the way"),
    "col.near": ("远近", "How near"),
    "col.full_between": ("预计用满", "Full between"),
    "col.from_to": ("移出地＼接受地", "From \\ to"),
    "line.idle": ("闲置", "idle"),
    "line.shared": ("共用", "shared"),
    "line.never_full": ("年内不会", "not this year"),
    "line.full_from": ("{first} 起", "from {first}"),
    "line.per_day": ("{mass}/日", "{mass} a day"),
}
