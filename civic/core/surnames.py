"""Family names: which there are, and whether one can be told from what somebody is called.

Many are called by something that has none: 校门口的阿姨, 买买提·阿迪力, 蓝天救援队. Nobody is given a surname that is not theirs.
"""

from __future__ import annotations

import re

# Names of one character: those of the old list of a hundred names and those that are common today.
SINGLE = frozenset(
    "赵钱孙李周吴郑王冯陈褚卫蒋沈韩杨朱秦尤许何吕施张孔曹严华金魏陶姜戚谢邹喻柏水窦章云苏潘葛奚范彭郎鲁韦昌马苗凤花方俞任袁柳酆鲍史唐费廉岑薛雷贺倪汤滕殷罗毕郝邬安常乐于时傅皮卞齐康伍余"
    "元卜顾孟平黄和穆萧尹姚邵湛汪祁毛禹狄米贝明臧计伏成戴谈宋茅庞熊纪舒屈项祝董梁杜阮蓝闵席季麻强贾路娄危江童颜郭梅盛林刁钟徐邱骆高夏蔡田樊胡凌霍虞万支柯昝管卢莫房裘缪干解应宗丁宣贲邓郁"
    "单杭洪包诸左石崔吉钮龚程嵇邢滑裴陆荣翁荀羊惠甄曲封芮羿储靳汲邴糜松井段富巫乌焦巴弓牧隗山谷车侯宓蓬全郗班仰秋仲伊宫宁仇栾暴甘钭厉戎祖武符刘景詹束龙叶幸司韶郜黎蓟薄印宿白怀蒲邰从鄂索"
    "咸籍赖卓蔺屠蒙池乔阴胥苍双闻莘党翟谭贡劳逄姬申扶堵冉宰郦雍郤璩桑桂濮牛寿通边扈燕冀郏浦尚农温庄晏柴瞿阎充慕连茹习宦艾鱼容向古易慎戈廖庾终暨居衡步耿满弘匡国文寇广禄阙欧殳沃利蔚越夔隆"
    "师巩厍聂晁勾敖融冷訾辛阚那简饶曾毋沙乜鞠丰巢关蒯相查荆游竺权逯盖益桓肖覃付代苟占尧仝冼邝粟闫岳涂商牟佘佟阳言揭楼敬原卿展苑呼旷战綦邸底庹奉鹿亓丛迟隋衣晋楚汝鄢钦帅缑亢况郈琴墨哈谯笪"
    "兰候肇郐励补撖镡"
)
# Names of two, one after the other.
_PAIRS = (
    "万俟司马上官欧阳夏侯诸葛闻人东方赫连皇甫尉迟公羊澹台公冶宗政濮阳淳于单于太叔申屠公孙仲孙轩辕令狐钟离宇文长孙慕容鲜于闾丘司徒司空亓官丌官司寇子车颛孙端木巫马公西漆雕乐正壤驷公良拓跋"
    "拓拔夹谷宰父谷梁段干百里东郭南门呼延羊舌微生梁丘左丘东门西门伯赏南宫第五独孤南郭北宫耶律完颜叶赫那拉纳兰贺兰哥舒库狄斛律东野即墨褚师司城司鸿太史公仪公输公户公仲公上公门公山公坚公伯"
    "公祖公乘公皙公仉仲长叔孙屈突尔朱东乡相里胡母司功慕舆妫海钳耳纥干贺若贺拔沮渠秃发乞伏"
)
DOUBLE = frozenset(_PAIRS[at : at + 2] for at in range(0, len(_PAIRS), 2))
_HAN = re.compile("[\u3400-\u9fff\U00020000-\U0003ffff]{2,4}")


def of(name: str) -> str | None:
    """The family name, where the whole is shaped like a name that has one: 欧阳 of 欧阳修文, 陈 of 陈桂兰; None for 校门口的阿姨."""
    if _HAN.fullmatch(name) is None or name in DOUBLE:
        return None
    if name[:2] in DOUBLE and len(name) > 2:
        return name[:2]
    return name[:1] if name[:1] in SINGLE and len(name) <= 3 else None
