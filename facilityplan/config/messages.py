"""What is said about a config's keys and values: one function a fault, in both languages, with a remedy to act on."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Sequence
from typing import Any

from facilityplan.config.shape import Shape, places_of
from facilityplan.config.tree import Items, Node, Origin, Scalar, Table
from facilityplan.errors import Fault, Text


def fault(code: str, origin: Origin | None, field: str, what: Text, remedy: Text) -> Fault:
    """Return a fault at the place a value comes from."""
    o = origin or Origin("default")
    return Fault(code, what, remedy, file=o.file, line=o.line, column=o.column, field=field)


def listed(words: Iterable[str], *, most: int = 12) -> Text:
    """Return words as an enumeration in both languages; a long one ends in an ellipsis."""
    words = [str(w) for w in words]
    more = len(words) > most
    shown = words[:most]
    return Text("、".join(shown) + ("……" if more else ""), ", ".join(shown) + (", …" if more else ""))


def meant(word: str, known: Sequence[str]) -> Text:
    """Return “did you mean …?” where a known word is close, else what may stand here."""
    known = [str(k) for k in known]
    lower = {k.lower(): k for k in reversed(known)}
    close = [lower[word.lower()]] if word.lower() in lower else difflib.get_close_matches(word, known, n=1, cutoff=0.6)
    if close:
        return Text(f"是不是“{close[0]}”？", f"did you mean “{close[0]}”?")
    if not known:
        return Text("这里没有可选的值，请删去", "there is nothing to choose from here; take it away")
    names = listed(known)
    return Text(f"可以写：{names.zh}", f"one of: {names.en}")


def unknown_key(origin: Origin | None, field: str, key: str, shape: Shape | None) -> Fault:
    """A key that the schema does not have: misspelt, in the wrong section, or dotted where it should be nested."""
    known = list(shape.fields) if shape is not None and shape.fields else []
    remedy = meant(key, known)
    elsewhere = places_of(key)
    if elsewhere and not difflib.get_close_matches(key, known, n=1, cutoff=0.8):
        places = listed(elsewhere, most=4)
        remedy = Text(f"它的位置是 {places.zh}", f"its place is {places.en}")
    elif "." in key and origin is not None and origin.kind == "file":
        remedy = Text(
            "文件里要分层写；只有情景的 set 和 --set 才能用点号连写",
            "nest the keys; dotted keys work only under a scenario's set and in --set",
        )
    return fault("unknown_key", origin, field, Text(f"没有“{key}”这个参数", f"there is no setting “{key}”"), remedy)


def unknown_id(origin: Origin | None, field: str, name: str, known: Sequence[str]) -> Fault:
    """A list item addressed by an id that no item has."""
    return fault(
        "unknown_id",
        origin,
        field,
        Text(f"列表里没有编号为“{name}”的一项", f"the list has no item with id “{name}”"),
        meant(name, known),
    )


def unknown_reference(origin: Origin | None, field: str, noun: Text, name: str, known: Sequence[str]) -> Fault:
    """A name (of a mode, standard, rule …) that is defined nowhere."""
    return fault(
        "unknown_reference",
        origin,
        field,
        Text(f"没有名为“{name}”的{noun.zh}", f"there is no {noun.en} “{name}”"),
        meant(name, known),
    )


def unknown_scenario(origin: Origin | None, field: str, name: str, known: Sequence[str]) -> Fault:
    """A scenario that does not exist."""
    return unknown_reference(origin, field, Text("情景", "scenario"), name, [*known] or ["default"])


def clashing(origin: Origin | None, field: str, first: Origin) -> Fault:
    """The same value set twice in one layer."""
    place = Text(f"（第一次在第 {first.line} 行）", f" (first in line {first.line})") if first.line else Text("", "")
    return fault(
        "clashing_keys",
        origin,
        field,
        Text(f"同一个值给了两次{place.zh}", f"the same value is given twice{place.en}"),
        Text("只留一处；点号写法和分层写法算同一个键", "keep one; a dotted and a nested key are the same key"),
    )


def cycle(origin: Origin | None, field: str, names: Sequence[str]) -> Fault:
    """Scenarios that extend one another in a circle."""
    way = " → ".join(names)
    return fault(
        "scenario_cycle",
        origin,
        field,
        Text(f"情景互相继承成环：{way}", f"scenarios extend one another in a circle: {way}"),
        Text("去掉其中一个 extends", "take one of the extends away"),
    )


def fixed_key(origin: Origin | None, key: str) -> Fault:
    """A key that only the file itself may hold."""
    return fault(
        "fixed_key",
        origin,
        key,
        Text(f"情景和 --set 不能改“{key}”", f"a scenario or --set cannot change “{key}”"),
        Text("写在配置文件的最外层", "write it at the top level of the file"),
    )


def unprintable(origin: Origin) -> Fault:
    """A --set value with characters that cannot be shown."""
    return fault(
        "control_character",
        origin,
        origin.name or "",
        Text("含有不可见的控制字符", "it contains an invisible control character"),
        Text("重新输入这个值", "type the value again"),
    )


# --- what pydantic finds, in our own words ------------------------------------------------------------------------

_WANTED = {
    "model": Text("一组“键: 值”", "a group of “key: value” lines"),
    "table": Text("一组“键: 值”", "a group of “key: value” lines"),
    "list": Text("一个列表", "a list"),
    "text": Text("一段文字", "a text"),
    "whole": Text("一个整数", "a whole number"),
    "number": Text("一个数", "a number"),
    "flag": Text("true 或 false", "true or false"),
    "any": Text("一个值", "a value"),
}
_SECTION_REMEDY = {
    "model": Text("换行后缩进两格，逐行写“键: 值”", "write the keys on the lines below, indented by two spaces"),
    "table": Text("换行后缩进两格，逐行写“键: 值”", "write the keys on the lines below, indented by two spaces"),
    "list": Text("写成 [甲, 乙]，或每行以“- ”开头", "write [a, b], or one item a line beginning with “- ”"),
}


def _quoted(node: Node | None) -> Text:
    if isinstance(node, Scalar):
        if node.empty:
            return Text("没有写值", "nothing is written")
        short = node.text if len(node.text) <= 60 else node.text[:57] + "…"
        return Text(f"写的是“{short}”", f"it says “{short}”")
    if isinstance(node, Items):
        return Text("写的是一个列表", "it is a list")
    if isinstance(node, Table):
        return Text("写的是一组键", "it is a group of keys")
    return Text("没有写值", "nothing is written")


def wrong_type(origin: Origin | None, field: str, shape: Shape, node: Node | None) -> Fault:
    """A value that is not of the kind the setting takes."""
    wanted, found = _WANTED[shape.kind], _quoted(node)
    return fault(
        "wrong_type",
        origin,
        field,
        Text(f"这里要写{wanted.zh}，{found.zh}", f"{wanted.en} is wanted here; {found.en}"),
        _type_remedy(shape, node),
    )


def _type_remedy(shape: Shape, node: Node | None) -> Text:
    if shape.is_section:
        return _SECTION_REMEDY[shape.kind]
    if not isinstance(node, Scalar):
        return Text("在冒号后直接写值", "write the value right after the colon")
    text = node.text
    if shape.kind == "flag":
        yes = text.lower() in ("yes", "on", "y", "是", "1", "true")
        no = text.lower() in ("no", "off", "n", "否", "0", "false")
        word = "true" if yes else "false" if no else None
        return (
            Text(f"写成 {word}，不加引号", f"write {word}, without quotation marks")
            if word
            else Text("写 true（是）或 false（否）", "write true or false")
        )
    if shape.kind in ("whole", "number"):
        return _number_remedy(shape, node)
    return Text("写上文字，或删去这一行", "write the text, or take the line away")


def _number_remedy(shape: Shape, node: Scalar) -> Text:
    text = node.text.strip()
    half_width = text.translate(
        {ord(f): h for f, h in zip("０１２３４５６７８９．－，％", "0123456789.-,%", strict=True)}
    )
    if not node.plain and re.fullmatch(r"-?\d+(\.\d+)?", text):
        return Text("去掉引号", "take the quotation marks off")
    if half_width != text:
        return Text("数字和符号改用半角", "type the figures half-width")
    if re.fullmatch(r"-?\d+(\.\d+)?\s*%", text):
        return Text(
            f"写成小数 {float(text.rstrip('% ')) / 100:g}", f"write the share {float(text.rstrip('% ')) / 100:g}"
        )
    if re.fullmatch(r"-?\d{1,3}([_, ]\d{3})+(\.\d+)?", text):
        plain = re.sub(r"[_, ]", "", text)
        return Text(f"写成 {plain}，不分节", f"write {plain}, without separators")
    if re.fullmatch(r"-?0\d+(\.\d+)?", text):
        return Text("去掉前面的 0", "take the leading zeros off")
    if shape.kind == "whole" and re.fullmatch(r"-?\d+\.\d*", text):
        return Text("只能是整数，不带小数点", "whole numbers only, without a decimal point")
    measured = re.match(r"(-?\d+(?:\.\d+)?)\s*\D+$", text)
    if measured:
        return Text(
            f"只写数字 {measured[1]}，单位已在参数名里",
            f"write the figure alone, {measured[1]}; the unit is in the setting's name",
        )
    return Text("用阿拉伯数字写，如 15", "write it in figures, such as 15")


def _bound(error: dict[str, Any]) -> Text:
    context = error.get("ctx", {})
    words = {
        "ge": ("不小于", "at least"),
        "gt": ("大于", "more than"),
        "le": ("不大于", "at most"),
        "lt": ("小于", "less than"),
    }
    zh, en = next((words[k] for k in words if k in context), ("", ""))
    value = next((context[k] for k in words if k in context), "")
    figure = f"{value:g}" if isinstance(value, float) else str(value)
    return Text(f"要{zh} {figure}", f"it must be {en} {figure}")


def translated(
    error: dict[str, Any], origin: Origin | None, field: str, shape: Shape | None, node: Node | None
) -> Fault:
    """Return one pydantic error as a fault of ours; `shape` is what the place takes, `node` what stands there."""
    kind = error["type"]
    if kind == "missing":
        return fault(
            "missing", origin, field, Text("缺少这一项", "this setting is missing"), _missing_remedy(shape, field)
        )
    if kind in ("literal_error", "enum"):
        if isinstance(node, Scalar) and not node.empty:
            found = _quoted(node)
            return fault(
                "unknown_choice",
                origin,
                field,
                Text(f"没有这个选项，{found.zh}", f"not one of the choices; {found.en}"),
                meant(node.text, shape.choices),
            )
        return fault(
            "wrong_type",
            origin,
            field,
            Text("这里要选一个词", "one of a few words is wanted here"),
            meant("", shape.choices),
        )
    if kind in ("greater_than", "greater_than_equal", "less_than", "less_than_equal"):
        bound, found = _bound(error), _quoted(node)
        remedy = Text("改到范围以内", "choose a value inside the range")
        if field.endswith(("share", "_65", "_of_today")) and kind.startswith("less"):
            remedy = Text("写小数：百分之九十五写 0.95", "write a share, not a percentage: 0.95 for 95 %")
        return fault(
            "out_of_range",
            origin,
            field,
            Text(f"超出范围：{bound.zh}，{found.zh}", f"out of range: {bound.en}; {found.en}"),
            remedy,
        )
    if kind == "finite_number":
        return fault(
            "out_of_range",
            origin,
            field,
            Text("要是有限的数", "it must be a finite number"),
            Text("写一个普通的数", "write an ordinary number"),
        )
    if kind == "string_too_short":
        return fault(
            "empty_text", origin, field, Text("不能空着", "it cannot be empty"), Text("写上内容", "write something")
        )
    if kind == "string_too_long":
        most = error["ctx"]["max_length"]
        return fault(
            "too_long",
            origin,
            field,
            Text(f"超过 {most} 个字", f"longer than {most} characters"),
            Text("缩短", "shorten it"),
        )
    if kind == "string_pattern_mismatch":
        found = _quoted(node)
        return fault(
            "bad_name",
            origin,
            field,
            Text(f"不能用作编号，{found.zh}", f"it cannot serve as an id; {found.en}"),
            Text(
                "用字母、数字、汉字、下划线和连字符，最多 60 个字，不以连字符开头",
                "use letters, digits, Chinese characters, _ and -, at most 60, not beginning with -",
            ),
        )
    if kind == "too_short":
        return fault(
            "empty_list",
            origin,
            field,
            Text("列表不能是空的", "the list cannot be empty"),
            Text(
                "至少写一项；整段删去则用规范里的默认值",
                "write at least one item, or take the whole section away where the norms have one",
            ),
        )
    if shape is not None and kind.endswith(("_type", "_parsing", "_from_float", "_parsing_size")):
        return wrong_type(origin, field, shape, node)
    return fault(
        "invalid",
        origin,
        field,
        Text(f"这个值不合要求（{kind}）", f"the value is not valid ({kind})"),
        Text("对照 configs/README.md 修改", "compare it with configs/README.md"),
    )


def _missing_remedy(shape: Shape | None, field: str) -> Text:
    key = field.rsplit(".", 1)[-1]
    if shape is None or shape.is_section:
        return Text(f"补上“{key}:”一段", f"add a section “{key}:”")
    wanted = _WANTED[shape.kind]
    return Text(f"补上“{key}: ”和{wanted.zh}", f"add “{key}: ” and {wanted.en}")
