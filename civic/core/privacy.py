"""Finding what is likely private in a text that people wrote: numbers, doors, illness, hardship, other people's names.

A helper for whoever edits a text before it is published: it points, a person decides. Nothing is changed by itself.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum


class Private(StrEnum):
    """Kinds of what may be private. The first five never stand in a public text."""

    PHONE = "phone"
    IDENTITY = "identity"
    BANK = "bank"
    DOOR = "door"
    BIRTH = "birth"
    ILLNESS = "illness"
    HARDSHIP = "hardship"
    NAME = "name"


NEVER_PUBLIC = frozenset({Private.PHONE, Private.IDENTITY, Private.BANK, Private.DOOR, Private.BIRTH})

ILLNESS = (
    "瘫痪", "偏瘫", "截瘫", "癌", "肿瘤", "白血病", "尿毒症", "透析", "化疗", "放疗", "糖尿病", "高血压", "心脏病", "冠心病", "脑梗", "脑溢血",
    "脑出血", "中风", "痴呆", "阿尔茨海默", "帕金森", "癫痫", "精神病", "精神分裂", "抑郁", "自闭", "智力残疾", "智障", "残疾", "失明", "聋哑",
    "艾滋", "梅毒", "乙肝", "肝炎", "肺结核", "流产", "不孕", "红斑狼疮", "卧床不起", "大小便失禁", "植物人", "病危", "病历",
)  # fmt: skip
HARDSHIP = (
    "低保", "特困户", "贫困户", "五保", "欠债", "负债", "破产", "失信", "坐牢", "服刑", "刑满", "吸毒", "戒毒", "赌博", "离异", "离婚", "家暴",
    "孤儿", "弃婴", "私生", "信教", "教徒",
)  # fmt: skip
SURNAMES = (
    "王李张刘陈杨黄赵吴周徐孙马朱胡郭何林罗高郑梁谢宋唐许韩冯邓曹彭曾肖田董袁潘于蒋蔡余杜叶程苏魏吕丁任沈姚卢姜崔钟谭陆汪范金石廖贾夏韦"
    "付方白邹孟熊秦邱江尹薛闫段雷侯龙史陶黎贺顾毛郝龚邵万钱严覃武戴莫孔向汤温康施文牛樊葛邢安齐易乔伍庞颜倪庄聂章鲁岳翟殷詹申欧耿关兰焦"
    "俞左柳甘祝包宁尚符舒阮柯纪梅童凌毕单季裴霍涂成苗谷盛曲翁冉骆蓝路游辛靳管柴蒙鲍华喻祁蒲房滕屈饶解牟艾尤阳时穆农司卓古吉缪简车项连"
)
RELATIONS = (
    "丈夫", "妻子", "老伴", "爱人", "儿子", "女儿", "儿媳", "媳妇", "女婿", "孙子", "孙女", "外孙", "外孙女", "父亲", "母亲", "爸爸", "妈妈", "公公",
    "婆婆", "岳父", "岳母", "爷爷", "奶奶", "姥姥", "姥爷", "外公", "外婆", "哥哥", "姐姐", "弟弟", "妹妹", "侄子", "侄女", "邻居", "老人", "大爷",
    "大妈", "孩子", "学生", "同学", "徒弟", "同事", "患者", "病人", "居民", "村民", "住户", "名叫", "叫做",
)  # fmt: skip
# What follows a surname in a sentence without being a name.
NOT_NAMES = re.compile(r"^.(?:家|某|姓|先生|女士|阿姨|大爷|大妈|奶奶|爷爷|老师|师傅|医生|婶|叔|伯|嫂|姐|哥|时|常|在|从|的|和|都|是|到|去|来|也|又)")

_DIGIT = r"[0-9]"
_GAP = r"[\s\-]?"
_NUMERAL = r"[0-9一二三四五六七八九十百零〇]{1,4}"
_LETTER = r"[A-Za-z甲乙丙丁东西南北]?"
PATTERNS: tuple[tuple[Private, re.Pattern[str]], ...] = (
    (Private.IDENTITY, re.compile(rf"(?<!\d)[1-9](?:{_GAP}{_DIGIT}){{16}}{_GAP}[0-9Xx](?!\d)")),
    (Private.BANK, re.compile(rf"(?<!\d)[3-6](?:{_GAP}{_DIGIT}){{14,18}}(?!\d)")),
    (Private.IDENTITY, re.compile(r"(?<!\d)[1-9]\d{5}\d{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])\d{3}(?!\d)")),
    (Private.PHONE, re.compile(rf"(?<!\d)(?:\+?86{_GAP})?1[3-9](?:{_GAP}{_DIGIT}){{9}}(?!\d)")),
    (Private.PHONE, re.compile(r"(?<!\d)(?:0\d{2,3}[\s\-]?)[2-9]\d{6,7}(?!\d)")),
    (Private.PHONE, re.compile(r"(?:电话|座机|手机|微信|QQ)(?:号|号码)?(?:是|为|：|:)?\s*([A-Za-z0-9_\-]{6,20})")),
    (Private.DOOR, re.compile(rf"{_NUMERAL}(?:号)?{_LETTER}(?:栋|幢|座|号楼){_LETTER}(?:{_NUMERAL}单元)?(?:{_NUMERAL}楼)?(?:[0-9]{{2,5}}(?:室|号|房)?)?")),
    (Private.DOOR, re.compile(rf"{_NUMERAL}单元(?:[0-9]{{2,5}}(?:室|号|房)?)?|(?<!\d)[0-9]{{3,5}}(?:室|房)(?!间)|门牌(?:号)?[0-9]{{1,5}}号?")),
    (Private.DOOR, re.compile(r"(?:路|街|巷|弄|道|胡同|里|村|组)[0-9]{1,5}(?:弄[0-9]{1,4})?号(?!线|院校|店|车)")),
    (Private.BIRTH, re.compile(r"(?:19|20)\d{2}\s?年\s?\d{1,2}\s?月\s?\d{1,2}\s?日(?:出生|生)|生于\s?(?:19|20)\d{2}\s?年\s?\d{1,2}\s?月\s?\d{1,2}\s?日")),
    (Private.ILLNESS, re.compile("|".join(sorted(map(re.escape, ILLNESS), key=len, reverse=True)))),
    (Private.HARDSHIP, re.compile("|".join(sorted(map(re.escape, HARDSHIP), key=len, reverse=True)))),
)
_NAME = re.compile(rf"(?:{'|'.join(sorted(RELATIONS, key=len, reverse=True))})([{SURNAMES}][\u4e00-\u9fff]{{1,2}})(?=[，。、！？；：（）\s”“的和与在从被把给对说是用去来也都不因得有患今年瘫卧住病走生离残向跟为]|$)")
_WIDE = str.maketrans({chr(0xFF10 + n): str(n) for n in range(10)} | {"Ｘ": "X", "ｘ": "x", "－": "-", "　": " "})


@dataclass(frozen=True)
class Find:
    """One place in a text, by its first character and the one after its last."""

    start: int
    end: int
    kind: Private
    words: str


def finds(text: str, *, names: Iterable[str] = (), own: str = "") -> list[Find]:
    """What is likely private, in the order of the text, no place twice.

    `names`: people known to be mentioned; `own`: the name the text is about, which is never a find.
    """
    plain = text.translate(_WIDE)
    found: list[Find] = []

    def put(kind: Private, start: int, end: int) -> None:
        if start < end and all(end <= f.start or f.end <= start for f in found):
            found.append(Find(start, end, kind, text[start:end]))

    for name in sorted({n.strip() for n in names} - {"", own}, key=len, reverse=True):
        for match in re.finditer(re.escape(name), plain):
            put(Private.NAME, *match.span())
    for kind, pattern in PATTERNS:
        for match in pattern.finditer(plain):
            put(kind, *match.span(1 if pattern.groups else 0))
    for match in _NAME.finditer(plain):
        if match[1] != own and not NOT_NAMES.match(match[1]):
            put(Private.NAME, *match.span(1))
    return sorted(found, key=lambda f: f.start)


def marked(text: str, places: Iterable[Find]) -> list[tuple[Private | None, str]]:
    """The text in pieces, each plain (None) or of a kind: together they are the text."""
    pieces: list[tuple[Private | None, str]] = []
    at = 0
    for place in places:
        if place.start > at:
            pieces.append((None, text[at : place.start]))
        pieces.append((place.kind, text[place.start : place.end]))
        at = place.end
    if at < len(text):
        pieces.append((None, text[at:]))
    return pieces
