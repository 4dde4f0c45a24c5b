"""What the page of a lot's label says; part of api.words. The label itself is Chinese by the standard."""

from typing import Final

LABELS: Final[dict[str, tuple[str, str]]] = {
    "label.title": ("危险废物标签", "Hazardous waste label"),
    "label.about": ("按 HJ 1276-2022", "by HJ 1276-2022"),
    "label.link": ("标签", "Label"),
    "label.pdf": ("打开 PDF 打印", "Open the PDF for printing"),
    "label.preview": ("标签 {code}，{side}×{side} 毫米", "Label of {code}, {side}×{side} mm"),
    "label.size_of": ("{side}×{side} 毫米，{copies} 张", "{side}×{side} mm, {copies} label(s)"),
    "label.volume": ("容器容积（升）", "Container volume (litres)"),
    "label.volume_hint": (
        "50 升以下 100 毫米，450 升以下 150 毫米，450 升以上 200 毫米并在相对两面各贴一张",
        "up to 50 L 100 mm, up to 450 L 150 mm, above 450 L 200 mm and two labels on opposite sides",
    ),
    "label.side": ("边长", "Side"),
    "label.side_by_volume": ("按容积", "by volume"),
    "label.serial": ("流水号（3位）", "Serial (3 digits)"),
    "label.serial_hint": ("批次编码自带流水号时不用填", "not needed where the batch code ends in one"),
    "label.make": ("更新", "Update"),
    "label.options": ("大小与编码", "Size and code"),
    "label.by_hand": ("需手工填写", "To be written by hand"),
    "label.by_hand_what": (
        "废物形态、主要成分、有害成分、注意事项、联系人和联系方式：系统没有这些记录，留空不编造。",
        "Form, main and harmful components, cautions, contact: nothing recorded here says them, so they stay blank.",
    ),
    "label.tick": (
        "虚线框内的危险特性：名录写明“可能具有”或“其中一种或多种”，请按实际勾选。",
        "Hazards in dashed frames: the list says that the waste may have them, or has at least one; tick what holds.",
    ),
    "label.no_code": (
        "数字识别码缺少流水号：批次编码不以日期和三位流水号结尾，请在上面填写流水号，二维码随之生成。",
        "The digital code lacks its serial: the batch code does not end in a date and three digits. Give a serial above, "
        "and the QR code is made.",
    ),
    "label.not_listed": (
        "该代码不在当日名录中，名称和危险特性需手工填写。",
        "This code is not in the list of that day: name and hazards are to be written by hand.",
    ),
    "label.medical": (
        "医疗废物（{code}）使用 HJ 421 规定的标签和警示标志，不用本标签；本系统不生成 HJ 421 标签。",
        "Medical waste ({code}) has the label and signs of HJ 421, not this one; labels of HJ 421 are not made here.",
    ),
    "label.colour": (
        "底色和版式凭记忆按标准绘制，正式使用前请与标准文本核对。",
        "Ground colour and layout are drawn from memory of the standard: check them against its text before official use.",
    ),
}
