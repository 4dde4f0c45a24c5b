"""Alert kinds and findings: the closed set of what can be wrong, in plain words (DESIGN D13). docs/alerts.md follows it."""
# ruff: noqa: E501

from dataclasses import dataclass
from enum import StrEnum
from hashlib import sha256
from typing import Final

import msgspec

from models.topics import Concern


class Severity(StrEnum):
    """红 / 橙 / 黄 / 提示."""

    RED = "red"
    ORANGE = "orange"
    YELLOW = "yellow"
    NOTICE = "notice"


class AlertKind(StrEnum):
    """`subject.defect`; `ALERTS` says what each means."""

    MANIFEST_MASS_DIFFERS = "manifest.mass_differs"
    MANIFEST_IN_TRANSIT_TOO_LONG = "manifest.in_transit_too_long"
    MANIFEST_NOT_ACCEPTED = "manifest.not_accepted"
    MANIFEST_NOT_CONFIRMED = "manifest.not_confirmed"
    MANIFEST_NUMBER_REUSED = "manifest.number_reused"
    MANIFEST_WRONG_RECEIVER = "manifest.wrong_receiver"
    MANIFEST_WEIGHED_DIFFERS = "manifest.weighed_differs"
    MANIFEST_PIECES_DIFFER = "manifest.pieces_differ"
    MANIFEST_CARRIER_NOT_NAMED = "manifest.carrier_not_named"
    MANIFEST_HANDOVER_BROKEN = "manifest.handover_broken"
    MANIFEST_REFUSED_OUTSTANDING = "manifest.refused_outstanding"
    MANIFEST_PAPER_LATE = "manifest.paper_late"
    MANIFEST_ISSUED_BY_STRANGER = "manifest.issued_by_stranger"
    MANIFEST_ACTS_CONTRADICT = "manifest.acts_contradict"
    MANIFEST_NUMBER_FOREIGN = "manifest.number_foreign"
    MANIFEST_OFF_ROUTE = "manifest.off_route"
    MANIFEST_LONG_STOP = "manifest.long_stop"
    MANIFEST_LOCK_OPENED = "manifest.lock_opened"
    MANIFEST_SIGNAL_LOST = "manifest.signal_lost"
    VEHICLE_TWO_PLACES = "vehicle.two_places"
    WEIGHT_REPEATED = "weight.repeated"
    PIPELINE_METERS_DIFFER = "pipeline.meters_differ"
    PIPELINE_UNMETERED = "pipeline.unmetered"
    STORAGE_DUE_SOON = "storage.due_soon"
    STORAGE_OVER_LIMIT = "storage.over_limit"
    STORAGE_BELOW_ZERO = "storage.below_zero"
    STORAGE_AGE_UNKNOWN = "storage.age_unknown"
    STORAGE_COUNT_DIFFERS = "storage.count_differs"
    STORAGE_POINT_OVERFULL = "storage.point_overfull"
    STORAGE_REPACK_DIFFERS = "storage.repack_differs"
    CAMPAIGN_NOT_CLEARED = "campaign.not_cleared"
    COLLECTION_OVERDUE = "collection.overdue"
    GENERATION_SILENT = "generation.silent"
    INTAKE_UNACCOUNTED = "intake.unaccounted"
    RESIDUE_OUT_OF_RANGE = "residue.out_of_range"
    PAYMENT_WITHOUT_MOVEMENT = "payment.without_movement"
    MOVEMENT_WITHOUT_PAYMENT = "movement.without_payment"
    INVOICE_AMOUNT_DIFFERS = "invoice.amount_differs"
    PAYMENT_AMOUNT_DIFFERS = "payment.amount_differs"
    PRICE_BELOW_FLOOR = "price.below_floor"
    PAYMENT_WRONG_PARTY = "payment.wrong_party"
    INTERMEDIARY_UNDECLARED = "intermediary.undeclared"
    PAYMENT_RETAINED = "payment.retained"
    MOVEMENT_WITHOUT_CONTRACT = "movement.without_contract"
    INVOICE_MASS_DIFFERS = "invoice.mass_differs"
    CONTRACT_MASS_EXCEEDED = "contract.mass_exceeded"
    INVOICE_DUPLICATED = "invoice.duplicated"
    INVOICE_CONTRADICTED = "invoice.contradicted"
    RECEIPT_UNLICENSED = "receipt.unlicensed"
    LICENCE_NEARLY_USED = "licence.nearly_used"
    LICENCE_USED_UP = "licence.used_up"
    LICENCE_EXCEEDED = "licence.exceeded"
    LICENCE_DAY_EXCEEDED = "licence.day_exceeded"
    TRANSFER_UNAPPROVED = "transfer.unapproved"
    TRANSFER_OVER_APPROVAL = "transfer.over_approval"
    TRANSFER_STEP_OVERDUE = "transfer.step_overdue"
    CARRIER_UNLICENSED = "carrier.unlicensed"
    PLAN_OUTSIDE = "plan.outside"
    PLAN_EXCEEDED = "plan.exceeded"
    PLAN_NOT_FILED = "plan.not_filed"
    REPORT_OVERDUE = "report.overdue"
    INSURANCE_GAP = "insurance.gap"
    CAPACITY_SHORTAGE = "capacity.shortage"
    CAPACITY_SURGE_SHORTFALL = "capacity.surge_shortfall"


@dataclass(frozen=True, slots=True)
class AlertText:
    """One language's words for a kind."""

    title: str
    meaning: str
    advice: str


@dataclass(frozen=True, slots=True)
class KindOfAlert:
    """What a kind is about. `duty` names a row of the citations; `basis` is cited where no duty is (MT 18, a policy)."""

    concern: Concern
    subject: str
    severity: Severity
    duty: str | None
    basis: str
    zh: AlertText
    en: AlertText


_C, _S = Concern, Severity
ALERTS: Final[dict[AlertKind, KindOfAlert]] = {
    AlertKind.MANIFEST_MASS_DIFFERS: KindOfAlert(
        _C.CUSTODY, "manifest", _S.ORANGE, "duty.manifest", "MT 18; 2% by our policy",
        AlertText("接受重量与起运重量不符", "接受（含拒收）重量与起运重量之差超过允差，按行并按总量比较。",
                  "请接受单位核对磅单，向移出人和属地生态环境部门报告；录入错误请更正。"),
        AlertText("Accepted mass differs from loaded mass",
                  "Accepted plus refused mass differs from the loaded mass beyond the tolerance, by a line or in all.",
                  "Have the destination check its weighbridge record and report to origin and authority; correct a typing error."),
    ),
    AlertKind.MANIFEST_IN_TRANSIT_TOO_LONG: KindOfAlert(
        _C.CUSTODY, "manifest", _S.RED, "duty.manifest", "policy: transit term",
        AlertText("运输超时未运抵", "起运后超过规定时限仍未运抵。", "联系承运人核实车辆位置，必要时联合交通、公安查找。"),
        AlertText("In transit too long", "The load departed and has not arrived within the transit term.",
                  "Ask the carrier where the vehicle is; involve transport authority or police where it cannot say."),
    ),
    AlertKind.MANIFEST_NOT_ACCEPTED: KindOfAlert(
        _C.CUSTODY, "manifest", _S.ORANGE, "duty.manifest", "MT 18; policy: acceptance term",
        AlertText("运抵后未核实验收", "车辆已运抵，超过规定时限仍未接受或拒收。", "请接受单位过磅验收，或说明拒收理由。"),
        AlertText("Arrived but not accepted", "The load arrived and was neither accepted nor refused within the term.",
                  "Have the destination weigh and accept, or refuse and say why."),
    ),
    AlertKind.MANIFEST_NOT_CONFIRMED: KindOfAlert(
        _C.CUSTODY, "manifest", _S.YELLOW, "duty.manifest", "MT 18: five working days",
        AlertText("接受后未按期确认联单", "接受之日起五个工作日内未在系统确认。", "请接受单位确认联单；逾期确认仍保留记录。"),
        AlertText("Manifest not confirmed in time", "Not confirmed in the system within five working days of acceptance.",
                  "Have the destination confirm; a late confirmation clears the alert and stays on record."),
    ),
    AlertKind.MANIFEST_NUMBER_REUSED: KindOfAlert(
        _C.CUSTODY, "manifest", _S.RED, "duty.manifest", "MT 15: the number is unique",
        AlertText("联单编号重复使用", "同一编号被用于两次不同的转移。", "核实哪一次转移真实；错误的一次请更正。"),
        AlertText("Manifest number used twice", "One number stands for two different transfers.",
                  "Find out which transfer is real and have the other corrected."),
    ),
    AlertKind.MANIFEST_WRONG_RECEIVER: KindOfAlert(
        _C.CUSTODY, "manifest", _S.RED, "duty.handover_licensed", "MT 11: deliver only to the named destination",
        AlertText("非联单指定单位接受", "接受单位或场所不是联单上的接受人。", "查明废物实际去向；承运人只能运往联单指定的接受人。"),
        AlertText("Received by someone the manifest does not name",
                  "The receiving organisation or site is not the manifest's destination.",
                  "Find out where the waste is; a carrier may deliver only to the named destination."),
    ),
    AlertKind.MANIFEST_WEIGHED_DIFFERS: KindOfAlert(
        _C.CUSTODY, "manifest", _S.ORANGE, "duty.manifest", "MT 18; 2% by our policy",
        AlertText("接受重量与本单位过磅不符", "接受（含拒收）重量与接受单位自己的过磅重量之差超过允差。",
                  "核对磅单原始记录；以过磅为准更正接受重量，或说明差额。"),
        AlertText("Accepted mass differs from the destination's own weighing",
                  "Accepted plus refused mass differs from what the destination's weighbridge said, beyond the tolerance.",
                  "Look at the weighbridge's own record; correct the accepted mass by it, or explain the difference."),
    ),
    AlertKind.MANIFEST_PIECES_DIFFER: KindOfAlert(
        _C.CUSTODY, "manifest", _S.ORANGE, "duty.manifest", "MT 18: quantity as on the manifest",
        AlertText("接受件数与起运件数不符", "同一行两端都清点了件数，但接受加拒收的件数不等于起运件数。", "逐件核对编码，查明缺失或多出的件。"),
        AlertText("Pieces received differ from pieces loaded",
                  "Both ends counted the pieces of a line, and accepted plus refused is not what was loaded.",
                  "Compare the pieces one by one, and find what is missing or too many."),
    ),
    AlertKind.MANIFEST_CARRIER_NOT_NAMED: KindOfAlert(
        _C.CUSTODY, "manifest", _S.ORANGE, "duty.manifest", "MT 11, 17: the carriers that the manifest names",
        AlertText("承运人不在联单上", "有一段由联单没有列名的承运人运输。", "查明谁运走了废物、有无资质；应当列名的请更正联单。"),
        AlertText("A carrier that the manifest does not name", "A leg was driven by a carrier whom the manifest does not name.",
                  "Find out who drove the load and whether it may; correct the manifest where it should have been named."),
    ),
    AlertKind.MANIFEST_HANDOVER_BROKEN: KindOfAlert(
        _C.CUSTODY, "manifest", _S.YELLOW, "duty.manifest", "MT 17: hand-over from carrier to carrier",
        AlertText("联运交接不连续", "交出或运抵的承运人并不持有该批废物，或接运人不是联单上的下一承运人。",
                  "核对各段交接的时间、地点和双方，补报漏报的交接。"),
        AlertText("Hand-overs do not fit together",
                  "A carrier handed over or arrived with a load that it did not hold, or passed it to another than the next one named.",
                  "Check time, place and parties of each hand-over; state the one that is missing."),
    ),
    AlertKind.MANIFEST_REFUSED_OUTSTANDING: KindOfAlert(
        _C.CUSTODY, "manifest", _S.ORANGE, "duty.manifest", "policy: refused term",
        AlertText("拒收废物去向不明", "拒收的废物在规定期限内既未退回移出人，也未以新联单转往他处。",
                  "查明拒收废物现在何处；退回请申报，转往他处请在新联单上注明原联单。"),
        AlertText("Refused waste is neither back nor gone on",
                  "What was refused did not come back to the origin, nor go on under another manifest, within the term.",
                  "Find out where it is; state its return, or name this manifest on the one under which it goes on."),
    ),
    AlertKind.MANIFEST_PAPER_LATE: KindOfAlert(
        _C.CUSTODY, "manifest", _S.YELLOW, "duty.manifest", "MT 20: ten working days",
        AlertText("纸质联单逾期补录", "纸质联单在转移结束后十个工作日内没有补录。", "了解未能及时补录的原因；反复发生的重点检查。"),
        AlertText("Paper manifest entered late", "A paper manifest was not entered within ten working days after the transfer ended.",
                  "Ask why it was late; look closely at those who are late again."),
    ),
    AlertKind.MANIFEST_ISSUED_BY_STRANGER: KindOfAlert(
        _C.CUSTODY, "manifest", _S.YELLOW, "duty.manifest", "MT 10: the origin fills in the manifest",
        AlertText("联单由他人填写", "联单既不是移出人填写，也不是声明由收集单位代填的接受人填写。", "核实由谁、受谁委托填写；不实的请作废重开。"),
        AlertText("Manifest filled in by somebody else",
                  "It was filled in neither by the origin nor, declared as filled in by the collector, by the destination.",
                  "Find out who filled it in and for whom; have a false one voided and issued anew."),
    ),
    AlertKind.MANIFEST_ACTS_CONTRADICT: KindOfAlert(
        _C.CUSTODY, "manifest", _S.YELLOW, "duty.manifest", "acts that cannot all be so",
        AlertText("联单各环节相互矛盾", "先接受后起运、未接受先确认，或起运后才作废。", "与各方核对时间和经过，错误的一方更正。"),
        AlertText("Acts on the manifest contradict one another",
                  "Received before it departed, confirmed without being received, or voided after it had moved.",
                  "Go through times and acts with the parties; the wrong one corrects."),
    ),
    AlertKind.MANIFEST_NUMBER_FOREIGN: KindOfAlert(
        _C.CUSTODY, "manifest", _S.NOTICE, "duty.manifest", "MT 15: year, province and city of the origin",
        AlertText("联单编号与移出地不符", "联单编号中的年份或省市代码与移出地、开具年份不一致。", "核对编号；录错的请更正。"),
        AlertText("Number of another year or region",
                  "Year, province or city in the number are not those of the manifest's issue and origin.",
                  "Check the number; have a wrongly typed one corrected."),
    ),
    AlertKind.MANIFEST_OFF_ROUTE: KindOfAlert(
        _C.CUSTODY, "manifest", _S.ORANGE, "duty.manifest", "policy: off-route term",
        AlertText("运输偏离路线", "车辆偏离路线超过规定时长。", "联系承运人说明原因，核对途中有无卸货。"),
        AlertText("Off its route", "The vehicle was off its route for longer than the term.",
                  "Have the carrier explain; check whether anything was unloaded on the way."),
    ),
    AlertKind.MANIFEST_LONG_STOP: KindOfAlert(
        _C.CUSTODY, "manifest", _S.YELLOW, "duty.manifest", "policy: long-stop term",
        AlertText("途中长时间停留", "车辆途中停留超过规定时长。", "联系承运人核实停留地点和原因。"),
        AlertText("A long stop on the way", "The vehicle stood on the way for longer than the term.",
                  "Ask the carrier where and why."),
    ),
    AlertKind.MANIFEST_LOCK_OPENED: KindOfAlert(
        _C.CUSTODY, "manifest", _S.RED, "duty.manifest", "policy: the lock stays closed on the way",
        AlertText("途中电子锁开启", "运抵之前电子锁被打开。", "立即核实位置和货物，到达后重点过磅。"),
        AlertText("Lock opened on the way", "The lock was opened before the load arrived.",
                  "Check place and load at once, and weigh with care on arrival."),
    ),
    AlertKind.MANIFEST_SIGNAL_LOST: KindOfAlert(
        _C.CUSTODY, "manifest", _S.YELLOW, "duty.manifest", "policy: signal-lost term",
        AlertText("定位信号丢失", "途中定位信号丢失超过规定时长。", "联系驾驶员确认位置；设备故障请及时修复。"),
        AlertText("Signal lost", "The vehicle's signal was lost on the way for longer than the term.",
                  "Ask the driver where the vehicle is; have a broken device mended."),
    ),
    AlertKind.VEHICLE_TWO_PLACES: KindOfAlert(
        _C.CUSTODY, "vehicle's day", _S.RED, "duty.manifest", "policy: least time between two cities",
        AlertText("同一车辆同时出现在两地", "同一车牌在短于最低行车时间内出现在两个城市。", "查明哪一处属实：套牌、虚假联单或录入错误。"),
        AlertText("One vehicle in two places at once",
                  "One plate was in two cities within less time than any drive between them takes.",
                  "Find out which is true: a cloned plate, a false manifest, or a typing error."),
    ),
    AlertKind.WEIGHT_REPEATED: KindOfAlert(
        _C.CUSTODY, "vehicle's month or weighbridge's day", _S.ORANGE, "duty.manifest", "policy: the same mass again and again",
        AlertText("过磅重量反复相同", "同一车辆或同一地磅连续多次称得完全相同的重量。", "调取地磅原始数据和录像，核实是否真实过磅。"),
        AlertText("The same mass weighed again and again",
                  "One vehicle or weighbridge gave exactly the same mass many times in a row.",
                  "Get the weighbridge's raw data and pictures, and check that the loads were weighed at all."),
    ),
    AlertKind.PIPELINE_METERS_DIFFER: KindOfAlert(
        _C.CUSTODY, "pipeline's day", _S.ORANGE, "duty.manifest", "MT 19: both ends meter; 2% by our policy",
        AlertText("管道两端计量不符", "同一天两端计量之差超过允差。", "核对流量计和台账，查找泄漏或私自排放。"),
        AlertText("A pipeline's meters differ", "What the two ends metered on one day differs beyond the tolerance.",
                  "Check meters and ledgers, and look for a leak or a hidden outlet."),
    ),
    AlertKind.PIPELINE_UNMETERED: KindOfAlert(
        _C.CUSTODY, "pipeline's day", _S.YELLOW, "duty.manifest", "MT 19: both ends meter",
        AlertText("管道一端未计量", "一端申报了当日计量，另一端在规定期限内没有申报。", "请另一端补报当日计量。"),
        AlertText("One end of a pipeline did not meter", "One end stated the day's metering; the other did not within the term.",
                  "Have the other end state what its meter said."),
    ),
    AlertKind.STORAGE_DUE_SOON: KindOfAlert(
        _C.STORAGE, "lot", _S.NOTICE, None, "the storage term's own ground; 30 days before its last day are our policy",
        AlertText("贮存即将超期", "该批废物将在三十日内达到贮存期限。", "安排转移或处置，或按规定申请延期。"),
        AlertText("Storage due soon", "The lot reaches its storage term within thirty days.",
                  "Arrange transfer or treatment, or apply for an extension."),
    ),
    AlertKind.STORAGE_OVER_LIMIT: KindOfAlert(
        _C.STORAGE, "lot", _S.RED, None, "the storage term of role, region and code: duty.storage_one_year binds licence holders alone",
        AlertText("超期贮存", "该批废物贮存超过期限（动态清零对象）。", "限期清零：转移、处置或补办延期批准。"),
        AlertText("Stored beyond the limit", "The lot is stored beyond its term and is on the zero-clearing list.",
                  "Clear it: transfer, treat, or obtain an approved extension."),
    ),
    AlertKind.STORAGE_BELOW_ZERO: KindOfAlert(
        _C.STORAGE, "code", _S.ORANGE, "duty.plan_ledger", "HJ 1259 6.3: true ledger",
        AlertText("台账库存为负", "转出或处置的数量大于台账记录的产生和贮存数量。", "核对产生、入库台账，补录或更正。"),
        AlertText("Stock below zero", "More left or was treated than the ledger ever put in.",
                  "Check the generation and storage records; state what is missing or correct what is wrong."),
    ),
    AlertKind.STORAGE_AGE_UNKNOWN: KindOfAlert(
        _C.STORAGE, "lot", _S.YELLOW, "duty.plan_ledger", "HJ 1259 6.3: true ledger; opening stock declares since when",
        AlertText("期初库存贮存起始不明", "期初库存（或由其改换批次而来）未申报贮存起始时间，期限暂自申报之日起算。",
                  "请申报该批废物的实际贮存起始时间。"),
        AlertText("Age of opening stock unknown",
                  "Opening stock, or what was made of it, has no declared date; its term runs from its statement for the time being.",
                  "Have the site declare since when it is stored."),
    ),
    AlertKind.STORAGE_COUNT_DIFFERS: KindOfAlert(
        _C.STORAGE, "code", _S.ORANGE, "duty.plan_ledger", "HJ 1259 6.3: true ledger; 2% by our policy",
        AlertText("盘点与台账不符", "盘点数量与台账结存之差超过允差。", "查明差额去向或来源，补录、更正台账；短少的查明实际去向。"),
        AlertText("Stock-take differs from the books", "What was counted differs from what the books say beyond the tolerance.",
                  "Find where the difference went or came from; state what is missing or correct what is wrong."),
    ),
    AlertKind.STORAGE_POINT_OVERFULL: KindOfAlert(
        _C.STORAGE, "storage place", _S.ORANGE, "duty.store_to_standard", "GB18597 8.3.5: at most 3 t at any moment",
        AlertText("贮存点超量贮存", "贮存点内各类危险废物合计超过3吨。", "及时清运；长期需要的改建为贮存库等贮存设施。"),
        AlertText("Storage point holds too much", "All wastes at a storage point together exceed three tonnes.",
                  "Have it cleared; one that is always needed must become a proper store."),
    ),
    AlertKind.STORAGE_REPACK_DIFFERS: KindOfAlert(
        _C.STORAGE, "lot", _S.ORANGE, "duty.plan_ledger", "HJ 1259 6.3: each batch follows from those before it; 2% by our policy",
        AlertText("改换批次前后重量不符", "分装、合并、入库或出库后的重量与来源批次给出的重量之差超过允差。",
                  "核对来源批次和重量；凭空增加或减少的查明来源、去向。"),
        AlertText("Mass changed with the batch code",
                  "Repacked, stored or released under a new code, the mass differs from what its parents gave beyond the tolerance.",
                  "Check parents and masses; find where mass that appeared came from, or where mass that vanished went."),
    ),
    AlertKind.CAMPAIGN_NOT_CLEARED: KindOfAlert(
        _C.STORAGE, "lot", _S.RED, None, "the clearing campaign's target day, as recorded",
        AlertText("专项行动到期未清零", "该批废物在专项行动基线清单内，超过目标日期仍未清零。", "挂牌督办：限期转移或处置；清零后按期回头看。"),
        AlertText("Not cleared by the campaign's target day",
                  "The lot was over its term when the campaign's list was frozen, and is still there after the target day.",
                  "Set a last date for transfer or treatment; look again when it is cleared."),
    ),
    AlertKind.COLLECTION_OVERDUE: KindOfAlert(
        _C.STORAGE, "site", _S.ORANGE, None, "policy: how often a site is collected from",
        AlertText("长期未收运", "该单位有待收运的废物，超过规定天数没有收集、转移或自行处置。", "安排收运；核实废物去向，防止流失。"),
        AlertText("Not collected for too long",
                  "Waste waits at the site and nothing was collected, shipped or treated there within the days allowed.",
                  "Arrange a collection; find out where the waste is, so that none is lost."),
    ),
    AlertKind.GENERATION_SILENT: KindOfAlert(
        _C.STORAGE, "activity", _S.ORANGE, None, "policy: waste per unit of activity against the site's own past",
        AlertText("生产照常而产废骤减", "用电、产量或床日照常，单位活动的产废量远低于本单位以往水平，可能瞒报或非法倾倒。",
                  "现场核查产废环节、台账和去向；确有工艺变化的请说明。"),
        AlertText("Generation fell silent while activity goes on",
                  "Electricity, output or bed-days go on, and far less waste per unit is declared than in the site's own past: a sign of dumping.",
                  "Inspect process, ledger and destinations; a real change of process should be explained."),
    ),
    AlertKind.INTAKE_UNACCOUNTED: KindOfAlert(
        _C.STORAGE, "site", _S.RED, "duty.plan_ledger", "policy: what was taken in is treated, sent on or in store",
        AlertText("接收量去向不明", "盘点表明，接收的废物既未利用处置、也未转出、又不在库，差额超过允差。", "核查处置记录、出入库和盘点；查明缺失废物去向。"),
        AlertText("More accepted than treated and stored",
                  "A stock-take shows that waste taken in was neither treated nor sent on nor is in store, beyond the tolerance.",
                  "Check treatment records, movements and the count; find out where the missing waste went."),
    ),
    AlertKind.RESIDUE_OUT_OF_RANGE: KindOfAlert(
        _C.STORAGE, "month", _S.NOTICE, None, "policy: residues over waste treated in a month",
        AlertText("残渣率异常", "当月残余物与处置量之比超出规定范围。", "核对焚烧灰渣的产生和转移记录。"),
        AlertText("Residue rate out of range", "The month's residues over what was treated are outside the range set.",
                  "Check the records of ash made and sent out."),
    ),
    AlertKind.PAYMENT_WITHOUT_MOVEMENT: KindOfAlert(
        _C.SETTLEMENT, "payment", _S.RED, "duty.contract_check", "policy: 30 days after payment",
        AlertText("有付款无转移", "付款后规定期限内没有与之对应的废物接受。", "查明款项用途和废物去向。"),
        AlertText("Payment without movement", "Money was paid and no accepted waste stands against it within the term.",
                  "Find out what the money was for and where the waste went."),
    ),
    AlertKind.MOVEMENT_WITHOUT_PAYMENT: KindOfAlert(
        _C.SETTLEMENT, "manifest", _S.YELLOW, "duty.contract_check", "policy: 30 days after acceptance",
        AlertText("有转移无付款", "废物接受后规定期限内没有付款。", "核对合同与账款；长期不付可能是虚假转移。"),
        AlertText("Movement without payment", "Waste was accepted and not paid for within the term.",
                  "Check contract and accounts; a load nobody pays for may not have been real."),
    ),
    AlertKind.INVOICE_AMOUNT_DIFFERS: KindOfAlert(
        _C.SETTLEMENT, "invoice", _S.ORANGE, "duty.contract_check", "policy: 5% of accepted mass x contract price",
        AlertText("开票金额与应付不符", "开票金额与“接受重量×合同单价”之差超过允差。", "核对接受重量、合同单价和发票；错开请红冲重开。"),
        AlertText("Invoiced amount differs", "The invoice differs from accepted mass times contract price beyond tolerance.",
                  "Check mass, price and invoice; reverse and reissue a wrong one."),
    ),
    AlertKind.PAYMENT_AMOUNT_DIFFERS: KindOfAlert(
        _C.SETTLEMENT, "payment", _S.ORANGE, "duty.contract_check", "policy: 5% of accepted mass x contract price",
        AlertText("付款金额与应付不符", "付款金额与“接受重量×合同单价”之差超过允差。", "核对差额去向；多付请退款，少付请补足。"),
        AlertText("Paid amount differs", "The payment differs from accepted mass times contract price beyond tolerance.",
                  "Find where the difference went; refund or make good."),
    ),
    AlertKind.PRICE_BELOW_FLOOR: KindOfAlert(
        _C.SETTLEMENT, "manifest", _S.RED, "duty.handover_licensed", "MIN19 item 5; policy: half of the floor",
        AlertText("价格明显偏低", "每吨价格低于该类别下限的一半，可能是非法处置。", "核查实际处置方式、去向和资金流向。"),
        AlertText("Price far below the floor", "The price per tonne is under half of its category's floor: a sign of dumping.",
                  "Check how and where it is really handled, and who keeps the money."),
    ),
    AlertKind.PAYMENT_WRONG_PARTY: KindOfAlert(
        _C.SETTLEMENT, "payment", _S.RED, "duty.contract_check", "MT 10: written contract",
        AlertText("收付款方不是合同当事人", "付款人或收款人不在合同（含列名中间人）之中。", "查明第三方身份与留存款项。"),
        AlertText("Payer or payee is not party to the contract",
                  "Money went from or to someone whom the contract does not name.",
                  "Find out who the third party is and what it keeps."),
    ),
    AlertKind.INTERMEDIARY_UNDECLARED: KindOfAlert(
        _C.SETTLEMENT, "intermediary", _S.RED, "duty.contract_check", "MT 10: written contract; CODE 1067, 1068: joint liability",
        AlertText("未申报的中间人", "款项经由一个各方合同均未列名的第三方：既收付费方的钱，又向收款方付钱。",
                  "查明中间人身份、实际去向与各方责任；合法中间人应写入合同。"),
        AlertText("Undeclared intermediary",
                  "Money goes through somebody whom no contract of the pair names: received from who owes, passed on to who is owed.",
                  "Find out who the go-between is and what it does with the waste; a lawful one belongs in the contract."),
    ),
    AlertKind.PAYMENT_RETAINED: KindOfAlert(
        _C.SETTLEMENT, "intermediary", _S.ORANGE, "duty.contract_check", "policy: a fifth at most, passed on by the end of the next month",
        AlertText("款项被中间人截留", "第三方收到的款项到次月底仍未转付，留存超过规定比例。", "查明留存款项用途和废物实际处置费用。"),
        AlertText("Money retained on the way",
                  "Somebody between the two received money and by the end of the next month kept more of it than the policy's share.",
                  "Find out what the money was kept for, and what the treatment really cost."),
    ),
    AlertKind.MOVEMENT_WITHOUT_CONTRACT: KindOfAlert(
        _C.SETTLEMENT, "manifest", _S.YELLOW, "duty.contract_check", "MT 10: written contract; 30 days to record it are our policy",
        AlertText("合同期外转移", "接受之日双方已登记的合同均已失效，且未指明合同。", "补录续签的合同；没有合同的应停止转移。"),
        AlertText("Moved outside any contract",
                  "The contracts on record between the two had run out on the day of acceptance, and none was named.",
                  "Record the renewed contract; where there is none, stop."),
    ),
    AlertKind.INVOICE_MASS_DIFFERS: KindOfAlert(
        _C.SETTLEMENT, "invoice", _S.ORANGE, "duty.contract_check", "policy: mass tolerance of the region and code",
        AlertText("开票数量大于接受数量", "发票所载重量大于该联单的接受重量，超过允差。", "核对磅单与发票数量；错开请红冲重开。"),
        AlertText("Invoiced tonnes exceed accepted tonnes",
                  "The invoice states more mass for a manifest than was accepted under it, beyond the tolerance.",
                  "Check weighbridge record and invoice; reverse and reissue a wrong one."),
    ),
    AlertKind.CONTRACT_MASS_EXCEEDED: KindOfAlert(
        _C.SETTLEMENT, "contract", _S.NOTICE, None, "the mass that the contract itself names; MT 10",
        AlertText("接受量超过合同约定量", "合同项下累计接受重量超过合同约定的重量。", "补签或变更合同；核对是否混入其他来源的废物。"),
        AlertText("More accepted than the contract names", "What was accepted under a contract exceeds the mass agreed in it.",
                  "Have the contract amended, and check whether waste from elsewhere goes under it."),
    ),
    AlertKind.INVOICE_DUPLICATED: KindOfAlert(
        _C.SETTLEMENT, "invoice", _S.ORANGE, "duty.contract_check", "an invoice number is issued once",
        AlertText("发票重复", "同一发票被同一方重复申报。", "核对后更正重复的一次。"),
        AlertText("Same invoice twice", "One party stated the same invoice more than once.",
                  "Check, and have the second statement corrected."),
    ),
    AlertKind.INVOICE_CONTRADICTED: KindOfAlert(
        _C.SETTLEMENT, "invoice", _S.ORANGE, "duty.contract_check", "an invoice number is issued once",
        AlertText("发票内容矛盾", "同一发票号的各方申报内容不一致。", "以税务系统票面为准，错误方更正。"),
        AlertText("Invoice statements contradict", "Statements of one invoice number do not agree.",
                  "Compare with the tax system's invoice; the wrong side corrects."),
    ),
    AlertKind.RECEIPT_UNLICENSED: KindOfAlert(
        _C.PERMITS, "manifest", _S.RED, "duty.handover_licensed", "licence valid and in scope at arrival",
        AlertText("运往无相应许可的单位", "运抵之日，接受单位没有覆盖该代码的有效许可证。", "立即制止，查处提供和接受双方。"),
        AlertText("Delivered to an unlicensed destination",
                  "On the day of arrival no valid licence of the destination covered the code.",
                  "Stop it, and examine both sides."),
    ),
    AlertKind.LICENCE_NEARLY_USED: KindOfAlert(
        _C.PERMITS, "licence", _S.NOTICE, None, "policy: 90% of the yearly amount",
        AlertText("许可量已用九成", "本年度接受量达到许可量的90%。", "安排后续去向，必要时提前申请扩量。"),
        AlertText("Nine tenths of the licensed amount used", "This year's acceptances reached 90% of the licensed amount.",
                  "Plan other destinations or apply for more in time."),
    ),
    AlertKind.LICENCE_USED_UP: KindOfAlert(
        _C.PERMITS, "licence", _S.NOTICE, None, "policy: 100% of the yearly amount",
        AlertText("许可量用尽", "本年度接受量达到许可量的100%。", "提示：超过20%须重新申请许可证。"),
        AlertText("Licensed amount used up", "This year's acceptances reached the licensed amount.",
                  "A notice: above 120% a new licence is needed."),
    ),
    AlertKind.LICENCE_EXCEEDED: KindOfAlert(
        _C.PERMITS, "licence", _S.RED, "duty.licence", "LIC 12, 23: more than the scale by 20%",
        AlertText("超许可量20%以上", "本年度接受量超过许可量的120%。", "停止接受，重新申请领取许可证。"),
        AlertText("Licensed amount exceeded", "This year's acceptances exceed 120% of the licensed amount.",
                  "Stop accepting; a new licence is needed."),
    ),
    AlertKind.LICENCE_DAY_EXCEEDED: KindOfAlert(
        _C.PERMITS, "day", _S.ORANGE, "duty.licence", "the licence's daily ceiling",
        AlertText("超日处理能力", "当日接受量超过许可证载明的日处理能力。", "核实当日来源与贮存，安排分流或应急设施。"),
        AlertText("Daily ceiling exceeded", "More was taken in on this day than the licence allows a day.",
                  "Check what came and where it is kept; send loads elsewhere or to the emergency facilities."),
    ),
    AlertKind.TRANSFER_UNAPPROVED: KindOfAlert(
        _C.PERMITS, "manifest", _S.RED, "duty.cross_province", "MT 21, 27, 28: approval first, and as approved",
        AlertText("跨省转移未经批准", "移出地与移入地不在同一省，而该转移没有有效批准，或与批准的期限、代码、双方、方式不符。",
                  "立即制止，查明去向；种类、方式或接受人有变的须重新申请。"),
        AlertText("Cross-province transfer without approval",
                  "The load left its province with no approval in force, or not as approved: term, code, ends or method.",
                  "Stop it and find out where it went; another kind, method or destination needs a new application."),
    ),
    AlertKind.TRANSFER_OVER_APPROVAL: KindOfAlert(
        _C.PERMITS, "manifest", _S.RED, "duty.cross_province", "MT 28: over the approved weight a new application is needed",
        AlertText("超跨省批准量", "加上本车，该批准累计转移量超过批准重量。", "停止起运，超出部分须重新申请。"),
        AlertText("Over the approved weight", "With this load more has left under the approval than it allows.",
                  "Stop departures; what goes beyond needs a new application."),
    ),
    AlertKind.TRANSFER_STEP_OVERDUE: KindOfAlert(
        _C.PERMITS, "application", _S.YELLOW, "duty.cross_province", "MT 24-26: five, ten and five working days",
        AlertText("跨省转移审批逾期", "初审意见、移入地复函或批准决定未在规定工作日内作出。", "催办该环节的生态环境主管部门。"),
        AlertText("Cross-province step overdue", "Opinion, reply or decision was not given within its working days.",
                  "Remind the authority whose step it is."),
    ),
    AlertKind.CARRIER_UNLICENSED: KindOfAlert(
        _C.PERMITS, "manifest", _S.ORANGE, "duty.transport", "MT 11: the carrier's transport licence, on the day of departure",
        AlertText("承运人无有效运输许可", "起运之日承运人没有有效的道路运输许可，或联单所列许可证号不存在。", "通报交通运输部门，核查承运人。"),
        AlertText("Carrier without a valid transport licence",
                  "On the day of departure no transport licence of the carrier held, or the number stated is none of its own.",
                  "Tell the transport authority and examine the carrier."),
    ),
    AlertKind.PLAN_OUTSIDE: KindOfAlert(
        _C.PERMITS, "manifest", _S.YELLOW, "duty.plan_ledger", "MT 14: manifests are filled from the plan on file",
        AlertText("联单超出管理计划", "转移的代码或接受单位不在当年备案的管理计划中。", "核实后变更管理计划备案，或更正联单。"),
        AlertText("Outside the management plan", "The code or the destination is not in the plan on file for the year.",
                  "Check, and have the plan changed on file or the manifest corrected."),
    ),
    AlertKind.PLAN_EXCEEDED: KindOfAlert(
        _C.PERMITS, "code", _S.NOTICE, "duty.plan_ledger", "HJ 1259 5; policy: above the planned mass",
        AlertText("转移量超过管理计划", "本年度该代码转移量超过计划量。", "提示变更备案；核对产生量。"),
        AlertText("More than planned", "More left of the code this year than the plan gives.",
                  "A notice: have the plan changed on file, and check what is produced."),
    ),
    AlertKind.PLAN_NOT_FILED: KindOfAlert(
        _C.PERMITS, "site", _S.YELLOW, "duty.plan_ledger", "HJ 1259 5: by 31 March",
        AlertText("管理计划未按期备案", "本年度管理计划到期未备案。", "督促备案。"),
        AlertText("Management plan not filed", "The year's plan was not filed by its day.", "Have it filed."),
    ),
    AlertKind.REPORT_OVERDUE: KindOfAlert(
        _C.PERMITS, "site", _S.YELLOW, "duty.plan_ledger", "HJ 1259: monthly, quarterly and yearly reports by class",
        AlertText("申报逾期", "按管理类别应报的月报、季报或年报到期未报。", "督促补报。"),
        AlertText("Reports overdue", "Monthly, quarterly or yearly reports that the site's class owes were not filed in time.",
                  "Have them filed."),
    ),
    AlertKind.INSURANCE_GAP: KindOfAlert(
        _C.PERMITS, "site", _S.NOTICE, "duty.insurance", "insured before, or a policy of the region",
        AlertText("环境污染责任保险中断", "上一保单已到期而没有接续的保单。", "提示续保。"),
        AlertText("Not insured", "The last policy ran out and no other covers the site.", "A notice: have it renewed."),
    ),
    AlertKind.CAPACITY_SHORTAGE: KindOfAlert(
        _C.CAPACITY, "province (city, where a policy asks for it) and category", _S.ORANGE, "duty.capacity_plan", "need of the trailing year over capacity",
        AlertText("利用处置能力不足", "近一年需求（产生－自行处置－转出＋转入）超过有效许可能力。", "省级统筹：补充设施、跨省协调或限产。"),
        AlertText("Capacity shortage",
                  "The trailing year's need (produced less own treatment less sent out plus brought in) exceeds capacity.",
                  "The province plans facilities, arranges transfers, or limits production."),
    ),
    AlertKind.CAPACITY_SURGE_SHORTFALL: KindOfAlert(
        _C.CAPACITY, "region and category", _S.RED, "duty.epidemic", "need of a day over licensed and planned capacity",
        AlertText("应急期间日处置能力不足", "应急期间当日需求超过许可日能力与应急预案设施之和。", "增列应急设施，协调跨区域处置或调配移动设施。"),
        AlertText("Shortfall in an emergency",
                  "During a declared emergency a day's need exceeds what licences and the plan's facilities take a day.",
                  "Add facilities to the plan, send waste to other regions, or bring mobile units in."),
    ),
}  # fmt: skip


class Finding(msgspec.Struct, frozen=True, gc=False):
    """Something wrong with a subject during [since, until) in event time; `until` None while it lasts.

    `amounts` are integers by name with their unit (`loaded_g`, `price_fen`, `limit_at` in microseconds) or short texts
    (`waste_code`): never ages or forecasts. `site` says where (its first six digits are the region); `parties` are the
    organisations concerned; `conduct_at` chooses the citation (default: since); `basis` overrides the kind's where a
    policy row names its own. At most one finding per (kind, subject).
    """

    kind: AlertKind
    subject: str
    since: int
    until: int | None = None
    amounts: dict[str, int | str] = {}
    site: str = ""
    parties: tuple[str, ...] = ()
    conduct_at: int | None = None
    basis: str = ""


def alert_id(concern: Concern, key: str, kind: str, subject: str, episode: int) -> str:
    """32 hex digits: the same alert gets the same id in every hand and on every redelivery (D13)."""
    text = "\n".join((concern, key, kind, subject, str(episode)))
    return sha256(text.encode()).hexdigest()[:32]
