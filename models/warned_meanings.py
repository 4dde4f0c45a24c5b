"""What each doubt about a fact means and what to do about it; part of models.problem_meanings. Rows as in fact_meanings."""

from typing import Final

from models.fact_meanings import Row

WARNED_MEANINGS: Final[dict[str, Row]] = {
    "waste_code.unlisted": (
        ("废物代码不在名录", "Waste code not listed"),
        (
            "写法正确，但不在当日名录中；2025 年版自己的新代码这里还不知道。",
            "It is well-formed and not in the list of that day; new codes of 2025 are not all known here.",
        ),
        ("核对名录；已改号的用新号。", "See the list; use the new number of one that has moved."),
        '{"waste_code": "831-001-01"}',
    ),
    "waste_code.category_not_in_use": (
        ("类别未启用", "Category not in use"),
        ("HW41 至 HW44 及 HW50 以后没有类别。", "There is no category HW41 to HW44, and none over HW50."),
        ("检查代码的后两位。", "See whether its last two digits are right."),
        '{"waste_code": "900-249-42"}',
    ),
    "treatment.unknown": (
        ("利用处置方式未知", "Treatment code unknown"),
        ("代码不在已核实的表里。", "The code is not in the table as far as it is confirmed."),
        ("核对代码，如 R9、D10。", "See whether it is right, as R9 or D10."),
        '{"method": "Q9"}',
    ),
    "credit_code.check_digit": (
        ("信用代码校验码不对", "Credit code's check character"),
        (
            "按 GB 32100 算出的校验码与第 18 位不同；确有这样发放的代码，所以只提醒。",
            "Its 18th character is not what GB 32100 makes of the rest; such codes have been issued, so this only warns.",
        ),
        ("对照营业执照。", "Compare it with the business licence."),
        "",
    ),
    "region.unknown": (
        ("行政区划未知", "Region unknown"),
        (
            "场所编号的前 6 位不属于已知的城市。",
            "The first six digits of the site are of no city known here.",
        ),
        ("检查行政区划代码。", "See whether the region is right."),
        '{"site": "339999-X1"}',
    ),
    "exemption.unknown": (
        ("豁免未知", "Exemption unknown"),
        ("不在已知的豁免清单中。", "It is in no list of exemptions known here."),
        ("写名录年份、项和行。", "Write the year of the list, its item and row."),
        "",
    ),
    "exemption.not_in_force": (
        ("豁免未生效", "Exemption not in force"),
        ("该豁免在事情发生之日不在有效期内。", "The exemption was not in force on the day it happened."),
        ("核对当日有效的名录。", "See the list that was in force that day."),
        "",
    ),
    "event_id.not_v7": (
        ("event_id 不是 UUIDv7", "event_id is no UUIDv7"),
        (
            "其他版本也收，但 v7 按时间排列，查找更快。",
            "Others are taken; version 7 is in order of time, and quicker to look up.",
        ),
        ("用 UUIDv7 生成 event_id。", "Make event_ids as UUIDv7."),
        "",
    ),
    "mass.over_one_vehicle": (
        ("一车装载过重", "More than a vehicle carries"),
        (
            "一辆公路车上的质量超过 GB 1589 的总质量上限 49 吨。",
            "The mass on one road vehicle is over the 49 t that GB 1589 lets it weigh in all.",
        ),
        ("检查单位和小数点。", "See whether unit and point are right."),
        '{"mass_kg": "80000"}',
    ),
    "mass.small_for_weighbridge": (
        ("地磅读数太小", "Small for a weighbridge"),
        (
            "地磅的分度在 20 千克左右，显示不出这么小的质量。",
            "A weighbridge's division is some 20 kg: it cannot show so little.",
        ),
        (
            "若把吨写成了千克，就更正；若用台秤称，weighing 写 scale。",
            "Correct it if tonnes were written; say scale if a scale weighed it.",
        ),
        '{"weighing": "weighbridge", "mass_kg": "12.5"}',
    ),
    "pieces.without_mass": (
        ("只有件数没有质量", "Pieces without a mass"),
        (
            "HJ 1259 要求计件的也写质量；只有医疗废物可以只写件数。",
            "HJ 1259 wants the mass of what is counted too; only medical waste may be counted alone.",
        ),
        ("补上 mass_kg。", "Give mass_kg too."),
        '{"waste_code": "900-052-31", "pieces": 3}',
    ),
    "plate.unknown_form": (
        ("号牌写法可疑", "Plate of no known form"),
        (
            "既不像机动车号牌（省简称、字母、5 或 6 位），也不像船名。",
            "It is neither a number plate (province, letter, 5 or 6 more) nor a vessel's name.",
        ),
        ("照行驶证写。", "Write it as on the vehicle's licence."),
        '{"vehicle": "D12345"}',
    ),
    "manifest_no.year": (
        ("联单编号的年份可疑", "Manifest number of another year"),
        ("前 4 位应是年份（转移办法第十五条）。", "Its first four digits are its year (MT 15)."),
        ("检查是否抄错或颠倒了数字。", "See whether digits were changed or turned round."),
        '{"manifest_no": "33010020260001"}',
    ),
    "manifest_no.province": (
        ("联单编号的省份可疑", "Manifest number of another province"),
        (
            "第 5、6 位应是移出地的省份代码（转移办法第十五条）。",
            "Digits 5 and 6 are the province it is moved from (MT 15).",
        ),
        (
            "检查是否抄错或颠倒了数字，或移出地写错了。",
            "See whether digits were turned round, or the origin is wrong.",
        ),
        "",
    ),
    "invoice_no.form": (
        ("发票号码写法可疑", "Invoice number of no known form"),
        (
            "数电票 20 位；旧发票号码 8 位，可带 10 或 12 位代码。",
            "A digital invoice has 20 digits; an older one 8, with a code of 10 or 12.",
        ),
        ("照发票抄写。", "Write it as on the invoice."),
        "",
    ),
    "fact.late": (
        ("登记太晚", "Stated late"),
        (
            "登记时已过该月月报的期限（次月 15 日，HJ 1259）。",
            "It was stated after the report of its month was due, on the 15th of the next (HJ 1259).",
        ),
        (
            "以后及时陈述；补录历史数据可以不理。",
            "State it sooner; where history is entered afterwards this may be passed over.",
        ),
        "",
    ),
}
