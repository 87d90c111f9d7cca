from __future__ import annotations

import re
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import date, timedelta
from typing import Any
from xml.etree import ElementTree

import pytest
from sqlalchemy import func, select

from hoitu.core.clock import FrozenClock
from hoitu.core.content import ActionContext, Item, Refused, actions
from hoitu.core.testing.fixtures import Site
from hoitu.core.testing.visitors import unseen
from hoitu.core.text import plain
from hoitu.core.units import Unit
from hoitu.sections.legal_documents.consultations import (
    ConsultationComment,
    DraftConsultation,
    state_is,
)
from hoitu.sections.legal_documents.vocabularies import CONSULTATION_STATES

Open = Callable[..., Site]
Publish = Callable[..., int]
Desk = Callable[..., AbstractContextManager[ActionContext]]

LIST = "/van-ban/lay-y-kien"
STATUS = f"{LIST}/gop-y"
TODAY = date(2026, 11, 23)
ARTICLES = [
    {"heading": "Điều 1. Phạm vi", "text": "Quy chế này áp dụng cho phường."},
    {"heading": "Điều 2. Thời hạn", "text": "Trả lời trong năm ngày."},
]
EXPLAINED = {
    "explanation": "<p>Tiếp thu 2 ý kiến.</p>",
    "explained_on": TODAY - timedelta(days=2),
}
SECRET = {"sender": "Bí Mật Văn Mẫu", "phone": "0234 000 9999", "email": "bimat@mau.example"}


def draft(
    publish: Publish, opens: int = -5, closes: int = 20, at: Unit | None = None, **values: Any
) -> int:
    filled = {
        "title": "Dự thảo Quyết định mẫu",
        "summary": "Về giờ làm việc",
        "kind": "QĐ",
        "level": "province",
        "drafter": "Văn phòng phường",
        "target": "Nhân dân",
        "opens_on": TODAY + timedelta(days=opens),
        "closes_on": TODAY + timedelta(days=closes),
        "articles": ARTICLES,
        **values,
    }
    return publish("draft_consultation", at, **filled)


def page_of(site: Site, item_id: int) -> tuple[str, str]:
    """Return address and text of the page of a draft."""
    answer = site.get(f"{LIST}/{item_id}", follow_redirects=True)
    assert answer.status_code == 200
    return answer.request.path, answer.text


@pytest.fixture
def send(app: Any, site: Open, clock: FrozenClock) -> Callable[..., Any]:
    """Return a function that fills in the form on the page of a draft and sends it."""
    app.config["WTF_CSRF_ENABLED"] = False

    def fill(item_id: int, waits: timedelta = timedelta(seconds=9), **entered: str) -> Any:
        visitor = site()
        path, text = page_of(visitor, item_id)
        clock.move(waits)
        sent = {**unseen(text), "text": "Nên ghi rõ hơn", **entered}
        if "consent" in entered:
            sent["consent-shown"] = "1"
        return visitor.post(path, data=sent)

    return fill


@pytest.fixture
def comments(desk: Desk) -> Callable[[], list[ConsultationComment]]:
    """Return a function that lists the opinions the unit has."""

    def listed() -> list[ConsultationComment]:
        with desk() as work:
            found = list(work.session.scalars(select(ConsultationComment)))
            for comment in found:
                work.session.expunge(comment)
            return found

    return listed


@pytest.fixture
def take(desk: Desk, comments: Callable[[], list[ConsultationComment]]) -> Callable[..., None]:
    """Return a function that takes a step with the newest opinion, after an edit."""

    def step(name: str, **values: Any) -> None:
        newest = max(comment.id for comment in comments())
        with desk() as work:
            item: Any = work.session.get(Item, newest)
            if values:
                actions.edit(work, item, values)
            actions.advance(work, item, name, "Ghi chú")

    return step


# -- pages ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("opens", "closes", "values", "state", "says"),
    [
        (3, 30, {}, "sap-mo", "26/11/2026"),
        (-20, 0, {}, "dang-mo", "hôm nay là ngày cuối"),
        (0, 20, {}, "dang-mo", "còn 20 ngày"),
        (-30, -1, {}, "cho-giai-trinh", "chậm nhất 22/12/2026"),
        (-90, -40, {}, "cho-giai-trinh", "nay đã quá hạn"),
        (-90, -40, EXPLAINED, "da-giai-trinh", "Tiếp thu 2 ý kiến."),
        (
            -90,
            -40,
            {**EXPLAINED, "resulting_number": "7/2026/QĐ-UBND"},
            "da-ban-hanh",
            "7/2026/QĐ-UBND",
        ),
    ],
)
def test_state_follows_from_the_days(
    site: Open,
    publish: Publish,
    opens: int,
    closes: int,
    values: dict[str, Any],
    state: str,
    says: str,
) -> None:
    item_id = draft(publish, opens, closes, **values)
    assert says in plain(page_of(site(), item_id)[1])
    for term in CONSULTATION_STATES.terms.values():
        shown = "Dự thảo Quyết định mẫu" in site().get(f"{LIST}?trang-thai={term.address}").text
        assert shown is (term.address == state), term.address
    assert ("Gửi góp ý của quý vị" in page_of(site(), item_id)[1]) is (state == "dang-mo")


def test_the_database_and_the_page_agree_on_the_state(desk: Desk, publish: Publish) -> None:
    result = {**EXPLAINED, "resulting_number": "7/2026/QĐ-UBND"}
    for opens, closes, values in (
        (1, 30, {}), (0, 20, {}), (-20, 0, {}), (-21, -1, {}), (-50, -9, EXPLAINED),
        (-50, -9, result),
    ):  # fmt: skip
        draft(publish, opens, closes, **values)
    with desk() as work:
        for day in (TODAY + timedelta(days=n) for n in range(-60, 60, 3)):
            for key in CONSULTATION_STATES.terms:
                chosen = work.session.scalars(select(DraftConsultation).where(state_is(key, day)))
                assert all(found.state_on(day) == key for found in chosen)
            total = select(func.count()).select_from(DraftConsultation)
            parts = [total.where(state_is(key, day)) for key in CONSULTATION_STATES.terms]
            assert sum(work.session.scalar(part) or 0 for part in parts) == 6


def test_a_draft_opens_and_closes_by_the_clock(
    site: Open, publish: Publish, clock: FrozenClock
) -> None:
    item_id = draft(publish, 1, 21)
    seen = []
    for days in (1, 20, 1):
        clock.move(timedelta(days=days))
        seen.append("Gửi góp ý của quý vị" in page_of(site(), item_id)[1])
    assert seen == [True, True, False]


def test_articles_have_their_places(site: Open, publish: Publish) -> None:
    text = page_of(site(), draft(publish))[1]
    for key, row in zip(("dieu-1", "dieu-2"), ARTICLES, strict=True):
        part = text[text.index(f'id="{key}"') :]
        assert row["heading"] in part[:200]
        assert row["text"] in part
        assert f'href="?dieu={key}#phan-gop-y"' in part


def test_the_least_time_is_kept(publish: Publish) -> None:
    with pytest.raises(Refused, match="64/2025/QH15"):
        draft(publish, 0, 19)


def test_a_last_day_is_moved_with_a_reason(site: Open, publish: Publish, desk: Desk) -> None:
    item_id = draft(publish, -60, -10)
    with desk() as work:
        item: Any = work.session.get(Item, item_id)
        actions.edit(work, item, {"closes_on": TODAY + timedelta(days=9)})
        with pytest.raises(Refused, match="13/11/2026"):
            actions.publish(work, item)
    assert "Gửi góp ý của quý vị" not in page_of(site(), item_id)[1]
    with desk() as work:
        item = work.session.get(Item, item_id)
        actions.edit(work, item, {"change_note": "Bổ sung hồ sơ"})
        actions.publish(work, item)
    text = plain(page_of(site(), item_id)[1])
    assert "Trước đây là 13/11/2026. Bổ sung hồ sơ" in text


def test_document_and_consultation_lead_to_each_other(
    site: Open, publish: Publish, units: Callable[[str], Unit]
) -> None:
    province, office = units("tinh"), units("so-thu")
    result = {**EXPLAINED, "resulting_number": "7/2026/QĐ-UBND"}
    came_of = draft(publish, -90, -40, office, **result)
    issued = publish(
        "legal_document",
        province,
        requirement="normative_documents",
        kind="QĐ",
        number="7/2026/QĐ-UBND",
        summary="Về giờ làm việc",
        issuer="UBND tỉnh",
        issued_on=TODAY,
    )
    text = site(office).get(f"{LIST}/{came_of}", follow_redirects=True).text
    assert "quyet-dinh-7-2026-qd-ubnd" in text
    back = site(province).get(f"/van-ban/{issued}", follow_redirects=True).text
    assert f"so.test{LIST}/{came_of}-" in back
    other = publish(
        "legal_document",
        requirement="normative_documents",
        kind="QĐ",
        number="7/2026/QĐ-UBND",
        summary="Của phường",
        issuer="UBND phường",
        issued_on=TODAY,
    )
    assert LIST + f"/{came_of}" not in site().get(f"/van-ban/{other}", follow_redirects=True).text


def test_home_page_leads_to_what_is_open(site: Open, publish: Publish) -> None:
    assert "panel-consultations" not in site().get("/").text
    draft(publish, -30, -2, title="Dự thảo đã đóng")
    later, sooner = draft(publish, title="Dự thảo sau"), draft(publish, -19, 3, title="Dự thảo gấp")
    page = site().get("/").text
    panel = page[page.index('aria-labelledby="panel-consultations"') :]
    panel = panel[: panel.index("</section>")]
    assert "đã đóng" not in panel
    assert panel.index(f"{LIST}/{sooner}-") < panel.index(f"{LIST}/{later}-")
    assert "còn 3 ngày" in plain(panel)
    # A newcomer: home, the draft, its form.
    (path,) = re.findall(rf'href="({LIST}/{sooner}-[^"]+)"', panel)
    assert '<form class="form" method="post"' in site().get(path).text


def test_tabs_and_home_page_speak_english_where_it_is_there(
    site: Open, publish: Publish, desk: Desk
) -> None:
    item_id = draft(publish, title="Dự thảo gấp")
    with desk() as work:
        translation = actions.translate(work, work.session.get_one(Item, item_id), "en")
        actions.publish(work, actions.edit(work, translation, {"title": "Urgent draft"}))
    for path in ("/", f"{LIST}?trang-thai=dang-mo"):
        assert "Urgent draft" not in site().get(path).text, path
        english = site().get(f"/en{path}").text
        assert "Urgent draft" in english, path
        assert "Dự thảo gấp" not in english, path


def test_search_feed_print_json_and_table(
    site: Open, publish: Publish, drain: Callable[[], None]
) -> None:
    item_id = draft(publish)
    drain()
    path, _text = page_of(site(), item_id)
    visitor = site()
    assert path in visitor.get("/tim-kiem?q=gio lam viec").text
    assert path in visitor.get(f"{LIST}?q=giờ làm việc").text
    feed = ElementTree.fromstring(visitor.get(f"{LIST}/feed.atom").data)
    assert len(feed.findall("{http://www.w3.org/2005/Atom}entry")) == 1
    printed = visitor.get(f"{path}/in").text
    assert "Trả lời trong năm ngày." in printed
    assert "form-opened" not in printed
    (entry,) = visitor.get(f"{LIST}/data.json").get_json()["items"]
    assert entry["fields"]["closes_on"] == "2026-12-13"
    assert "articles" not in entry["fields"]
    assert visitor.get(f"{path}.json").get_json()["fields"]["articles"] == ARTICLES
    assert "Văn phòng phường" in visitor.get(f"{LIST}/data.csv").text


def test_nothing_is_there_while_it_is_off(
    site: Open, publish: Publish, send: Callable[..., Any], waive: Callable[..., None],
    take: Callable[..., None],
) -> None:  # fmt: skip
    item_id = draft(publish)
    send(item_id)
    take("publish")
    path, _text = page_of(site(), item_id)
    waive("legal_documents", "draft_consultations")
    for address in (LIST, path, f"{path}/in", f"{LIST}/feed.atom", f"{LIST}/data.csv", STATUS):
        assert site().get(address).status_code == 404, address
    assert site().post(path, data={"text": "Ý kiến"}).status_code == 404
    for address in ("/", "/van-ban", "/sitemap.xml", "/api/v1/draft_consultation"):
        assert path not in site().get(address).text
    assert site().get("/api/v1/consultation_comment").get_json()["items"] == []
    assert f'href="{LIST}"' not in site().get("/").text


def test_menu_leads_to_the_consultations_when_documents_are_off(
    site: Open, waive: Callable[..., None]
) -> None:
    waive("legal_documents", "normative_documents", "administrative_documents")
    page = site().get("/").text
    assert f'href="{LIST}"' in page
    assert 'href="/van-ban"' not in page


@pytest.mark.parametrize(
    "query", ["trang-thai=dang-mo&tu=%00", "trang-thai=la", "tu=x", "loai=QĐ", "dieu=%F0%9F"]
)
def test_odd_addresses_are_answered(site: Open, publish: Publish, query: str) -> None:
    draft(publish)
    assert site().get(f"{LIST}?{query}").status_code == 200


def test_closed_drafts_are_paged(site: Open, publish: Publish) -> None:
    ids = [draft(publish, -60 - n, -20 - n) for n in range(25)]
    seen, path = [], f"{LIST}?trang-thai=cho-giai-trinh"
    while path:
        page = site().get(path).text
        seen += [int(n) for n in re.findall(rf'class="row-title" href="{LIST}/(\d+)-', page)]
        older = re.search(r'class="pager-older" rel="next" href="([^"]+)"', page)
        path = older[1].replace("&amp;", "&") if older else ""
    assert seen == ids


# -- opinions ------------------------------------------------------------------------------------


def test_an_opinion_is_received_and_found_by_its_code(
    site: Open, publish: Publish, send: Callable[..., Any], comments: Any
) -> None:
    answer = send(draft(publish), article="dieu-2", **SECRET, consent="1")
    assert answer.status_code == 303
    (comment,) = comments()
    assert (comment.article, comment.text, comment.state) == (
        "dieu-2",
        "Nên ghi rõ hơn",
        "submitted",
    )
    assert comment.sender == SECRET["sender"]
    assert answer.headers["Location"].endswith(f"{STATUS}?ma={comment.code}")
    for typed in (comment.code, comment.code.lower().replace("-", " ")):
        status = site().get(STATUS, query_string={"ma": typed})
        assert comment.code in status.text
        assert "Đã nhận, đang chờ xem" in status.text
        assert status.headers["Cache-Control"] == "no-store"
        assert not [word for word in (*SECRET.values(), comment.text) if word in status.text]


def test_the_same_opinion_sent_twice_is_kept_once(
    publish: Publish, send: Callable[..., Any], comments: Any
) -> None:
    item_id = draft(publish)
    first, second = send(item_id), send(item_id)
    assert first.headers["Location"] == second.headers["Location"]
    assert len(comments()) == 1


@pytest.mark.parametrize(
    ("entered", "says"),
    [
        ({"text": " "}, "Góp ý của quý vị"),
        ({"text": "x" * 5001}, "5001"),
        ({"article": "dieu-9"}, "danh sách"),
        ({"sender": "Nguyễn Văn Mẫu"}, "Hãy đánh dấu vào ô này"),
        ({"email": "không phải thư", "consent": "1"}, "thư điện tử"),
        ({"web-site": "http://spam.example"}, "chương trình"),
        ({"form-opened": "giả"}, "lâu"),
    ],
)
def test_an_odd_opinion_is_refused_and_shown_again(
    publish: Publish,
    send: Callable[..., Any],
    comments: Any,
    entered: dict[str, str],
    says: str,
) -> None:
    answer = send(draft(publish), **{"text": "Nội dung giữ lại", **entered})
    assert answer.status_code == 422
    assert says in answer.text
    assert "form-summary" in answer.text
    if "text" not in entered:
        assert "Nội dung giữ lại" in answer.text
    assert comments() == []


def test_an_opinion_after_the_last_day_is_not_kept(
    publish: Publish, send: Callable[..., Any], comments: Any
) -> None:
    answer = send(draft(publish, -20, 0), waits=timedelta(hours=16))
    assert answer.status_code == 410
    assert "Góp ý của quý vị không được nhận" in answer.text
    assert comments() == []


def test_a_form_without_its_token_is_refused(site: Open, publish: Publish, comments: Any) -> None:
    path, _text = page_of(site(), draft(publish))
    assert site().post(path, data={"text": "Ý kiến"}).status_code == 400
    assert comments() == []


def test_the_address_chooses_the_article(site: Open, publish: Publish) -> None:
    path, _text = page_of(site(), draft(publish))
    chosen = '<option value="dieu-2" selected>'
    assert chosen in site().get(f"{path}?dieu=dieu-2").text
    assert "selected" not in site().get(f"{path}?dieu=dieu-9").text.partition('id="phan-gop-y"')[2]


def test_a_published_opinion_stands_under_its_article(
    site: Open, publish: Publish, send: Callable[..., Any], take: Callable[..., None]
) -> None:
    item_id = draft(publish)
    assert "Nên ghi rõ hơn" not in page_of(site(), item_id)[1]
    send(item_id, article="dieu-2", **SECRET, consent="1")
    assert "Nên ghi rõ hơn" not in page_of(site(), item_id)[1]
    take("publish")
    text = page_of(site(), item_id)[1]
    assert text.index('id="dieu-2"') < text.index("Nên ghi rõ hơn") < text.index("phan-y-kien")
    assert "1 góp ý đã đăng." in text
    take("publish", outcome="declined", response="Luật đã quy định rõ")
    text = page_of(site(), item_id)[1]
    assert "Không tiếp thu" in text
    assert "Luật đã quy định rõ" in text
    addresses = (f"{LIST}/{item_id}", "/api/v1/consultation_comment", "/feed.atom", "/")
    for address in addresses:
        shown = site().get(address, follow_redirects=True).text
        assert not [word for word in SECRET.values() if word in shown], address
    (entry,) = site().get(f"/api/v1/consultation_comment?du-thao={item_id}").get_json()["items"]
    assert entry["fields"]["article"] == "dieu-2"
    assert entry["url"].endswith(f"{LIST}/{item_id}#y-kien-{entry['id']}")
    assert site().get("/api/v1/consultation_comment?du-thao=1x").get_json()["items"] == []


def test_an_opinion_on_an_article_that_is_gone_is_shown_with_the_whole(
    site: Open, publish: Publish, send: Callable[..., Any], take: Callable[..., None], desk: Desk
) -> None:
    item_id = draft(publish)
    send(item_id, article="dieu-2")
    take("publish")
    with desk() as work:
        item: Any = work.session.get(Item, item_id)
        actions.edit(work, item, {"articles": ARTICLES[:1]})
        actions.publish(work, item)
    text = page_of(site(), item_id)[1]
    assert text.index("phan-y-kien") < text.index("Nên ghi rõ hơn")


def test_an_opinion_is_hidden_with_a_reason_that_is_counted(
    site: Open, publish: Publish, send: Callable[..., Any], take: Callable[..., None], comments: Any
) -> None:
    item_id = draft(publish)
    send(item_id, text="Lời xúc phạm")
    with pytest.raises(Refused, match="lý do"):
        take("archive")
    assert "không công khai" not in page_of(site(), item_id)[1].partition("phan-gop-y")[0]
    take("archive", hidden_reason="insult")
    text = plain(page_of(site(), item_id)[1])
    assert "1 góp ý không công khai: Xúc phạm, bôi nhọ (1)." in text
    assert "Lời xúc phạm" not in text
    status = site().get(f"{STATUS}?ma={comments()[0].code}").text
    assert "Xúc phạm, bôi nhọ" in status
    assert "Lời xúc phạm" not in status


def test_a_published_opinion_can_still_be_hidden(
    site: Open, publish: Publish, send: Callable[..., Any], take: Callable[..., None]
) -> None:
    item_id = draft(publish)
    send(item_id)
    take("publish")
    with pytest.raises(Refused):
        take("archive")
    take("archive", hidden_reason="off_topic")
    text = page_of(site(), item_id)[1]
    assert "Nên ghi rõ hơn" not in text
    assert "Không liên quan đến dự thảo (1)" in text


def test_an_opinion_with_a_telephone_number_is_not_published(
    publish: Publish, send: Callable[..., Any], take: Callable[..., None]
) -> None:
    send(draft(publish), text="Gọi tôi số 0234 000 7777")
    with pytest.raises(Refused, match="Lược bỏ"):
        take("publish")
    take("publish", text="Gọi tôi (đã lược bỏ số điện thoại)")


@pytest.mark.parametrize(
    "said",
    [
        "Tôi là Trần Thị Bốn, đề nghị sửa",
        "toi la tran thi bon",
        "Căn cước 191234567",
        "Căn cước 046191234567",
        "Viết cho bon@mau.vn",
    ],
)
def test_an_opinion_that_gives_its_sender_away_is_not_published(
    publish: Publish, send: Callable[..., Any], take: Callable[..., None], said: str
) -> None:
    send(draft(publish), text=said, sender="Trần Thị Bốn", consent="1")
    with pytest.raises(Refused, match="Lược bỏ"):
        take("publish")
    with pytest.raises(Refused, match="Lược bỏ"):
        take("publish", text="Đề nghị sửa", response=f"<p>{said}</p>")


def test_the_audit_log_does_not_repeat_what_a_person_wrote(
    publish: Publish, send: Callable[..., Any], take: Callable[..., None], desk: Desk
) -> None:
    from hoitu.core.access.audit import AuditEntry

    send(draft(publish), **SECRET, consent="1")
    take("publish")
    with desk() as work:
        log = " ".join(str(e.detail) for e in work.session.scalars(select(AuditEntry)))
    assert not [word for word in (*SECRET.values(), "Nên ghi rõ hơn") if word in log]


def test_another_unit_sees_and_takes_nothing(
    site: Open,
    publish: Publish,
    send: Callable[..., Any],
    other_unit: Unit,
    comments: Any,
) -> None:
    item_id = draft(publish)
    send(item_id)
    path, _text = page_of(site(), item_id)
    there = site(other_unit)
    assert there.get(path).status_code == 404
    assert there.post(path, data={"text": "Ý kiến"}).status_code == 404
    assert there.get(f"{STATUS}?ma={comments()[0].code}").status_code == 404
    assert len(comments()) == 1


@pytest.mark.parametrize(
    ("typed", "status"), [("", 200), ("x", 404), ("K7M2-9QXP", 404), ("\0" * 90, 404)]
)
def test_unknown_codes(site: Open, typed: str, status: int) -> None:
    assert site().get(STATUS, query_string={"ma": typed}).status_code == status


# -- cost ----------------------------------------------------------------------------------------


def test_more_drafts_and_opinions_cost_no_more_statements(
    cost: Callable[[str], int], publish: Publish, desk: Desk, site: Open
) -> None:
    def opinions(item_id: int, count: int) -> None:
        with desk() as work:
            for n in range(count):
                values = {"consultation": item_id, "article": "dieu-1", "text": f"Ý kiến {n}"}
                comment = actions.create(work, "consultation_comment", values)
                actions.publish(work, comment)

    few = draft(publish)
    opinions(few, 1)
    paths = (LIST, f"{LIST}?trang-thai=dang-mo")
    before = [cost(path) for path in paths]
    page = cost(page_of(site(), few)[0])
    for _n in range(24):
        draft(publish)
    many = draft(publish)
    opinions(many, 40)
    assert [cost(path) for path in paths] == before
    assert max(before) <= 8
    assert cost(page_of(site(), many)[0]) == page <= 10


# -- consent, and taking an opinion back -----------------------------------------------------------


def test_the_text_somebody_agreed_to_is_kept(
    site: Open, publish: Publish, send: Any, comments: Any
) -> None:
    item_id = draft(publish)
    assert "chỉ được dùng để hỏi lại" in page_of(site(), item_id)[1]
    assert send(item_id, text="Không tên").status_code == 303
    assert send(item_id, consent="1", **SECRET).status_code == 303
    assert sorted(c.consent_version for c in comments()) == ["", "opinion-2"]


def test_whoever_sent_an_opinion_takes_it_back(
    site: Open, publish: Publish, send: Any, comments: Any, take: Any, clock: FrozenClock
) -> None:
    item_id = draft(publish)
    send(item_id, text="Ý kiến đăng", consent="1", **SECRET)
    take("publish")
    send(item_id, text="Ý kiến chờ bimatz", consent="1", **SECRET)
    public, waiting = sorted(comments(), key=lambda c: c.id)
    for comment in (public, waiting):
        path = f"{STATUS}/rut-dong-y?ma={comment.code}"
        assert "rut-dong-y" in site().get(f"{STATUS}?ma={comment.code}").text
        visitor = site()
        page = visitor.get(path)
        assert "chỉ được dùng để hỏi lại" in page.text
        assert not any(word in page.text for word in SECRET.values())
        assert page.headers["Referrer-Policy"] == "same-origin"
        clock.move(timedelta(seconds=9))
        entered = {**unseen(page.text), "withdraws-shown": "1"}
        assert visitor.post(path, data=entered).status_code == 422
        clock.move(timedelta(seconds=9))
        entered = {**unseen(visitor.get(path).text), "withdraws-shown": "1"}
        clock.move(timedelta(seconds=9))
        assert visitor.post(path, data={**entered, "withdraws": "1"}).status_code == 303
        # Once more, from another window.
        again = visitor.post(path, data={**entered, "withdraws": "1"})
        assert "Đã xóa thông tin về bạn" in again.text
        assert "Đã xóa thông tin về bạn" in site().get(path).text
        assert "rut-dong-y" not in site().get(f"{STATUS}?ma={comment.code}").text
    public, waiting = sorted(comments(), key=lambda c: c.id)
    assert (public.state, public.text, public.sender) == ("published", "Ý kiến đăng", "")
    assert (waiting.state, waiting.text, waiting.email) == ("archived", "", "")
    assert waiting.hidden_reason == "withdrawn"
    assert site().get(f"{STATUS}/rut-dong-y?ma=XXXX-XXXX").status_code == 404


def test_an_opinion_without_a_sender_is_taken_back_until_it_is_public(
    site: Open, publish: Publish, send: Any, comments: Any, take: Any
) -> None:
    send(draft(publish), text="Không tên")
    (comment,) = comments()
    assert "rut-dong-y" in site().get(f"{STATUS}?ma={comment.code}").text
    take("publish")
    assert "rut-dong-y" not in site().get(f"{STATUS}?ma={comment.code}").text
    assert "Đã xóa" in site().get(f"{STATUS}/rut-dong-y?ma={comment.code}").text
