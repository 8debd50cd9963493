"""Who may do what where: the roles, the permissions, their one table, and the one function that decides.

Example. Xu Wen is *reviewer* of 桥东街道 (path ``1.3.17.``). She may review the cases that wait at exactly that desk and
read every case from below it; of a case of 汀北区 she learns nothing (404). A case whose nominee lives with her she
sees, but may not touch: the same function that knows her rights knows that she is a party.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from types import MappingProxyType

from flask_babel import LazyString
from flask_babel import lazy_gettext as _l

from civic.core.errors import NotAllowed, NotFound


class Role(StrEnum):
    """Roles that are granted, each for a region and a term. Whoever has an account is a resident besides."""

    STEWARD = "steward"  # 楼栋长、组长
    REVIEWER = "reviewer"  # 审核员
    REGION_ADMIN = "region_admin"  # 地区管理员
    CITY_ADMIN = "city_admin"  # 市管理员
    ORGANISER = "organiser"  # 志愿服务组织者
    AUDITOR = "auditor"  # 审计员：看得到一切，改不了任何事


class Permission(StrEnum):
    NOMINATION_REVIEW = "nomination.review"
    NOMINATION_READ = "nomination.read"
    NOMINATION_ENTER = "nomination.enter"
    PERSON_REVEAL = "person.reveal"
    PERSON_CORRECT = "person.correct"
    PUBLICATION_EDIT = "publication.edit"
    ROUND_RUN = "round.run"
    OBJECTION_HANDLE = "objection.handle"
    HONOUR_CHANGE = "honour.change"
    CLUE_TRIAGE = "clue.triage"
    RESIDENT_ATTEST = "resident.attest"
    EVENT_RUN = "event.run"
    GOODS_RUN = "goods.run"
    REGION_READ = "region.read"
    REGION_EDIT = "region.edit"
    GRANT_READ = "grant.read"
    GRANT_GIVE = "grant.give"
    COMPLAINT_READ = "complaint.read"
    COMPLAINT_ANSWER = "complaint.answer"
    RULES_EDIT = "rules.edit"
    AUDIT_READ = "audit.read"
    LETTER_READ = "letter.read"


P = Permission

TABLE: dict[Role, frozenset[Permission]] = {
    Role.STEWARD: frozenset({P.NOMINATION_REVIEW, P.NOMINATION_READ, P.NOMINATION_ENTER, P.REGION_READ}),
    Role.REVIEWER: frozenset(
        {
            P.NOMINATION_REVIEW,
            P.NOMINATION_READ,
            P.NOMINATION_ENTER,
            P.PERSON_REVEAL,
            P.PUBLICATION_EDIT,
            P.ROUND_RUN,
            P.OBJECTION_HANDLE,
            P.HONOUR_CHANGE,
            P.CLUE_TRIAGE,
            P.RESIDENT_ATTEST,
            P.REGION_READ,
        }
    ),
    Role.REGION_ADMIN: frozenset(
        {P.NOMINATION_READ, P.REGION_READ, P.REGION_EDIT, P.GRANT_READ, P.GRANT_GIVE}
    ),
    Role.CITY_ADMIN: frozenset(
        {
            P.NOMINATION_READ,
            P.REGION_READ,
            P.REGION_EDIT,
            P.GRANT_READ,
            P.GRANT_GIVE,
            P.PERSON_CORRECT,
            P.COMPLAINT_READ,
            P.COMPLAINT_ANSWER,
            P.RULES_EDIT,
            P.AUDIT_READ,
            P.LETTER_READ,
        }
    ),
    Role.ORGANISER: frozenset({P.EVENT_RUN, P.GOODS_RUN}),
    Role.AUDITOR: frozenset(
        {P.NOMINATION_READ, P.REGION_READ, P.GRANT_READ, P.COMPLAINT_READ, P.AUDIT_READ, P.LETTER_READ}
    ),
}

# What a role may see as if it worked there, and change nothing of: an auditor opens every desk of the region. What unmasks a
# person, gives a role or moves the map is no reading and stays out.
READS: dict[Role, frozenset[Permission]] = {
    Role.AUDITOR: frozenset(
        {P.CLUE_TRIAGE, P.OBJECTION_HANDLE, P.PUBLICATION_EDIT, P.HONOUR_CHANGE, P.EVENT_RUN, P.GOODS_RUN, P.RULES_EDIT}
    )
}

# The roles of those who work at a desk: these a colleague may stand in for.
AT_DESKS = frozenset({Role.STEWARD, Role.REVIEWER})

# A community runs the rounds of its stairwells too: most have nobody with an account.
# These are held for exactly the region of the grant; all others for its whole subtree.
ONLY_HERE = frozenset({P.NOMINATION_REVIEW})

# What only the upper levels do: media and netizens' clues enter at the county or the city (domain 1.12).
LEAST_LEVEL: dict[Permission, int] = {P.CLUE_TRIAGE: 4}

# The levels a role can be held at (5 市 … 1 楼道).
LEVELS: dict[Role, frozenset[int]] = {
    Role.STEWARD: frozenset({1}),
    Role.REVIEWER: frozenset({2, 3, 4, 5}),
    Role.REGION_ADMIN: frozenset({2, 3, 4}),
    Role.CITY_ADMIN: frozenset({5}),
    Role.ORGANISER: frozenset({2, 3, 4, 5}),
    Role.AUDITOR: frozenset({2, 3, 4, 5}),
}


@dataclass(frozen=True)
class Held:
    """One running grant, as values."""

    role: Role
    region_id: int
    path: str
    level: int
    # Whose grant it is, where somebody stands in for a colleague (代).
    for_id: int | None = None
    for_name: str = ""
    # Asked by a request that only reads: then `READS` counts too.
    is_reading: bool = False

    def gives(self, permission: Permission) -> bool:
        """Whether this grant brings the permission: by its role, and where only upper levels have it, by its level."""
        if self.is_reading and permission in READS.get(self.role, frozenset()):
            return True
        return permission in TABLE[self.role] and self.level >= LEAST_LEVEL.get(permission, 1)


@dataclass(frozen=True)
class Actor:
    """Whoever does a deed. `kin` are the ids of persons related to or living with the actor's person, and their own."""

    user_id: int | None
    person_id: int | None = None
    name: str = ""
    grants: tuple[Held, ...] = ()
    kin: frozenset[int] = frozenset()
    is_machine: bool = False

    def paths_for(self, permission: Permission) -> tuple[str, ...]:
        """The region paths where the actor holds the permission, without ones that lie inside another."""
        paths = sorted({g.path for g in self.grants if g.gives(permission)})
        if permission in ONLY_HERE:
            return tuple(paths)
        return tuple(p for p in paths if not any(p != q and p.startswith(q) for q in paths))

    def stands_in_at(self, permission: Permission, path: str) -> Held | None:
        """The colleague's grant the actor uses at this region, None where their own suffices."""
        here = [g for g in self.grants if g.gives(permission) and (path == g.path if permission in ONLY_HERE else path.startswith(g.path))]
        return None if any(g.for_id is None for g in here) else next(iter(here), None)

    def reading(self) -> Actor:
        """The same for a request that changes nothing."""
        return replace(self, grants=tuple(replace(g, is_reading=True) for g in self.grants)) if self.grants else self

    @property
    def only_reads(self) -> bool:
        """Whether nothing at any desk is theirs to change."""
        return bool(self.grants) and all(g.role in READS for g in self.grants)

    @property
    def stands_in_for(self) -> tuple[str, ...]:
        """The names of those the actor stands in for today."""
        return tuple(dict.fromkeys(g.for_name for g in self.grants if g.for_id is not None))

    def holds(self, permission: Permission) -> bool:
        """Whether the actor holds the permission anywhere."""
        return any(g.gives(permission) for g in self.grants)


NOBODY = Actor(user_id=None)
MACHINE = Actor(user_id=None, name="system", is_machine=True)


class Part(StrEnum):
    """What a person is to a matter that others decide."""

    NOMINEE = "nominee"
    NOMINATOR = "nominator"
    ENTERER = "enterer"  # wrote it down for somebody
    CONCERNED = "concerned"  # whose hours, honour, good or certificate it is


# Said to whoever stays out, of themselves: never who else is a party, nor on which side somebody of theirs stands.
RECUSED_BECAUSE: dict[Part | None, LazyString] = {
    Part.NOMINEE: _l("您就是被推荐的人。"),
    Part.NOMINATOR: _l("您是推荐人。"),
    Part.ENTERER: _l("这件是您替别人录的，录的人不能再定。"),
    Part.CONCERNED: _l("这是您自己的。"),
    None: _l("您和当事人是亲属、有监护关系，或者住在一家。"),
}
Parties = Mapping[int, Part]
NO_PARTIES: Parties = MappingProxyType({})


def concerned(person_id: int) -> Parties:
    """The one person whom a matter concerns."""
    return {person_id: Part.CONCERNED}


def may(actor: Actor, permission: Permission, path: str, parties: Parties = NO_PARTIES) -> bool:
    """Whether the actor may do this at the region with `path`, in a matter whose persons are `parties`."""
    if actor.is_machine:
        return True
    if is_recused(actor, parties):
        return False
    paths = actor.paths_for(permission)
    if permission in ONLY_HERE:
        return path in paths
    return any(path.startswith(p) for p in paths)


def is_recused(actor: Actor, parties: Parties) -> bool:
    """Whether the actor is a party, or kin or household of one (回避)."""
    return not actor.kin.isdisjoint(parties) or (actor.person_id is not None and actor.person_id in parties)


def why_recused(actor: Actor, parties: Parties) -> LazyString | None:
    """The one ground that keeps the actor out, in a sentence for them; none, where nothing does."""
    if not is_recused(actor, parties):
        return None
    return RECUSED_BECAUSE[parties.get(actor.person_id) if actor.person_id is not None else None]


def demand_not_recused(actor: Actor, parties: Parties, name: str = "") -> None:
    """Refuse whoever stays out of a matter, with their ground; `name` tells which of several it is."""
    why = why_recused(actor, parties)
    if why is not None:
        raise NotAllowed("recused", _l("%(name)s这件要您回避：%(why)s请转给别的同志办。", name=name, why=why))


def demand(actor: Actor, permission: Permission, path: str, parties: Parties = NO_PARTIES) -> None:
    """Refuse with the reason, unless the actor may."""
    if may(actor, permission, path, parties):
        return
    demand_not_recused(actor, parties)
    if actor.holds(permission):
        raise NotAllowed("not_here", _l("这件不在您手上，您可以看，不能办。"))
    raise NotAllowed("not_permitted", _l("您的账号没有办这件事的权限。需要的话，请找给您开通账号的同志。"))


def out_of_reach() -> NotFound:
    """The refusal for what lies outside the actor's regions: the same as for what does not exist."""
    return NotFound("not_found", _l("没有找到。可能是网址不对，也可能不归您这里管。"))
