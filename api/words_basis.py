"""On what alerts rest, in Chinese, where the recorded ground is in English; part of api.words, asked by api.show."""

import re
from typing import Final

from models.catalogue import laws

BASES: Final[dict[str, str]] = {
    "HJ 1259 6.3: true ledger": "《危险废物管理计划和管理台账制定技术导则》（HJ 1259）6.3：台账真实",
    "HJ 1259 6.3: true ledger; opening stock declares since when": (
        "HJ 1259 6.3：台账真实，期初库存应申报贮存起始时间"
    ),
    "HJ 1259 6.3: true ledger; 2% by our policy": "HJ 1259 6.3：台账真实；允差2%为系统规则",
    "HJ 1259 6.3: each batch follows from those before it; 2% by our policy": (
        "HJ 1259 6.3：各环节批次编码前后衔接；允差2%为系统规则"
    ),
    "GB18597 8.3.5: at most 3 t at any moment": (
        "《危险废物贮存污染控制标准》（GB 18597）8.3.5：贮存点实时贮存量不超过3吨"
    ),
    "GB18597 8.3.5: 3 t": "《危险废物贮存污染控制标准》（GB 18597）8.3.5：不超过3吨",
    "GB39707 5.4.6: 24 hours at 5 °C or above": "GB 39707 5.4.6：5℃及以上24小时",
    "GB39707 5.4.6: 72 hours below 5 °C": "GB 39707 5.4.6：5℃以下72小时",
    "GB39707 5.4.6: 168 hours below 5 °C, disinfected, in remote areas": (
        "GB 39707 5.4.6：偏远地区5℃以下并消毒168小时"
    ),
    "2 % of what the books say": "账面结存的2%",
    "2 % of what the parents gave": "来源批次给出重量的2%",
    "LIC 12, 23: more than the scale by 20%": (
        "《危险废物经营许可证管理办法》第12条、第23条：超过经营规模20%以上"
    ),
    "LIC 12, 23: more than the scale by 20 %": (
        "《危险废物经营许可证管理办法》第12条、第23条：超过经营规模20%以上"
    ),
    "LIC 20: collection licence": "《危险废物经营许可证管理办法》第20条：收集许可",
    "MIN19 item 5; policy: half of the floor": "2019年座谈会纪要第5条；低于下限一半为系统规则",
    "MIN19 item 5; half of the floor is ours": "2019年座谈会纪要第5条；低于下限一半为系统规则",
    "MT 10: written contract": "《危险废物转移管理办法》第10条：签订书面合同",
    "MT 11: deliver only to the named destination": "《危险废物转移管理办法》第11条：运至联单指定的接受人",
    "MT 15: the number is unique": "《危险废物转移管理办法》第15条：联单编号唯一",
    "MT 11, 17: the carriers that the manifest names": (
        "《危险废物转移管理办法》第11条、第17条：联单列名的承运人"
    ),
    "MT 17: hand-over from carrier to carrier": "《危险废物转移管理办法》第17条：联运交接",
    "MT 20: ten working days": "《危险废物转移管理办法》第20条：十个工作日内补录",
    "MT 10: the origin fills in the manifest": "《危险废物转移管理办法》第10条：移出人填写联单",
    "MT 15: year, province and city of the origin": "《危险废物转移管理办法》第15条：年份、移出地省市代码",
    "MT 15: province and city of the origin": "《危险废物转移管理办法》第15条：移出地省市代码",
    "MT 18: quantity as on the manifest": "《危险废物转移管理办法》第18条：数量与联单一致",
    "MT 19: both ends meter": "《危险废物转移管理办法》第19条：两端计量",
    "MT 19: both ends meter; 2% by our policy": "《危险废物转移管理办法》第19条：两端计量；允差2%为系统规则",
    "acts that cannot all be so": "各环节不可能同时成立",
    "policy: refused term": "系统规则：拒收废物的处理时限",
    "policy: off-route term": "系统规则：偏离路线时长",
    "policy: long-stop term": "系统规则：停留时长",
    "policy: the lock stays closed on the way": "系统规则：途中不得开锁",
    "policy: signal-lost term": "系统规则：信号丢失时长",
    "policy: least time between two cities": "系统规则：两市之间最低行车时间",
    "policy: the same mass again and again": "系统规则：重量反复相同",
    "a refused load is back or gone on within 10 days": "拒收后10日内退回或转往他处",
    "both meters of a pipeline's day within 5 days; MT 19": (
        "当日两端计量5日内申报；《危险废物转移管理办法》第19条"
    ),
    "30 minutes off the route": "偏离路线30分钟",
    "a stop of 2 hours on the way": "途中停留2小时",
    "the lock stays closed on the way": "途中不得开锁",
    "30 minutes without a signal": "信号丢失30分钟",
    "10 minutes at least from one city to another": "两市之间至少10分钟",
    "clocks of two parties differ by an hour at most": "双方时钟相差不超过1小时",
    "the same mass on a weighbridge 5 times in a row": "地磅连续5次重量相同",
    "10 % of an estimated mass": "估算重量的10%",
    "MT 18: five working days": "《危险废物转移管理办法》第18条：五个工作日内确认",
    "MT 18; 2% by our policy": "《危险废物转移管理办法》第18条；允差2%为系统规则",
    "MT 18; policy: acceptance term": "《危险废物转移管理办法》第18条；验收时限为系统规则",
    "an invoice number is issued once": "发票号码唯一",
    "licence valid and in scope at arrival": "运抵之日许可证有效且在核准范围内",
    "policy: a fifth at most, passed on by the end of the next month": (
        "系统规则：次月底前转付，留存至多五分之一"
    ),
    "go-betweens keep 50 to 200 of 3,000; a fifth is ours": (
        "据案例，中间人每吨3000元中留存50至200元；五分之一为系统规则"
    ),
    "MT 10: written contract; CODE 1067, 1068: joint liability": (
        "《危险废物转移管理办法》第10条：签订书面合同；《生态环境法典》第1067条、第1068条：连带责任"
    ),
    "MT 10: written contract; 30 days to record it are our policy": (
        "《危险废物转移管理办法》第10条：签订书面合同；30日内登记为系统规则"
    ),
    "MT 10: a written contract; 30 days to record it are ours": (
        "《危险废物转移管理办法》第10条：签订书面合同；30日内登记为系统规则"
    ),
    "policy: mass tolerance of the region and code": "系统规则：该地区、该代码的重量允差",
    "the mass that the contract itself names; MT 10": "合同约定的重量；《危险废物转移管理办法》第10条",
    "the licence's daily ceiling": "许可证载明的日处理能力",
    "MT 21, 27, 28: approval first, and as approved": (
        "《危险废物转移管理办法》第21条、第27条、第28条：先经批准，并按批准的内容转移"
    ),
    "MT 28: over the approved weight a new application is needed": (
        "《危险废物转移管理办法》第28条：超过批准重量须重新申请"
    ),
    "MT 24-26: five, ten and five working days": (
        "《危险废物转移管理办法》第24条至第26条：五个、十个、五个工作日"
    ),
    "MT 23: an incomplete file is notified within five working days": (
        "《危险废物转移管理办法》第23条：材料不全的五个工作日内告知"
    ),
    "MT 24: the origin province's opinion, five working days": (
        "《危险废物转移管理办法》第24条：移出地五个工作日内提出初步审核意见"
    ),
    "MT 25: the destination province's reply, ten working days": (
        "《危险废物转移管理办法》第25条：接受地十个工作日内函复"
    ),
    "MT 26: the decision, five working days from the reply": (
        "《危险废物转移管理办法》第26条：收到复函之日起五个工作日内决定"
    ),
    "MT 27: twelve months at most": "《危险废物转移管理办法》第27条：批准有效期不超过十二个月",
    "MT 11: the carrier's transport licence, on the day of departure": (
        "《危险废物转移管理办法》第11条：起运之日承运人的运输许可"
    ),
    "MT 14: manifests are filled from the plan on file": (
        "《危险废物转移管理办法》第14条：依据备案的管理计划填写联单"
    ),
    "MT 15: which digits stand for a municipality's city is not said, so its province alone": (
        "《危险废物转移管理办法》第15条：未规定直辖市的市级代码，只核对省级代码"
    ),
    "HJ 1259 5; policy: above the planned mass": "HJ 1259 第5章；超过计划量提示为系统规则",
    "HJ 1259 5: by 31 March": "HJ 1259 第5章：3月31日前备案",
    "HJ 1259 5: the plan is filed by 31 March": "HJ 1259 第5章：管理计划3月31日前备案",
    "HJ 1259: monthly, quarterly and yearly reports by class": "HJ 1259：按管理类别报送月报、季报、年报",
    "HJ 1259: key-supervised, by the 15th of the next month": "HJ 1259：重点监管单位次月15日前报送月报",
    "HJ 1259: simplified, by the 15th after the quarter": "HJ 1259：简化管理单位季度结束后15日内报送季报",
    "HJ 1259: every class, by 31 March": "HJ 1259：各类单位3月31日前报送年报",
    "notice above the planned mass": "超过计划量提示",
    "insured before, or a policy of the region": "曾经投保，或本地区规则要求投保",
    "need of the trailing year over capacity": "近一年需求超过有效许可能力",
    "need of a day over licensed and planned capacity": "当日需求超过许可日能力与应急预案设施之和",
    "handled over opening stock and generated": "利用处置量除以期初贮存量与产生量之和",
    "idle below a tenth of the yearly amount": "接受量不足年许可量一成视为闲置",
    "policy: 100% of the yearly amount": "系统规则：年许可量的100%",
    "policy: 90% of the yearly amount": "系统规则：年许可量的90%",
    "policy: 30 days after acceptance": "系统规则：接受后30日",
    "policy: 30 days after payment": "系统规则：付款后30日",
    "policy: 5% of accepted mass x contract price": "系统规则：接受重量×合同单价的5%",
    "policy: transit term": "系统规则：运输时限",
    "the clearing campaign's target day, as recorded": "所记录的清零专项行动目标日期",
    "policy: how often a site is collected from": "系统规则：收运间隔",
    "policy: waste per unit of activity against the site's own past": (
        "系统规则：单位活动产废量与本单位以往比较"
    ),
    "policy: what was taken in is treated, sent on or in store": "系统规则：接收的废物应已处置、转出或在库",
    "policy: residues over waste treated in a month": "系统规则：当月残余物与处置量之比",
    "waste waits at most 7 days for a round; MWR 25 has two days for medical waste, judged by lot": (
        "废物待收运不超过7天；《医疗废物管理条例》第25条的两天按批次判定"
    ),
    "under a fifth of the site's own past": "不足本单位以往的五分之一",
    "at least 90 days of activity to compare with": "至少有90天的以往活动可比",
    "5 % of what was taken in": "接收量的5%",
    "the year up to the stock-take": "盘点前一年",
    "the storage term of role, region and code: duty.storage_one_year binds licence holders alone": (
        "按单位性质、地区和代码确定的贮存期限；一年期限的法定义务只约束持证单位"
    ),
    "the storage term's own ground; 30 days before its last day are our policy": (
        "贮存期限；提前30日提示为系统规则"
    ),
    "2 %; MT 18 knows no tolerance": "允差2%；《危险废物转移管理办法》第18条未规定允差",
    "24 hours from arrival; MT 18 starts its clock at acceptance": "运抵后24小时；办法第18条自接受之日起算",
    "30 days before the last day": "期限届满前30日",
    "5 % of accepted mass x contract price": "接受重量×合同单价的5%",
    "72 hours on the way": "运输不超过72小时",
    "caps of 1,600 to 3,500 CNY/t go down freely; below 1,000 no proper handling is known": (
        "政府指导价上限每吨1600至3500元，可下浮；低于每吨1000元未见规范处置"
    ),
    "moved within 30 days of payment": "付款后30日内转移",
    "paid within 30 days of acceptance": "接受后30日内付款",
    "notice at 90 %": "达到90%提示",
    "notice at 100 %; it breaks no article by itself": "达到100%提示，本身不违法",
    "MWR 17: 2 days, read as 48 hours from the first generation or storage": (
        "《医疗废物管理条例》第17条：暂时贮存不超过2天，按首次产生或贮存起48小时计"
    ),
    "GB39707 5.4.6: 24 hours at 5 °C or above, 72 hours below; read as 72 hours where no temperature is recorded": (
        "GB 39707 5.4.6：5℃以上24小时，5℃以下72小时；未记录温度的按72小时"
    ),
    "GB39707 5.4.7: as GB18597; duty.storage_one_year: 一年 one year": "GB 39707 5.4.7：按GB 18597，一年",
    "duty.storage_one_year: 一年 one year": "贮存不超过一年",
    "动态清零 clearing campaign: 一年 one year (policy; provinces may set their own)": (
        "动态清零：一年（规则，各省可另定）"
    ),
}
_OURS: Final = "Feilian default 系统缺省: "
_ARTICLE: Final = re.compile(r"\b([A-Z]{2,4})\s(\d+)\b")


def basis_zh(text: str) -> str:
    """The ground in Chinese; one that is not known here as it was recorded, with laws named in full."""
    if text.startswith(_OURS):
        rest = text.removeprefix(_OURS)
        return f"系统缺省规则：{BASES.get(rest, rest)}"
    return BASES.get(text) or _ARTICLE.sub(_named, text)


def _named(found: re.Match[str]) -> str:
    names = {law.law_id: law.name_zh for law in laws()}
    name = names.get(found[1])
    return f"《{name}》第{found[2]}条" if name else found[0]
