"""The kinds of service: the usual ones, a city's own, and letting one end."""

from __future__ import annotations

import re
from datetime import date

from flask_babel import lazy_gettext as _l
from sqlalchemy import or_, select

from civic.audit import actions as audit
from civic.core import clock
from civic.core.db import db, locked
from civic.core.errors import Conflict, Invalid, NotNow
from civic.identity.permissions import Actor, Permission, demand, out_of_reach
from civic.regions.models import Region
from civic.volunteering.models.events import ServiceCategory
from civic.volunteering.queries import categories

CODE = re.compile(r"[a-z]{2,12}")
STANDARD = (
    ("traffic", "文明交通"), ("community", "社区服务"), ("elders", "敬老助残"), ("children", "关爱儿童"), ("green", "环境保护"),
    ("manners", "文明风尚"), ("health", "卫生健康"), ("learning", "助学科普"), ("culture", "文化体育"), ("emergency", "应急救援"),
    ("gatherings", "大型活动"), ("other", "其他服务"),
)  # fmt: skip


def ensure_categories(since: date) -> None:
    """The usual kinds of service, where they are missing."""
    known = {word for row in db.session.execute(select(ServiceCategory.code, ServiceCategory.name)) for word in row}
    for position, (code, name) in enumerate(STANDARD, start=1):
        if code not in known and name not in known:
            db.session.add(ServiceCategory(code=code, name=name, position=position, since=since))
    db.session.flush()


def add(actor: Actor, city: Region, *, code: str, name: str, since: date) -> ServiceCategory:
    """A kind of service of the city's own."""
    demand(actor, Permission.RULES_EDIT, city.path)
    # The city's row stands for its rules: one name cannot be added twice at once.
    db.session.scalars(locked(select(Region.id).where(Region.id == city.id))).one()
    if not CODE.fullmatch(code):
        raise Invalid("category_code", _l("代码请用 2 到 12 个小写字母，比如 reading。"), field="code")
    if not name.strip():
        raise Invalid("name_missing", _l("请写这一类叫什么。"), field="name")
    known = select(ServiceCategory.code).where(or_(ServiceCategory.code == code, ServiceCategory.name == name.strip()))
    taken = db.session.scalars(known).first()
    if taken is not None:
        raise Conflict("category_known", _l("已经有这一类了。停了的也占着名字，好对得上从前的账。"), field="code" if taken == code else "name")
    category = ServiceCategory(code=code, name=name.strip()[:20], since=since)
    db.session.add(category)
    db.session.flush()
    audit.record(actor.user_id, "service_category.add", ("service_category", category.id), region_path=city.path, code=code)
    return category


def end(actor: Actor, city: Region, category_id: int, *, until: date) -> ServiceCategory:
    """Nothing new of this kind after a day; events that are of it stay so."""
    demand(actor, Permission.RULES_EDIT, city.path)
    db.session.scalars(locked(select(Region.id).where(Region.id == city.id))).one()
    category = db.session.scalars(locked(select(ServiceCategory).where(ServiceCategory.id == category_id))).first()
    if category is None:
        raise out_of_reach()
    if until < category.since or until < clock.today():
        raise Invalid("term_backwards", _l("到期的日子要在开始之后，也不能已经过去。"), field="until")
    if not any(c.id != category_id and (c.until is None or c.until > until) for c in categories.every()):
        raise NotNow("last_category", _l("这是最后一个服务类别，停了就没法办活动了。"))
    category.until = until
    audit.record(actor.user_id, "service_category.end", ("service_category", category.id), region_path=city.path, until=until)
    return category
