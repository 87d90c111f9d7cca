from __future__ import annotations

import pytest

from hoitu.core.access import (
    PUBLIC,
    ROLES,
    SYSTEM,
    Actor,
    Grant,
    PermissionDenied,
    Permissions,
    UnknownPermission,
    public,
    requires,
)
from hoitu.core.web.access import UndeclaredAccess, check_declared, declared_access

MINE, OTHER = 1, 2
#: Role -> what it may do with content, and what of the platform.
RIGHTS = {
    "editor": ({"create", "edit"}, {"desk"}),
    "reviewer": ({"create", "edit", "review"}, {"desk"}),
    "approver": ({"create", "edit", "review", "publish"}, {"desk"}),
    "unit_admin": (
        {"create", "edit", "review", "publish", "delete"},
        {"desk", "modules", "accounts", "audit"},
    ),
    "emergency_publisher": ({"announce"}, set()),
    "platform_admin": (
        {"create", "edit", "review", "publish", "delete", "announce"},
        {"desk", "modules", "accounts", "audit", "units", "plugins"},
    ),
}
VERBS = ("create", "edit", "review", "publish", "delete", "announce", "explode")
CORE = ("desk", "modules", "accounts", "audit", "units", "plugins", "edit")


def actor(*grants: tuple[str, int | None] | tuple[str, int | None, str]) -> Actor:
    return Actor(7, "Người thử", frozenset(Grant(*grant) for grant in grants))


def test_every_role_is_covered() -> None:
    assert set(RIGHTS) == set(ROLES)


@pytest.mark.parametrize("role", RIGHTS)
def test_a_role_allows_this_and_nothing_else(role: str) -> None:
    verbs, core = RIGHTS[role]
    who = actor((role, MINE))
    assert {v for v in VERBS if who.can(f"news.{v}", MINE)} == verbs
    assert {n for n in CORE if who.can(f"core.{n}", MINE)} == core
    assert who.can("core.password", MINE)
    for permission in (*(f"news.{v}" for v in VERBS), *(f"core.{n}" for n in CORE)):
        assert not who.can(permission, OTHER)
        assert not who.can(permission, None)


def test_a_role_without_a_unit_holds_everywhere() -> None:
    who = actor(("editor", None))
    assert who.can("news.edit", MINE)
    assert who.can("news.edit", OTHER)
    assert who.unit_ids() is None


def test_roles_in_several_units_add_up_but_do_not_mix() -> None:
    who = actor(("editor", MINE), ("approver", OTHER))
    assert not who.can("news.publish", MINE)
    assert who.can("news.publish", OTHER)
    assert who.unit_ids() == {MINE, OTHER}


def test_a_role_in_one_section_holds_for_its_content_only() -> None:
    who = actor(("approver", MINE, "news"), ("editor", MINE, "plans"))
    assert who.can("news.publish", MINE)
    assert who.can("plans.edit", MINE)
    assert not who.can("plans.publish", MINE)
    assert not who.can("documents.edit", MINE)
    assert not who.can("news.publish", OTHER)
    assert not who.can("news.publish", None)


def test_whoever_works_in_one_section_enters_the_desk_and_keeps_nothing_of_the_unit() -> None:
    who = actor(("unit_admin", MINE, "news"))
    assert {n for n in CORE if who.can(f"core.{n}", MINE)} == {"desk"}
    assert who.can("news.delete", MINE)


@pytest.mark.parametrize("grants", [(), (("a role of another release", MINE),)])
def test_nothing_is_allowed_unless_a_known_role_says_so(grants: tuple[tuple[str, int]]) -> None:
    who = actor(*grants)
    assert not who.can("news.edit", MINE)
    with pytest.raises(PermissionDenied, match=r"news\.edit"):
        who.demand("news.edit", MINE)


def test_the_system_may_do_everything() -> None:
    SYSTEM.demand("core.units", None)
    assert SYSTEM.unit_ids() is None


def test_a_permission_nobody_declared_is_refused_loudly() -> None:
    known = Permissions()
    known.declare(["news.edit"])
    known.check_known("news.edit")
    with pytest.raises(UnknownPermission, match=r"news\.edti"):
        known.check_known("news.edti")
    assert "core.desk" in known.all()


def test_a_view_declares_its_access_or_cannot_be_used() -> None:
    known = Permissions()

    @public
    def open_to_all() -> None: ...

    @requires("core.desk")
    def staff() -> None: ...

    @requires("core.dask")
    def mistyped() -> None: ...

    def forgotten() -> None: ...

    assert declared_access(open_to_all) == PUBLIC
    assert declared_access(staff) == "core.desk"
    check_declared({"a": open_to_all, "b": staff}, known)
    for view, named in ((mistyped, "core.dask"), (forgotten, "public")):
        with pytest.raises(UndeclaredAccess, match=f"route x:.*{named}"):
            check_declared({"a": open_to_all, "x": view}, known)
