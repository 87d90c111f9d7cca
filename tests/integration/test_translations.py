"""Languages: translations of items, what is read where there is none, and what the law wants."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import date, timedelta
from threading import Barrier, Thread
from typing import Any
from xml.etree import ElementTree

import pytest
from sqlalchemy import select

from hoitu.core.access import SYSTEM, PermissionDenied
from hoitu.core.access.audit import AuditEntry
from hoitu.core.content import ActionContext, Item, Refused, ScheduledStep, actions
from hoitu.core.content.actions.purging import KEPT, purge
from hoitu.core.events import OutboxEntry
from hoitu.core.extensions import Platform
from hoitu.core.search import SearchQuery
from hoitu.core.testing.fixtures import Site
from hoitu.core.testing.markup import Page
from hoitu.core.units import Unit, unit_scope
from hoitu.core.web.language_duties import missing_pages

Desk = Callable[..., AbstractContextManager[ActionContext]]
Open = Callable[..., Site]
SITEMAP = "{http://www.sitemaps.org/schemas/sitemap/0.9}"
XHTML = "{http://www.w3.org/1999/xhtml}"
ARTICLE: dict[str, Any] = {
    "requirement": "unit_activities",
    "genre": "news",
    "title": "Khởi công cầu mới",
    "summary": "Công trình nối hai bờ sông.",
    "body": "<p>Toàn văn</p>",
    "origin": "own",
}
ENGLISH = {"title": "Work on the new bridge begins", "summary": "It joins both banks."}


@pytest.fixture
def original(publish: Callable[..., int]) -> int:
    return publish("news_article", **ARTICLE)


@pytest.fixture
def translate(desk: Desk) -> Callable[..., int]:
    """Return a function that translates an item into English and publishes that."""

    def make(item_id: int, *, public: bool = True, **values: Any) -> int:
        with desk() as work:
            draft = actions.translate(work, work.session.get_one(Item, item_id), "en")
            actions.edit(work, draft, values or ENGLISH)
            return actions.publish(work, draft).id if public else draft.id

    return make


def alternates(page: str) -> dict[str, str]:
    return {
        e.get("hreflang"): e.get("href")
        for e in Page(page).all("link")
        if e.get("rel") == "alternate" and e.get("hreflang")
    }


def canonical(page: str) -> str:
    return next(e.get("href") for e in Page(page).all("link") if e.get("rel") == "canonical")


# -- the action -----------------------------------------------------------------------------------


def test_a_translation_is_a_draft_with_the_text_and_its_own_language(
    desk: Desk, original: int
) -> None:
    with desk() as work:
        before = work.session.get_one(Item, original).version
        draft = actions.translate(work, work.session.get_one(Item, original), "en")
        assert (draft.state, draft.language, draft.title) == ("draft", "en", "Khởi công cầu mới")
        assert draft.original_id == original
        assert draft.is_translation
        draft_id = draft.id
    with desk() as work:
        item = work.session.get_one(Item, original)
        assert item.original_id == original
        assert not item.is_translation
        assert item.version == before
        assert work.session.get_one(Item, draft_id).uid != item.uid


@pytest.mark.parametrize("language", ["vi", "fr", ""])
def test_only_into_another_language_of_the_site(desk: Desk, original: int, language: str) -> None:
    with desk() as work, pytest.raises(Refused):
        actions.translate(work, work.session.get_one(Item, original), language)


def test_once_into_each_language_and_never_from_a_translation(
    desk: Desk, original: int, translate: Callable[..., int]
) -> None:
    translation = translate(original)
    with desk() as work:
        for item_id, language in ((original, "en"), (translation, "vi"), (translation, "en")):
            with pytest.raises(Refused):
                actions.translate(work, work.session.get_one(Item, item_id), language)
    with desk() as work:
        actions.unpublish(work, work.session.get_one(Item, translation), "Thử")
        actions.trash(work, work.session.get_one(Item, translation))
    assert translate(original) != translation


@pytest.mark.both_databases
def test_two_who_begin_at_the_same_moment_make_one_translation(
    app: Any, platform: Platform, unit: Unit, original: int
) -> None:
    together, outcomes = Barrier(2), []

    def begin() -> None:
        with (
            app.test_request_context(base_url=f"http://{unit.hosts[-1].name}"),
            unit_scope(unit.id),
            platform.open_session(True) as session,
        ):
            work = ActionContext.of(platform, session, SYSTEM, unit)
            together.wait(10)
            try:
                actions.translate(work, session.get_one(Item, original), "en")
                session.commit()
                outcomes.append("begun")
            except Refused:
                outcomes.append("refused")

    threads = [Thread(target=begin) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert sorted(outcomes) == ["begun", "refused"]


def test_throwing_away_a_draft_of_ones_own_leaves_the_translation_of_another(
    desk: Desk, hire: Callable[..., int], acting: Callable[..., Any]
) -> None:
    mine, other = hire("một", "editor"), hire("hai", "editor")
    with acting(mine) as work:
        draft = actions.create(work, "news_article", ARTICLE).id
    with acting(other) as work:
        theirs = actions.translate(work, work.session.get_one(Item, draft), "en").id
    with acting(mine) as work, pytest.raises(Refused) as caught:
        actions.trash(work, work.session.get_one(Item, draft))
    assert "translation" in str(caught.value.problems[0].message)
    with desk() as work:
        assert {work.session.get_one(Item, i).state for i in (draft, theirs)} == {"draft"}
    with acting(other) as work:
        actions.trash(work, work.session.get_one(Item, theirs))
    with acting(mine) as work:
        actions.trash(work, work.session.get_one(Item, draft))


def test_what_visitors_sent_is_not_translated(desk: Desk) -> None:
    with desk() as work:
        item, _new = actions.receive(
            work, "question",
            {"topic": "land", "title": "Lệ phí", "question": "Bao nhiêu?", "may_publish": True},
            key="0" * 32,
        )  # fmt: skip
        with pytest.raises(Refused):
            actions.translate(work, item, "en")


def test_it_takes_the_right_to_write(desk: Desk, original: int) -> None:
    with desk(role="emergency_publisher") as work, pytest.raises(PermissionDenied):
        actions.translate(work, work.session.get_one(Item, original), "en")


# -- what visitors read ---------------------------------------------------------------------------


def test_lists_show_the_version_of_the_language_once(
    site: Open, original: int, translate: Callable[..., int], publish: Callable[..., int]
) -> None:
    publish("news_article", **{**ARTICLE, "title": "Chỉ có tiếng Việt"})
    translate(original)
    vi, en = site().get("/tin-tuc").text, site().get("/en/tin-tuc").text
    assert "Khởi công cầu mới" in vi
    assert ENGLISH["title"] not in vi
    assert ENGLISH["title"] in en
    assert "Khởi công cầu mới" not in en
    rows = [e for e in Page(en).all("li") if "row" in e.get("class").split()]
    assert {e.get("lang") for e in rows} == {"", "vi"}
    assert "2 results" in en
    assert "in the language in which it was written" in en


def test_a_translation_that_is_not_public_is_nowhere(
    site: Open, original: int, translate: Callable[..., int]
) -> None:
    draft = translate(original, public=False)
    assert "Khởi công cầu mới" in site().get("/en/tin-tuc").text
    page = site().get(f"/en/tin-tuc/{original}", follow_redirects=True)
    assert page.status_code == 200
    assert alternates(page.text) == {}
    assert site().get(f"/en/tin-tuc/{draft}").status_code == 404


def test_the_switch_of_languages_leads_to_the_other_version(
    site: Open, original: int, translate: Callable[..., int]
) -> None:
    translation = translate(original)
    vi = site().get(f"/tin-tuc/{original}", follow_redirects=True)
    switch = {e.get("hreflang"): e.get("href") for e in Page(vi.text).all("a") if e.get("hreflang")}
    en = site().get(switch["en"], follow_redirects=True)
    assert en.request.path == f"/en/tin-tuc/{translation}-work-on-the-new-bridge-begins"
    assert ENGLISH["title"] in en.text
    back = {e.get("hreflang"): e.get("href") for e in Page(en.text).all("a") if e.get("hreflang")}
    again = site().get(back["vi"], follow_redirects=True)
    assert again.request.path == vi.request.path


def test_each_version_names_the_other_and_itself(
    site: Open, original: int, translate: Callable[..., int]
) -> None:
    translation = translate(original)
    addresses = {
        "vi": f"https://mot.test/tin-tuc/{original}-khoi-cong-cau-moi",
        "en": f"https://mot.test/en/tin-tuc/{translation}-work-on-the-new-bridge-begins",
    }
    for path, tongue in ((f"/tin-tuc/{original}", "vi"), (f"/en/tin-tuc/{translation}", "en")):
        page = site().get(path, follow_redirects=True).text
        assert canonical(page) == addresses[tongue]
        assert alternates(page) == {**addresses, "x-default": addresses["vi"]}
        assert "only-in" not in page


def test_without_a_translation_the_page_says_so_and_belongs_to_the_original(
    site: Open, original: int
) -> None:
    page = site().get(f"/en/tin-tuc/{original}", follow_redirects=True).text
    assert "This page is available in Vietnamese only." in page
    assert canonical(page) == f"https://mot.test/tin-tuc/{original}-khoi-cong-cau-moi"
    assert alternates(page) == {}
    assert [e.get("lang") for e in Page(page).all("h1")] == ["vi"]
    own = site().get(f"/tin-tuc/{original}", follow_redirects=True).text
    assert "only-in" not in own
    assert alternates(own) == {}


def test_a_page_written_in_both_languages_has_both_addresses(
    site: Open, publish: Callable[..., int]
) -> None:
    item = publish(
        "agency_page", requirement="functions_duties", title="Chức năng", body="<p>Việc</p>",
        body_en="<p>Duties</p>",
    )  # fmt: skip
    page = site().get(f"/en/gioi-thieu/{item}", follow_redirects=True).text
    assert canonical(page) == f"https://mot.test/en/gioi-thieu/{item}-chuc-nang"
    assert set(alternates(page)) == {"vi", "en", "x-default"}
    assert "only-in" not in page


def test_a_translation_of_what_was_withdrawn_is_on_no_list(
    site: Open, desk: Desk, original: int, translate: Callable[..., int]
) -> None:
    translate(original)
    with desk() as work:
        actions.unpublish(work, work.session.get_one(Item, original), "Thử")
    for path in ("/tin-tuc", "/en/tin-tuc", "/en/feed.atom", "/en/sitemap.xml"):
        assert ENGLISH["title"] not in site().get(path).text


def test_feeds_and_data_follow_the_language(
    site: Open, original: int, translate: Callable[..., int]
) -> None:
    translate(original)
    for path in ("feed.atom", "tin-tuc/feed.atom", "tin-tuc/data.json", "tin-tuc/data.csv"):
        assert ENGLISH["title"] not in site().get(f"/{path}").text, path
        english = site().get(f"/en/{path}").text
        assert ENGLISH["title"] in english, path
        assert "Khởi công cầu mới" not in english, path


def test_the_site_map_names_the_versions_of_a_page(
    site: Open, original: int, translate: Callable[..., int], publish: Callable[..., int]
) -> None:
    other = publish("news_article", **{**ARTICLE, "title": "Một"})
    translation = translate(original)
    root = ElementTree.fromstring(site().get("/sitemap.xml").data)
    found = {
        entry.findtext(SITEMAP + "loc"): {
            link.get("hreflang"): link.get("href") for link in entry.iter(XHTML + "link")
        }
        for entry in root.iter(SITEMAP + "url")
    }
    versions = {
        "vi": f"https://mot.test/tin-tuc/{original}-khoi-cong-cau-moi",
        "en": f"https://mot.test/en/tin-tuc/{translation}-work-on-the-new-bridge-begins",
    }
    assert found[versions["vi"]] == found[versions["en"]] == versions
    assert found[f"https://mot.test/tin-tuc/{other}-mot"] == {}
    assert len(found) == len(list(root.iter(SITEMAP + "url")))


def test_a_search_in_the_list_finds_either_wording(
    site: Open, original: int, translate: Callable[..., int], drain: Callable[[], None]
) -> None:
    translate(original)
    drain()
    for words in ("bridge", "cau moi"):
        page = site().get("/en/tin-tuc", query_string={"q": words}).text
        assert ENGLISH["title"] in page, words


# -- the desk -------------------------------------------------------------------------------------


def test_the_desk_begins_a_translation_and_leads_from_one_to_the_other(
    staff: Any, original: int, desk: Desk
) -> None:
    editor = staff("editor")
    page = editor.open(f"/quan-tri/news_article/{original}")
    form = next(form for form in page.forms if form.action.endswith("/dich"))
    assert form.values["language"] == ["en"]
    answer = editor.send(form)
    assert answer.status == 303
    draft = editor.open(answer.response.location)
    assert f"/quan-tri/news_article/{original}" in draft.text
    assert not [form for form in draft.forms if form.action.endswith("/dich")]
    with desk() as work:
        made = work.session.get_one(Item, int(answer.response.location.rpartition("/")[2]))
        assert (made.language, made.original_id) == ("en", original)
    assert editor.send(form).status == 422


def test_who_may_not_write_cannot_translate(staff: Any, original: int) -> None:
    viewer = staff("emergency_publisher")
    page = viewer.open(f"/quan-tri/news_article/{original}")
    assert not [form for form in page.forms if form.action.endswith("/dich")]
    answer = viewer.post(f"/quan-tri/news_article/{original}/dich", language="en")
    assert answer.status in (403, 404)


# -- what the law wants ---------------------------------------------------------------------------


def missing(platform: Platform, unit: Unit, day: date | None = None) -> set[str]:
    with platform.open_session(False) as session:
        found = missing_pages(platform, session, unit, day or platform.clock.today())
        return {page.requirement.id for page in found}


def test_pages_that_must_be_in_english_are_missing_until_they_are(
    platform: Platform, unit: Unit, publish: Callable[..., int], translate: Callable[..., int]
) -> None:
    every = {
        "functions_duties", "organisational_structure", "staff_directory", "contact_information",
    }  # fmt: skip
    assert missing(platform, unit) == every
    page = {"requirement": "functions_duties", "title": "Chức năng", "body": "<p>Việc</p>"}
    publish("agency_page", **page)
    assert missing(platform, unit) == every
    publish("agency_page", **{**page, "body_en": "<p>Duties</p>"})
    assert missing(platform, unit) == every - {"functions_duties"}
    contact = publish("contact_point", address="Số 1 đường Thử", phone="0234 123 456")
    draft = translate(contact, public=False, address="1 Thu street")
    assert "contact_information" in missing(platform, unit)
    assert draft
    other = publish("contact_point", address="Số 2 đường Thử", phone="0234 123 457")
    translate(other, address="2 Thu street")
    assert "contact_information" not in missing(platform, unit)


def test_units_the_law_does_not_name_owe_none(platform: Platform, units: Any) -> None:
    assert missing(platform, units("don-vi-su-nghiep")) == set()
    assert missing(platform, units("huyen-cu")) == set()


def test_the_english_contact_page_shows_the_translation(
    site: Open, publish: Callable[..., int], translate: Callable[..., int]
) -> None:
    translate(
        publish("contact_point", address="Số 1 đường Thử", phone="0234 123 456"),
        address="1 Thu street",
    )
    vi, en = site().get("/gioi-thieu/lien-he").text, site().get("/en/gioi-thieu/lien-he").text
    assert "Số 1 đường Thử" in vi
    assert "1 Thu street" not in vi
    assert "1 Thu street" in en
    assert "Số 1 đường Thử" not in en


def test_the_desk_names_what_is_missing_to_who_can_write_it(staff: Any) -> None:
    told = "Các trang còn thiếu bản tiếng Anh"
    assert told in staff("editor").open("/quan-tri/").text
    assert told not in staff("emergency_publisher").open("/quan-tri/").text


# -- days -----------------------------------------------------------------------------------------


def updated(page: str) -> str:
    line = page.partition('<p class="updated">')[2].partition("</p>")[0]
    return " ".join("".join(part.partition(">")[2] for part in f">{line}".split("<")).split())


def test_lists_and_pages_tell_when_they_changed_and_were_looked_at(
    site: Open, desk: Desk, original: int, publish: Callable[..., int], clock: Any
) -> None:
    assert updated(site().get("/tin-tuc").text) == "Cập nhật ngày 23/11/2026"
    clock.move(timedelta(days=2))
    publish("news_article", **{**ARTICLE, "requirement": "leader_activities", "title": "Hai"})
    assert updated(site().get("/tin-tuc").text) == "Cập nhật ngày 25/11/2026"
    one = "/tin-tuc?nhom=unit_activities"
    assert updated(site().get(one).text) == "Cập nhật ngày 23/11/2026"
    with desk() as work:
        actions.confirm_review(work, work.session.get_one(Item, original), None)
    told = "Cập nhật ngày 23/11/2026 · rà soát ngày 25/11/2026"
    assert updated(site().get(one).text) == told
    assert updated(site().get(f"/tin-tuc/{original}", follow_redirects=True).text) == told


def test_an_empty_list_tells_no_day(site: Open) -> None:
    assert updated(site().get("/tin-tuc").text) == ""


def test_a_page_of_many_parts_tells_the_newest_day_of_them(
    site: Open, publish: Callable[..., int], clock: Any
) -> None:
    path = "/gioi-thieu/lien-he"
    assert updated(site().get(path).text) == ""
    publish("contact_point", address="Số 1 đường Thử", phone="0234 123 456")
    clock.move(timedelta(days=1))
    publish("hotline", purpose="Phản ánh", phone="1900 1075")
    clock.move(timedelta(days=1))
    publish("news_article", **ARTICLE)
    assert updated(site().get(path).text) == "Cập nhật ngày 24/11/2026"
    assert updated(site().get("/en" + path).text) == "Updated on 24/11/2026"


# -- a translation never outlives its original ----------------------------------------------------


def state(desk: Desk, item_id: int) -> str:
    with desk() as work:
        return work.session.get_one(Item, item_id).state


def step(desk: Desk, item_id: int, name: str, **details: Any) -> None:
    with desk() as work:
        item = work.session.get_one(Item, item_id)
        actions.advance(work, item, name, "Thử", actions.StepDetails(**details))


def refusal(desk: Desk, item_id: int, name: str, **details: Any) -> str:
    with desk() as work, pytest.raises(Refused) as refused:
        item = work.session.get_one(Item, item_id)
        actions.advance(work, item, name, "Thử", actions.StepDetails(**details))
    return "; ".join(str(problem) for problem in refused.value.problems)


@pytest.mark.parametrize("name", ["unpublish", "archive"])
def test_what_leaves_the_site_leaves_it_in_every_language(
    site: Open, desk: Desk, original: int, translate: Callable[..., int], name: str,
    drain: Callable[[], None], platform: Platform,
) -> None:  # fmt: skip
    translation = translate(original)
    drain()
    assert ENGLISH["title"] in site().get("/en/tim-kiem?q=bridge").text
    step(desk, original, name)
    assert state(desk, translation) == state(desk, original) != "published"
    assert site().get(f"/en/tin-tuc/{translation}").status_code == 404
    assert site().get(f"/bai/{translation}").status_code == 404
    with desk() as work:
        told = select(AuditEntry.action).where(AuditEntry.object_id == str(translation))
        assert f"item.{name}" in work.session.scalars(told).all()
        gone = select(OutboxEntry.payload).where(OutboxEntry.kind == "ItemUnpublished")
        left = {payload["item_id"] for payload in work.session.scalars(gone)}
        assert left == {original, translation}
    drain()
    assert platform.search.search(SearchQuery("bridge")).hits == ()


def test_a_draft_of_a_translation_stays_on_the_desk(
    desk: Desk, original: int, translate: Callable[..., int]
) -> None:
    draft = translate(original, public=False)
    step(desk, original, "unpublish")
    assert state(desk, draft) == "draft"


def test_a_translation_may_leave_alone(
    desk: Desk, original: int, translate: Callable[..., int]
) -> None:
    translation = translate(original)
    step(desk, translation, "unpublish", withdrawn_to=original)
    assert (state(desk, original), state(desk, translation)) == ("published", "unpublished")


def test_nobody_is_led_to_what_leaves_as_well(
    desk: Desk, original: int, translate: Callable[..., int]
) -> None:
    translation = translate(original)
    told = refusal(desk, original, "unpublish", withdrawn_to=translation)
    assert "một bài khác đang công khai" in told
    assert state(desk, original) == state(desk, translation) == "published"


def test_a_translation_is_gone_to_the_second_with_its_original(
    site: Open, desk: Desk, original: int, translate: Callable[..., int], clock: Any,
    drain: Callable[[], None],
) -> None:  # fmt: skip
    early = translate(original)
    with desk() as work:
        item = work.session.get_one(Item, original)
        actions.schedule(work, item, "unpublish", work.now() + timedelta(hours=1), "Thử")
    with desk() as work:
        end = work.session.get_one(Item, original).published_until
        assert end is not None
        assert work.session.get_one(Item, early).published_until == end
    assert site().get(f"/bai/{early}").status_code == 302
    clock.move(timedelta(hours=1))
    assert site().get(f"/bai/{early}").status_code == 404
    drain()
    assert state(desk, early) == "unpublished"


def test_a_translation_published_later_ends_as_planned_and_stays_when_that_is_dropped(
    desk: Desk, original: int, translate: Callable[..., int]
) -> None:
    with desk() as work:
        item, at = work.session.get_one(Item, original), work.now() + timedelta(hours=1)
        planned = actions.schedule(work, item, "unpublish", at, "Thử").id
    late = translate(original)
    with desk() as work:
        assert work.session.get_one(Item, late).published_until == at
        actions.cancel(work, work.session.get_one(ScheduledStep, planned))
    with desk() as work:
        assert work.session.get_one(Item, late).published_until is None


def test_only_what_is_public_is_read_in_another_language(
    desk: Desk, original: int, translate: Callable[..., int], clock: Any
) -> None:
    draft = translate(original, public=False)
    step(desk, original, "unpublish")
    assert "Bản gốc" in refusal(desk, draft, "publish")
    step(desk, original, "publish")
    with desk() as work:
        item = work.session.get_one(Item, original)
        actions.schedule(work, item, "unpublish", work.now() + timedelta(hours=1), "Thử")
    clock.move(timedelta(hours=2))
    assert "Bản gốc" in refusal(desk, draft, "publish")


def test_in_the_trash_they_lie_together(
    desk: Desk, original: int, translate: Callable[..., int]
) -> None:
    translation = translate(original)
    step(desk, original, "unpublish")
    step(desk, original, "trash")
    assert state(desk, translation) == "trashed"
    assert "Bản gốc" in refusal(desk, translation, "restore")
    with desk() as work, pytest.raises(Refused):
        actions.translate(work, work.session.get_one(Item, original), "en")
    step(desk, original, "restore")
    step(desk, translation, "restore")
    assert state(desk, translation) == "draft"


def test_what_is_left_of_a_purged_original_never_comes_back(
    site: Open, desk: Desk, original: int, translate: Callable[..., int], clock: Any
) -> None:
    translation = translate(original)
    step(desk, original, "unpublish")
    step(desk, original, "trash")
    clock.move(KEPT)
    with desk() as work:
        purge(work, work.session.get_one(Item, original))
    assert "Bản gốc" in refusal(desk, translation, "restore")
    assert ENGLISH["title"] not in site().get("/tin-tuc").text
    with desk() as work:
        purge(work, work.session.get_one(Item, translation))


def test_a_translation_is_not_restored_beside_another(
    desk: Desk, original: int, translate: Callable[..., int]
) -> None:
    first = translate(original, public=False)
    step(desk, first, "trash")
    second = translate(original)
    assert "bản dịch khác" in refusal(desk, first, "restore")
    step(desk, second, "unpublish")
    step(desk, second, "trash")
    step(desk, first, "restore")
    assert state(desk, first) == "draft"


def test_what_is_written_in_a_language_is_not_translated_into_it(
    desk: Desk, staff: Any, publish: Callable[..., int]
) -> None:
    item = publish(
        "agency_page", requirement="functions_duties", title="Chức năng", body="<p>Việc</p>",
        body_en="<p>Duties</p>",
    )  # fmt: skip
    with desk() as work, pytest.raises(Refused):
        actions.translate(work, work.session.get_one(Item, item), "en")
    page = staff("editor").open(f"/quan-tri/agency_page/{item}")
    assert not [form for form in page.forms if form.action.endswith("/dich")]


# -- where links lead, and what is told once ------------------------------------------------------


def test_an_address_of_a_translation_leads_to_it_from_either_language(
    site: Open, original: int, translate: Callable[..., int]
) -> None:
    translation = translate(original)
    path = f"/en/tin-tuc/{translation}-work-on-the-new-bridge-begins"
    for asked in (f"/bai/{translation}", f"/en/bai/{translation}"):
        assert site().get(asked).location == path
    page = site().get(f"/bai/{translation}", follow_redirects=True)
    assert ENGLISH["title"] in page.text


@pytest.fixture
def found(
    site: Open, original: int, translate: Callable[..., int], drain: Callable[[], None]
) -> tuple[int, int]:
    """Publish an item in two languages whose titles share a word; return the ids."""
    translation = translate(original, title="Work on the bridge of Khởi công begins")
    drain()
    return original, translation


def test_search_tells_of_what_is_in_two_languages_once(site: Open, found: tuple[int, int]) -> None:
    original, translation = found
    for prefix, shown, hidden in (("", original, translation), ("/en", translation, original)):
        page = site().get(f"{prefix}/tim-kiem?q=khoi+cong").text
        rows = site().get(f"{prefix}/goi-y?q=khoi+cong").json["rows"]
        paths = " ".join([page, *(row["path"] for row in rows)])
        assert paths.count(f"{prefix}/tin-tuc/{shown}-") >= 2, prefix
        assert f"/tin-tuc/{hidden}-" not in paths, prefix


def test_a_hit_in_another_language_opens_in_that(site: Open, found: tuple[int, int]) -> None:
    path = f"/en/tin-tuc/{found[1]}-work-on-the-bridge-of-khoi-cong-begins"
    assert f'href="{path}"' in site().get("/tim-kiem?q=bridge").text
    assert site().get("/goi-y?q=bridge").json["rows"][0]["path"] == path


def test_a_feed_of_words_finds_either_wording_and_no_correction(
    site: Open, original: int, translate: Callable[..., int], drain: Callable[[], None]
) -> None:
    translate(original)
    drain()
    for words in ("bridge", "cau moi"):
        page = site().get("/en/feed.atom", query_string={"q": words}).text
        assert ENGLISH["title"] in page, words
    assert "Khởi công" in site().get("/tim-kiem?q=khoi+congg").text
    assert "<entry>" not in site().get("/feed.atom?q=khoi+congg").text


HOME: dict[str, dict[str, Any]] = {
    "news_article": ARTICLE,
    "plan": {
        "requirement": "plans", "kind": "action", "title": "Kế hoạch cải cách",
        "decision": "7/KH-UBND", "issued_on": date(2026, 1, 15), "year_from": 2026,
    },
    "topic": {
        "title": "Chuyển đổi số", "starts_on": "01/11/2026", "mandate": "Chuyển đổi số",
    },
    "emergency_notice": {
        "title": "Bão số 5", "severity": "warning", "area": "Toàn phường", "body": "<p>Bão</p>",
        "starts_at": "2026-11-23T08:00", "ends_at": "2026-11-30T08:00",
    },
}  # fmt: skip


@pytest.mark.parametrize("name", sorted(HOME))
def test_the_home_page_speaks_the_language_of_the_visitor(
    site: Open, publish: Callable[..., int], translate: Callable[..., int], name: str
) -> None:
    translate(publish(name, **HOME[name]), title="Told in English")
    vi, en = site().get("/").text, site().get("/en/").text
    assert HOME[name]["title"] in vi
    assert "Told in English" not in vi
    assert "Told in English" in en
    assert HOME[name]["title"] not in en


def test_a_site_map_costs_the_same_however_many_pages_tell_their_languages(
    site: Open, publish: Callable[..., int], statements: Callable[[], list[str]]
) -> None:
    def cost() -> int:
        site().get("/sitemap.xml")
        statements()
        assert "/en/gioi-thieu/" in site().get("/sitemap.xml").text
        return len(statements())

    page = {"requirement": "functions_duties", "body": "<p>Việc</p>", "body_en": "<p>Duties</p>"}
    publish("agency_page", title="Một", **page)
    few = cost()
    for number in range(4):
        publish("agency_page", title=f"Trang {number}", **page)
    assert cost() == few
