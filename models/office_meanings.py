"""What the codes of uploads, webhooks and e-mail say, mean and advise; part of models.problems and problem_meanings.

Each row: HTTP status (0 for a warning), title, the text of a problem, meaning, advice, and a piece of what draws it.
A text that names values is a further row of `OFFICE_TEXTS`, as `code/variant`.
"""

from typing import Final

Pair = tuple[str, str]
OfficeRow = tuple[int, Pair, Pair, Pair, Pair, str]

OFFICE: Final[dict[str, OfficeRow]] = {
    "hook_url_refused": (
        422,
        ("回调地址被拒", "Webhook address refused"),
        ("不能向这个地址回调", "this address is not posted to"),
        (
            "地址不是 https，或其域名指向内部网络。",
            "It is not https, or its name leads into a private network.",
        ),
        ("换一个公网上的 https 地址。", "Give an https address on the public network."),
        "http://127.0.0.1/hook",
    ),
    "too_many_hooks": (
        409,
        ("回调太多", "Too many webhooks"),
        ("回调地址已到上限", "there are as many webhooks as there may be"),
        ("一个单位的回调地址有上限。", "An organisation may have only so many."),
        ("删掉不用的。", "Remove one that is not used."),
        "",
    ),
    "too_many_subscriptions": (
        409,
        ("订阅太多", "Too many subscriptions"),
        ("邮件订阅已到上限", "there are as many subscriptions as there may be"),
        ("一个单位的邮件订阅有上限。", "An organisation may have only so many."),
        ("删掉不用的。", "Remove one that is not used."),
        "",
    ),
    "mail_address_refused": (
        422,
        ("邮箱地址被拒", "E-mail address refused"),
        ("不是可用的邮箱地址", "this is no address to send to"),
        ("写法不对，或不能往那里发信。", "It is not well-formed, or no mail is sent there."),
        ("检查地址。", "See whether it is right."),
        "",
    ),
    "mail_not_sent": (
        503,
        ("邮件没有发出", "E-mail not sent"),
        ("邮件服务器没有收下邮件", "the mail server did not take it"),
        ("邮件服务器不可用或拒绝。", "The mail server is away or refused."),
        ("稍后再试。", "Try again later."),
        "",
    ),
    "not_a_table": (
        422,
        ("不是表格", "Not a table"),
        ("这个文件不是 CSV 或 XLSX 表格", "this file is no CSV and no XLSX table"),
        ("文件读不成表格。", "The file cannot be read as a table."),
        (
            "用下载的模板填写，存为 CSV 或 XLSX。",
            "Fill in a template from the page, and save it as CSV or XLSX.",
        ),
        "",
    ),
    "unsafe_file": (
        422,
        ("文件不安全", "File not safe"),
        ("这个文件展开后太大，或含有宏", "this file unpacks to too much, or holds macros"),
        ("文件的结构不像人填写的表格。", "The file is not built as a table that people fill in."),
        ("另存为不带宏的 XLSX 或 CSV。", "Save it as XLSX without macros, or as CSV."),
        "",
    ),
    "empty_file": (
        422,
        ("文件是空的", "Empty file"),
        ("文件里没有要登记的行", "the file holds no row to state"),
        ("表头以下没有内容。", "There is nothing under the heading."),
        ("填写至少一行。", "Fill in a row."),
        "",
    ),
    "too_many_rows": (
        422,
        ("行太多", "Too many rows"),
        ("文件的行数超过上限", "the file has more rows than are taken at once"),
        ("一个文件的行数有上限。", "A file may have only so many rows."),
        ("分成几个文件。", "Make several files of it."),
        "",
    ),
    "too_many_uploads": (
        429,
        ("上传太多", "Too many uploads"),
        ("还有上传没有处理完", "earlier uploads are still being read"),
        ("一个单位同时处理的上传有上限。", "An organisation may have only so many under way."),
        ("等前面的处理完。", "Wait until one is done."),
        "",
    ),
    "upload_not_ready": (
        409,
        ("还没处理完", "Upload not ready"),
        ("这次上传还没有处理完", "this upload is not done yet"),
        ("结果还没有。", "There is no result yet."),
        ("看进度，完成后再取。", "Follow its progress and fetch it then."),
        "",
    ),
    "upload_ended": (
        409,
        ("上传已结束", "Upload ended"),
        ("这次上传已经结束", "this upload has ended"),
        ("已结束的上传不能再做这件事。", "This cannot be done with an upload that has ended."),
        ("重新上传。", "Upload it anew."),
        "",
    ),
    "unknown_sheet": (
        422,
        ("不认识的工作表", "Unknown sheet"),
        ("不认识这个工作表", "this sheet is not known"),
        ("工作表的名字不是模板里的。", "The sheet has no name of a template."),
        ("不要改工作表的名字。", "Leave the names of sheets as they are."),
        "",
    ),
    "unknown_column": (
        422,
        ("不认识的列", "Unknown column"),
        ("不认识这一列", "this column is not known"),
        ("列名不是模板里的。", "The column has no name of the template."),
        (
            "不要改列名；多余的列删掉。",
            "Leave the names of columns as they are; take out those that are not needed.",
        ),
        "",
    ),
    "duplicate_column": (
        422,
        ("列重复", "Column twice"),
        ("这一列出现两次", "this column is there twice"),
        ("两列同名，无法取舍。", "Two columns have one name, and nobody can say which counts."),
        ("留一列。", "Leave one."),
        "",
    ),
    "missing_column": (
        422,
        ("缺少列", "Missing column"),
        ("缺少必需的列", "a column that is needed is not there"),
        ("模板里必需的列不见了。", "A column that the template needs is gone."),
        ("从模板里补回。", "Put it back from the template."),
        "",
    ),
    "no_unit": (
        422,
        ("没有单位", "No unit"),
        ("没有写明单位", "it does not say in which unit"),
        ("看不出是千克还是吨。", "Nobody can tell whether kilograms or tonnes are meant."),
        ("用带单位的列。", "Use a column that says its unit."),
        "",
    ),
    "formula": (
        422,
        ("单元格是公式", "A formula"),
        ("单元格里是公式，请改成数值", "the cell holds a formula: give its value"),
        ("公式算出什么，取决于谁打开文件。", "What a formula gives depends on who opens the file."),
        ("复制后“粘贴为数值”。", "Copy, and paste as values."),
        "=A1+B1",
    ),
    "mangled_number": (
        422,
        ("数字被改坏", "Mangled number"),
        ("表格程序把这个编号改成了数字", "the spreadsheet has made a number of this"),
        (
            "长编号被存成科学计数法，丢了位数。",
            "A long number was saved in scientific notation and lost digits.",
        ),
        ("把列设为文本，重新填写。", "Make the column text, and enter it anew."),
        "2.02633E+13",
    ),
    "duplicate_row": (
        422,
        ("行重复", "Row twice"),
        ("这一行和前面一行相同", "this row is the same as an earlier one"),
        ("同一件事登记了两次。", "The same thing is stated twice."),
        (
            "删掉一行；若确是两件事，写上不同的时间或批次。",
            "Take one out; tell two things apart by time or lot.",
        ),
        "",
    ),
    "split_document": (
        422,
        ("单据被拆开", "Document in several places"),
        ("同一单据的行没有放在一起，或内容不一致", "lines of one document stand apart, or disagree"),
        ("一张单据的各行要相邻，单据栏相同。", "Lines of one document stand together and agree about it."),
        ("把它们放到一起，改成一致。", "Put them together and make them agree."),
        "",
    ),
    "time.assumed": (
        0,
        ("时间按零点计", "Time taken as midnight"),
        ("只写了日期，按北京时间 00:00 计", "only a day was given; 00:00 Beijing time was taken"),
        ("上传的行只有日期。", "A row of an upload gave a day only."),
        ("需要准确的就写上时刻。", "Give the time where it matters."),
        "",
    ),
}

OFFICE_TEXTS: Final[dict[str, Pair]] = {code: row[2] for code, row in OFFICE.items()}
