"""What is said about a config that is not the strict YAML we read: in both languages, with the line and a remedy."""

from __future__ import annotations

from typing import Any

import yaml

from facilityplan.errors import Fault, Text

# code → (what, remedy)
_REFUSED = {
    "too_large": (
        Text("配置文件有 {size} 字节，上限是 {limit} 字节", "the config has {size} bytes; {limit} is the limit"),
        Text(
            "配置里只写参数，数据放到数据文件夹", "keep data in files below the data root, only settings in the config"
        ),
    ),
    "not_utf8": (
        Text("文件不是 UTF-8 编码", "the file is not UTF-8"),
        Text("用编辑器另存为 UTF-8（记事本：另存为 → 编码 → UTF-8）", "save it as UTF-8 in your editor"),
    ),
    "control_character": (
        Text("含有不可见的控制字符", "it contains an invisible control character"),
        Text("删去这个字符后重新输入", "delete the character and type the text again"),
    ),
    "empty_config": (
        Text("配置文件是空的", "the config is empty"),
        Text("从 configs/ 里的样例改起", "start from one of the examples in configs/"),
    ),
    "several_documents": (
        Text("一个文件里有多份配置（用 --- 分隔）", "the file holds several documents, parted by ---"),
        Text("每份配置单独存一个文件；变体写在 scenarios 下", "one config a file; write variants under scenarios"),
    ),
    "too_deep": (
        Text("嵌套超过 {limit} 层", "nested more than {limit} levels deep"),
        Text("检查括号和缩进", "check brackets and indentation"),
    ),
    "yaml_anchor": (
        Text("不支持锚点 &{name}", "anchors are not supported: &{name}"),
        Text(
            "把值直接写在用到的地方；文字以 & 开头时加引号",
            "write the value where it is used; quote a text that begins with &",
        ),
    ),
    "yaml_alias": (
        Text("不支持引用 *{name}", "aliases are not supported: *{name}"),
        Text(
            "把值直接写在用到的地方；文字以 * 开头时加引号",
            "write the value where it is used; quote a text that begins with *",
        ),
    ),
    "yaml_tag": (
        Text("不支持类型标签 {name}", "tags are not supported: {name}"),
        Text("去掉标签；文字以 ! 开头时加引号", "take the tag away; quote a text that begins with !"),
    ),
    "yaml_merge_key": (
        Text("不支持合并键 <<", "merge keys (<<) are not supported"),
        Text(
            "把各项直接写出；变体用 scenarios 的 extends",
            "write the entries out; use extends under scenarios for variants",
        ),
    ),
    "key_not_text": (
        Text("键必须是一段文字", "a key must be plain text"),
        Text("检查这一行的括号、问号和冒号", "check brackets, question marks and colons in this line"),
    ),
    "duplicate_key": (
        Text("“{name}”写了两次（第一次在第 {first} 行）", "“{name}” is given twice (first in line {first})"),
        Text("只留一处", "keep one of them"),
    ),
}

# Beginning of PyYAML's own words → (what, remedy)
_SYNTAX = {
    "mapping values are not allowed": (
        Text(
            "此处不应再出现冒号，或缩进与上一行不齐",
            "a colon is out of place here, or the indentation differs from the line above",
        ),
        Text("对齐缩进；文字里有“: ”时整段加引号", "align the indentation; quote a text that contains “: ”"),
    ),
    "could not find expected ':'": (
        Text("键后缺少冒号", "the colon after a key is missing"),
        Text("写成“键: 值”，冒号用半角，后面空一格", "write “key: value”, with a space after the colon"),
    ),
    "did not find expected key": (
        Text("缩进不齐，读不出下一个键", "the indentation is uneven: the next key cannot be read"),
        Text("同一层的键左端对齐", "align the keys of one level"),
    ),
    "expected <block end>": (
        Text("缩进不齐", "the indentation is uneven"),
        Text("同一层的键和列表的“-”左端对齐", "align the keys, and the dashes of a list, of one level"),
    ),
    "expected ',' or": (
        Text("括号里缺少逗号或没有收尾", "a comma or the closing bracket is missing"),
        Text("补上逗号或 ]、}，都用半角", "add the comma, or the ] or }"),
    ),
    "found character '\\t'": (
        Text("缩进用了制表符（Tab）", "a tab is used for indentation"),
        Text("缩进改用空格", "indent with spaces"),
    ),
    "found unexpected end of stream": (
        Text("引号没有收尾", "a quotation mark is never closed"),
        Text("补上后引号", "close the quotation mark"),
    ),
    "found character": (
        Text("值不能以这个字符开头", "a value cannot begin with this character"),
        Text("给这段文字加上引号", "put the text in quotation marks"),
    ),
    "found unknown escape character": (
        Text("双引号里的反斜杠不成转义", "a backslash in double quotes begins no known escape"),
        Text("改用单引号，路径用 / 分隔", "use single quotes, and / in paths"),
    ),
}
_UNKNOWN = (
    Text("不符合 YAML 语法（{problem}）", "not valid YAML ({problem})"),
    Text(
        "检查这一行和上一行的缩进、冒号、引号和括号",
        "check indentation, colons, quotation marks and brackets in this line and the one above",
    ),
)
_FULL_WIDTH_COLON = (
    Text("用了全角冒号“：”", "a full-width colon “：” is used"),
    Text("改成半角冒号，后面空一格", "type a half-width colon and a space"),
)


def _filled(text: Text, **words: Any) -> Text:
    return Text(text.zh.format(**words), text.en.format(**words))


def refused(code: str, file: str, line: int | None, column: int | None, **words: Any) -> Fault:
    """Return the fault for something that YAML has and our configs do not."""
    what, remedy = _REFUSED[code]
    return Fault(code, _filled(what, **words), remedy, file=file, line=line, column=column)


def translate(error: yaml.YAMLError, file: str, text: str) -> Fault:
    """Return PyYAML's syntax error as a fault in both languages."""
    mark = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
    problem = str(getattr(error, "problem", None) or error)
    what, remedy = next((words for start, words in _SYNTAX.items() if problem.startswith(start)), _UNKNOWN)
    what = _filled(what, problem=problem.replace("\n", " "))
    lines = text.splitlines()
    if mark is None:
        return Fault("yaml_syntax", what, remedy, file=file)
    line = mark.line + 1
    # A full-width colon makes a key into plain text; YAML then stumbles over that line or the next.
    for number in (line, line - 1):
        if 0 < number <= len(lines) and "：" in lines[number - 1].split("#")[0] and ": " not in lines[number - 1]:
            return Fault(
                "yaml_syntax", *_FULL_WIDTH_COLON, file=file, line=number, column=lines[number - 1].index("：") + 1
            )
    return Fault("yaml_syntax", what, remedy, file=file, line=line, column=mark.column + 1)
