"""The library of a unit: uploads from scripts, choosing, describing, where used, deleting."""

from __future__ import annotations

import json
import zlib
from collections.abc import Callable
from io import BytesIO
from struct import pack
from typing import Any

import pytest
from PIL import ExifTags, Image
from sqlalchemy import func, select

from hoitu.core import imaging
from hoitu.core.access import PermissionDenied
from hoitu.core.access.audit import AuditEntry
from hoitu.core.content import File, FileVariant, Item, Refused, actions, files
from hoitu.core.extensions import Platform
from hoitu.core.media import Description, library, pictures
from hoitu.core.units import Unit

PDF = b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\n%%EOF\n"
SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'
LIBRARY = "/quan-tri/thu-vien"


def picture(width: int = 40, height: int = 30, kind: str = "PNG", **options: Any) -> bytes:
    """Return a real picture."""
    target = BytesIO()
    image = Image.linear_gradient("L").resize((width, height)).convert("RGB")
    image.save(target, kind, **options)
    return target.getvalue()


def told_of_its_maker() -> Image.Exif:
    """Return what a telephone writes into a photograph: place, owner, and that it lies sideways."""
    exif = Image.Exif()
    exif[ExifTags.Base.Orientation] = 6
    exif[ExifTags.Base.Artist] = "Ong Chu May"
    exif.get_ifd(ExifTags.IFD.GPSInfo)[ExifTags.GPS.GPSLatitude] = (16.0, 27.0, 30.0)
    return exif


def claimed(width: int, height: int) -> bytes:
    """Return a small PNG that says it is huge."""
    head = pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    pixels = zlib.compress(bytes(1000))
    parts = ((b"IHDR", head), (b"IDAT", pixels), (b"IEND", b""))
    chunks = [pack(">I", len(d)) + n + d + pack(">I", zlib.crc32(n + d)) for n, d in parts]
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunks)


@pytest.fixture
def send() -> Callable[..., Any]:
    """Return a function that uploads one file as a script of the desk does."""

    def upload(person: Any, name: str, content: bytes, token: str | None = None) -> Any:
        token = person.token() if token is None else token
        return person.site.client.post(
            "/quan-tri/tep/tai-len",
            headers={"Host": person.site.host, "X-CSRFToken": token, "Accept": "*/*"},
            data={"file": (BytesIO(content), name)},
        )

    return upload


@pytest.fixture
def keep(desk: Any, platform: Platform) -> Callable[..., int]:
    """Return a function that uploads a file to a unit and returns its id."""

    def upload(name: str, content: bytes, at: Unit | None = None, **told: Any) -> int:
        with desk(at) as work:
            row = files.upload(work, platform.files, name, BytesIO(content))
            if told:
                library.describe(work, row, Description(**told))
            return row.id

    return upload


# -- uploads from scripts ----------------------------------------------------------------------


def test_an_upload_is_answered_with_what_a_text_needs(staff: Any, send: Any) -> None:
    editor = staff("editor")
    answer = send(editor, "Cầu Trường Tiền.png", picture(40, 30))
    assert answer.status_code == 201
    told = answer.get_json()
    assert told["url"] == f"/tep/{told['id']}/cau_truong_tien.png"
    assert (told["name"], told["media_type"]) == ("Cầu Trường Tiền.png", "image/png")
    assert (told["width"], told["height"], told["alt"]) == (40, 30, "")
    assert (told["size"], told["known"]) == (len(picture(40, 30)), False)
    shown = editor.site.get(told["url"], buffered=True)
    assert (shown.status_code, shown.data) == (200, picture(40, 30))


def test_bytes_the_unit_has_lead_to_the_file_they_are(
    staff: Any, send: Any, other_unit: Unit, instance: Any
) -> None:
    editor = staff("editor")
    first = send(editor, "a.png", picture()).get_json()
    again = send(editor, "b.png", picture())
    assert again.status_code == 201
    assert (again.get_json()["id"], again.get_json()["known"]) == (first["id"], True)
    assert again.get_json()["name"] == "a.png"
    elsewhere = send(staff("editor", at=other_unit), "a.png", picture()).get_json()
    assert elsewhere["id"] != first["id"]
    assert not elsewhere["known"]


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("virus.exe", b"MZ\x90\x00", "png"),
        ("anh.svg", SVG, "png"),
        ("anh.png", SVG, "không đúng với phần mở rộng"),
        ("anh.png", b"<!doctype html><script>alert(1)</script>", "không đúng với phần mở rộng"),
        ("anh.png", picture(kind="JPEG"), "không đúng với phần mở rộng"),
        ("anh.jpg", picture(400, 300, "JPEG")[:-400], "bị hỏng"),
        ("anh.png", picture(400, 300)[:-60], "bị hỏng"),
        ("anh.webp", picture(400, 300, "WEBP")[:-60], "bị hỏng"),
        ("anh.gif", picture(400, 300, "GIF")[:200], "bị hỏng"),
        ("anh.png", claimed(50_000, 50_000), "quá nhiều điểm ảnh"),
        ("anh.png", claimed(8_000, 8_000), "quá nhiều điểm ảnh"),
        ("anh.png", claimed(300, 300), "bị hỏng"),
        ("rong.png", b"", "rỗng"),
    ],
)  # fmt: skip
def test_a_hostile_or_broken_file_is_refused_with_a_reason(
    staff: Any, send: Any, instance: Any, name: str, content: bytes, said: str
) -> None:
    answer = send(staff("editor"), name, content)
    assert answer.status_code == 422
    assert said in answer.get_json()["error"]
    assert not [path for path in (instance / "files").rglob("*") if path.is_file()]


def test_what_follows_a_picture_is_cut_off(staff: Any, send: Any) -> None:
    """A file that is a picture and something else at once stays only the picture."""
    editor = staff("editor")
    for kind, name in (("PNG", "a.png"), ("JPEG", "a.jpg"), ("WEBP", "a.webp"), ("GIF", "a.gif")):
        whole = picture(kind=kind)
        told = send(editor, name, whole + b"<script>alert(1)</script>PK\x03\x04").get_json()
        assert editor.site.get(told["url"], buffered=True).data == whole


def test_a_photograph_keeps_its_pixels_and_loses_place_and_owner(staff: Any, send: Any) -> None:
    editor = staff("editor")
    sent = picture(60, 40, "JPEG", exif=told_of_its_maker(), comment=b"may anh cua toi")
    told = send(editor, "a.jpg", sent).get_json()
    assert (told["width"], told["height"]) == (40, 60)  # as it is shown
    kept = editor.site.get(told["url"], buffered=True).data
    assert b"Ong Chu May" in sent and b"Ong Chu May" not in kept
    assert b"may anh cua toi" not in kept
    found = Image.open(BytesIO(kept)).getexif()
    assert dict(found) == {ExifTags.Base.Orientation: 6}
    assert found.get_ifd(ExifTags.IFD.GPSInfo) == {}
    assert Image.open(BytesIO(kept)).tobytes() == Image.open(BytesIO(sent)).tobytes()


def test_without_a_file_a_script_is_told_so(staff: Any) -> None:
    answer = staff("editor").post("/quan-tri/tep/tai-len")
    assert (answer.status, answer.response.get_json()["error"]) == (422, "Hãy chọn một tệp.")


def test_every_refusal_of_a_script_is_json(staff: Any, send: Any) -> None:
    editor = staff("editor")
    client, host = editor.site.client, editor.site.host
    limit = client.application.config["MAX_CONTENT_LENGTH"]
    field = b'--x\r\nContent-Disposition: form-data; name="file"; filename="a.pdf"\r\n\r\n'
    large = client.post(
        "/quan-tri/tep/tai-len",
        headers={"Host": host, "X-CSRFToken": editor.token(), "Accept": "*/*"},
        data=field + PDF + bytes(limit) + b"\r\n--x--\r\n",
        content_type="multipart/form-data; boundary=x",
    )
    answers = {
        413: large,
        400: send(editor, "a.png", picture(), token="wrong"),
        401: client.application.test_client().get(
            f"{LIBRARY}.json", headers={"Host": host, "Accept": "*/*"}
        ),
    }
    for code, answer in answers.items():
        assert answer.status_code == code
        assert answer.get_json()["error"]


def test_nobody_uploads_where_they_have_no_role(
    staff: Any, send: Any, other_unit: Unit, unit: Unit, desk: Any
) -> None:
    stranger = staff("editor", at=other_unit, visits=unit)
    answer = send(stranger, "a.png", picture())
    assert answer.status_code == 403
    assert answer.get_json()["error"]
    with desk() as work:
        assert work.session.scalar(select(func.count(File.id))) == 0


# -- who may read ------------------------------------------------------------------------------


def test_only_staff_of_the_unit_see_a_file_before_it_is_public(
    staff: Any, visitor: Any, keep: Any, other_unit: Unit, unit: Unit
) -> None:
    path = f"/tep/{keep('a.png', picture())}/a.png"
    assert visitor().open(path).status == 404
    shown = staff("editor").open(path)
    assert shown.status == 200
    assert shown.response.headers["Cache-Control"] == "private, no-store"
    assert staff("editor", at=other_unit, visits=unit).open(path).status == 404
    assert staff("editor", at=other_unit).open(path).status == 404
    assert staff("nobody").open(path).status == 404


@pytest.mark.parametrize(
    "markup", ['<p><img src="{path}" alt="Cầu"></p>', '<p><a href="{path}">Tệp</a></p>']
)
def test_a_file_in_a_public_text_is_public_and_no_longer_when_it_leaves(
    visitor: Any, desk: Any, publish: Any, document: Any, keep: Any, markup: str
) -> None:
    path = f"/tep/{keep('a.png', picture())}/a.png"
    text = markup.format(path=path)
    with desk() as work:
        draft = actions.create(work, "legal_document", document(number="1/KH-UBND", body=text))
        draft_id = draft.id
    assert visitor().open(path).status == 404
    with desk() as work:
        actions.publish(work, work.session.get_one(Item, draft_id))
    shown = visitor().open(path)
    assert shown.status == 200
    assert "no-store" not in shown.response.headers.get("Cache-Control", "")
    with desk() as work:
        item = work.session.get_one(Item, draft_id)
        actions.edit(work, item, {"body": "<p>Không còn</p>"})
    assert visitor().open(path).status == 200
    with desk() as work:
        actions.publish(work, work.session.get_one(Item, draft_id))
    assert visitor().open(path).status == 404


def test_a_file_of_a_waiting_text_is_not_public(
    visitor: Any, desk: Any, publish: Any, document: Any, keep: Any
) -> None:
    path = f"/tep/{keep('a.png', picture())}/a.png"
    item_id = publish("legal_document", **document())
    with desk() as work:
        text = f'<p><img src="{path}" alt="Cầu"></p>'
        actions.edit(work, work.session.get_one(Item, item_id), {"body": text})
    assert visitor().open(path).status == 404


def test_a_file_costs_the_same_however_it_became_public(
    visitor: Any, publish: Any, document: Any, keep: Any, statements: Any
) -> None:
    attached, shown = keep("a.png", picture()), keep("b.png", picture(50, 50))
    publish("legal_document", **document("1/KH-UBND", attachments=[attached]))
    body = f'<p><img src="/tep/{shown}/b.png" alt="Cầu"></p>'
    publish("legal_document", **document("2/KH-UBND", body=body))
    counts = []
    for path in (f"/tep/{attached}/a.png", f"/tep/{shown}/b.png"):
        visitor().open(path)
        statements()
        assert visitor().open(path).status == 200
        counts.append(len(statements()))
    assert counts[0] == counts[1] <= 4


# -- choosing ----------------------------------------------------------------------------------


def test_the_chooser_finds_by_name_and_description_without_marks(
    staff: Any, keep: Any, other_unit: Unit
) -> None:
    keep("a.png", picture(), alt="Cầu Trường Tiền về đêm")
    keep("Đường Lê Lợi.png", picture(41, 30))
    keep("ke-hoach.pdf", PDF)
    keep("cau.png", picture(42, 30), at=other_unit)
    editor = staff("editor")

    def found(query: str) -> list[str]:
        answer = editor.open(f"{LIBRARY}.json?{query}").response.get_json()
        return [file["name"] for file in answer["files"]]

    assert found("") == ["ke-hoach.pdf", "Đường Lê Lợi.png", "a.png"]
    assert found("kind=image") == ["Đường Lê Lợi.png", "a.png"]
    assert found("q=truong+cau") == ["a.png"]
    assert found("q=LÊ lợi") == ["Đường Lê Lợi.png"]
    assert found("q=100%25") == []


def test_the_chooser_pages_by_key_and_costs_two_statements(
    staff: Any, keep: Any, statements: Any
) -> None:
    wanted = [keep(f"{n}.png", picture(40 + n, 30)) for n in range(30)][::-1]
    editor = staff("editor")
    seen: list[int] = []
    cursor: str | None = ""
    while cursor is not None:
        editor.open("/quan-tri/con-lam-viec")
        statements()
        answer = editor.open(f"{LIBRARY}.json?cursor={cursor}").response.get_json()
        assert len([s for s in statements() if "FROM file" in s]) <= 2
        seen += [file["id"] for file in answer["files"]]
        cursor = answer["next"]
    assert seen == wanted
    assert (
        editor.open(f"{LIBRARY}.json?cursor=x").response.get_json()["files"][0]["id"] == wanted[0]
    )


# -- the page of the library -------------------------------------------------------------------


def test_several_files_are_sent_with_a_plain_form(staff: Any, desk: Any) -> None:
    editor = staff("editor")
    sent = [(BytesIO(picture()), "a.png"), (BytesIO(picture()), "b.png"),
            (BytesIO(SVG), "c.svg"), (BytesIO(PDF), "d.pdf")]  # fmt: skip
    answer = editor.site.client.post(
        LIBRARY,
        headers={"Host": editor.site.host},
        data={"csrf_token": editor.token(), "files": sent},
    )
    assert answer.status_code == 303
    page = editor.open(LIBRARY).text
    assert "Đã tải lên 2 tệp." in page
    assert "b.png đã có trong thư viện, với tên a.png." in page
    assert "c.svg" in page
    with desk() as work:
        assert set(work.session.scalars(select(File.name))) == {"a.png", "d.pdf"}


def test_filters_show_what_lacks_a_description_and_what_nothing_uses(
    staff: Any, keep: Any, publish: Any, desk: Any, document: Any
) -> None:
    used = keep("dung.png", picture(40, 30), alt="Cầu")
    pictured = keep("trong-bai.png", picture(41, 30), decorative=True)
    waiting = keep("cho.pdf", PDF)
    keep("khong.png", picture(42, 30))
    body = f'<p><img src="/tep/{pictured}/x.png" alt=""></p>'
    item_id = publish("legal_document", **document(attachments=[used], body=body))
    with desk() as work:
        item = work.session.get_one(Item, item_id)
        actions.edit(work, item, {"attachments": [used, waiting]})
    editor = staff("editor")

    def names(query: str) -> set[str]:
        page = editor.open(f"{LIBRARY}?{query}").text
        return {
            n for n in ("dung.png", "trong-bai.png", "cho.pdf", "khong.png") if f">{n}<" in page
        }

    assert names("") == {"dung.png", "trong-bai.png", "cho.pdf", "khong.png"}
    assert names("loai=anh") == {"dung.png", "trong-bai.png", "khong.png"}
    assert names("loai=tai-lieu&xem=danh-sach") == {"cho.pdf"}
    assert names("loai=chua-mo-ta") == {"khong.png"}
    assert names("loai=chua-dung") == {"khong.png"}
    assert names("loai=chua-dung&q=dung") == set()


def test_pages_of_the_library_lead_there_and_back(staff: Any, keep: Any) -> None:
    for n in range(40):
        keep(f"tep-{n}.txt", f"{n}".encode())
    editor = staff("editor")
    first = editor.open(LIBRARY).text
    assert "tep-39.txt" in first and "tep-3.txt" not in first
    older = first.partition('rel="next" href="')[2].partition('"')[0].replace("&amp;", "&")
    second = editor.open(older).text
    assert "tep-3.txt" in second and "tep-39.txt" not in second
    newer = second.partition('rel="prev" href="')[2].partition('"')[0].replace("&amp;", "&")
    back = editor.open(newer).text
    assert "tep-39.txt" in back and 'rel="prev"' not in back


# -- one file ----------------------------------------------------------------------------------


def test_a_description_is_stored_found_and_logged(staff: Any, keep: Any, desk: Any) -> None:
    file_id = keep("a.png", picture())
    editor, path = staff("editor"), f"{LIBRARY}/{file_id}"
    assert "Chưa ai cho biết ảnh này có gì" in editor.open(path).text
    saved = editor.send(
        editor.open(path).form(path), alt=" Cầu  Trường Tiền ", source="Ông A", rights="Đến 2030"
    )
    assert saved.status == 303
    page = editor.open(path).text
    assert 'value="Cầu Trường Tiền"' in page and "Chưa ai cho biết" not in page
    with desk() as work:
        [entry] = work.session.scalars(
            select(AuditEntry).where(AuditEntry.action == "file.describe")
        )
        assert (entry.object_id, entry.unit_id) == (str(file_id), work.unit.id)
        assert entry.detail["alt"] == "Cầu Trường Tiền"
    assert editor.send(editor.open(path).form(path)).status == 303
    assert "Không có thay đổi nào." in editor.open(path).text


def test_what_two_describe_at_once_is_put_together_or_asked_for(
    staff: Any, keep: Any, desk: Any
) -> None:
    file_id = keep("a.png", picture(), source="Ông A", rights="Đến 2030")
    first, second, path = staff("editor"), staff("editor"), f"{LIBRARY}/{file_id}"
    form = second.open(path).form(path)
    assert first.send(first.open(path).form(path), alt="Cầu", rights="Đến 2031").status == 303
    assert second.send(form, source="Ông B").status == 303, "another field"

    def stored() -> tuple[str, str, str]:
        with desk() as work:
            file = work.session.get_one(File, file_id)
            return file.alt, file.source, file.rights

    assert stored() == ("Cầu", "Ông B", "Đến 2031")
    refused = second.send(form, alt="Cầu Trường Tiền", source="Ông B", rights="Đến 2031")
    assert refused.status == 422
    assert 'value="Cầu Trường Tiền"' in refused.text, "what was typed is still there"
    assert "hiện đang ghi: “Cầu”" in refused.text
    assert stored() == ("Cầu", "Ông B", "Đến 2031")
    assert second.send(refused.form(path)).status == 303, "knowingly"
    assert stored() == ("Cầu Trường Tiền", "Ông B", "Đến 2031")


def test_an_upload_is_in_the_log_once_for_each_unit(staff: Any, desk: Any, keep: Any) -> None:
    file_id = keep("a.txt", b"x")
    assert keep("b.txt", b"x") == file_id
    with desk() as work:
        [entry] = work.session.scalars(select(AuditEntry).where(AuditEntry.action == "file.upload"))
        assert (entry.object_id, entry.unit_id) == (str(file_id), work.unit.id)
        digest = "2d711642b726b04401627ca9fbac32f5c8530fb1903cc4db02258717921a4881"
        assert entry.detail == {"name": "a.txt", "sha256": digest}
    page = staff("unit_admin").open("/quan-tri/nhat-ky").text
    assert "tải tệp lên" in page


def test_what_cannot_be_stored_comes_back_as_it_was_typed(staff: Any, keep: Any) -> None:
    path = f"{LIBRARY}/{keep('a.png', picture())}"
    editor = staff("editor")
    form = editor.open(path).form(path)
    both = editor.send(form, alt="Cầu", decorative="1", source="Ông A")
    assert both.status == 422
    assert 'value="Cầu"' in both.text and 'value="Ông A"' in both.text
    assert "không có mô tả" in both.text
    long = editor.send(form, alt="a" * 301)
    assert (long.status, "Nhiều nhất 300 ký tự." in long.text) == (422, True)


def test_nobody_describes_or_deletes_files_of_another_unit(
    staff: Any, keep: Any, other_unit: Unit, unit: Unit, desk: Any
) -> None:
    file_id = keep("a.png", picture())
    stranger, visiting = staff("editor", at=other_unit), staff("editor", at=other_unit, visits=unit)
    for path in (
        f"{LIBRARY}/{file_id}",
        f"{LIBRARY}/{file_id}/xoa",
        f"{LIBRARY}/{file_id}/dung-chung",
    ):
        assert stranger.post(path, alt="x").status == 404
        assert visiting.post(path, alt="x").status == 403
    with desk() as work:
        assert work.session.get_one(File, file_id).alt == ""
    from hoitu.core.access import VISITOR
    from hoitu.core.content import ActionContext

    with desk() as work:
        nobody = ActionContext(
            work.session, VISITOR, work.unit, work.types, work.hooks, work.switchboard, work.clock
        )
        with pytest.raises(PermissionDenied):
            library.describe(nobody, work.session.get_one(File, file_id), Description(alt="x"))


def test_a_file_says_where_it_is_used_and_stays_until_it_is_not(
    staff: Any, keep: Any, publish: Any, desk: Any, document: Any, statements: Any
) -> None:
    file_id = keep("a.png", picture())
    path = f"{LIBRARY}/{file_id}"
    item_id = publish("legal_document", **document(attachments=[file_id]))
    body = f'<p><img src="/tep/{file_id}/a.png" alt="Cầu"></p>'
    with desk() as work:
        values = document("7/KH-UBND", summary="Bản nháp có ảnh", body=body)
        draft_id = actions.create(work, "legal_document", values).id
    editor = staff("editor")
    editor.open(path)
    statements()
    page = editor.open(path).text
    assert len(statements()) <= 12
    assert f"/quan-tri/legal_document/{item_id}" in page
    assert f"/quan-tri/legal_document/{draft_id}" in page
    assert "đính kèm" in page and "trong nội dung" in page
    refused = editor.post(f"{path}/xoa")
    assert refused.status == 409
    assert f"/quan-tri/legal_document/{item_id}" in refused.text
    with desk() as work:
        item: Any = work.session.get_one(Item, item_id)
        actions.edit(work, item, {"attachments": []})
        actions.edit(work, work.session.get_one(Item, draft_id), {"body": "<p>Thôi</p>"})
    # Still attached to what visitors see.
    assert editor.post(f"{path}/xoa").status == 409
    with desk() as work:
        actions.publish(work, work.session.get_one(Item, item_id))
    assert editor.post(f"{path}/xoa").status == 303
    assert editor.open(path).status == 404


def test_before_a_file_is_deleted_a_page_says_which(staff: Any, keep: Any, desk: Any) -> None:
    file_id = keep("ban-do.pdf", PDF)
    editor, path = staff("editor"), f"{LIBRARY}/{file_id}"
    assert f'href="{path}/xoa"' in editor.open(path).text
    asked = editor.open(f"{path}/xoa")
    assert "ban-do.pdf" in asked.text and "Không mục nào dùng tệp này" in asked.text
    with desk() as work:
        assert work.session.get(File, file_id) is not None
    assert editor.send(asked.form(f"{path}/xoa")).status == 303
    with desk() as work:
        assert work.session.get(File, file_id) is None


def test_a_file_that_is_used_is_not_offered_for_deleting(
    staff: Any, keep: Any, publish: Any, document: Any
) -> None:
    file_id = keep("ban-do.pdf", PDF)
    publish("legal_document", **document(attachments=[file_id]))
    asked = staff("editor").open(f"{LIBRARY}/{file_id}/xoa").text
    assert "Tệp đang được dùng" in asked
    assert f'action="{LIBRARY}/{file_id}/xoa"' not in asked


def test_a_text_describes_a_picture_only_where_the_library_does_not(
    staff: Any, keep: Any, desk: Any
) -> None:
    bare = keep("a.png", picture(10, 10))
    known = keep("b.png", picture(12, 12), alt="Cầu gỗ", source="UBND huyện")
    editor = staff("editor")
    for file_id in (bare, known):
        assert editor.post(f"{LIBRARY}/{file_id}/mo-ta", alt="Chợ nổi").status == 200
    assert (
        editor.post(f"{LIBRARY}/{keep('c.png', picture(9, 9))}/mo-ta", alt="a" * 301).status == 422
    )
    with desk() as work:
        told = {i: work.session.get_one(File, i) for i in (bare, known)}
        assert (told[bare].alt, told[known].alt) == ("Chợ nổi", "Cầu gỗ")
        assert told[known].source == "UBND huyện"


def test_a_file_of_what_lies_in_the_trash_or_waits_is_not_deleted(
    staff: Any, keep: Any, publish: Any, desk: Any, document: Any
) -> None:
    trashed, waiting = keep("a.pdf", PDF), keep("b.pdf", PDF + b"2")
    item_id = publish("legal_document", **document())
    with desk() as work:
        values = document("7/KH-UBND", attachments=[trashed])
        actions.trash(work, actions.create(work, "legal_document", values))
        item = work.session.get_one(Item, item_id)
        actions.edit(work, item, {"attachments": [waiting]})
    editor = staff("editor")
    for file_id in (trashed, waiting):
        assert editor.post(f"{LIBRARY}/{file_id}/xoa").status == 409


def test_deleting_leaves_an_entry_in_the_log_and_the_bytes_of_others(
    staff: Any, keep: Any, other_unit: Unit, desk: Any, drain: Any, visitor: Any
) -> None:
    mine, theirs = keep("a.png", picture(400, 300)), keep("a.png", picture(400, 300), at=other_unit)
    drain()
    assert staff("editor").post(f"{LIBRARY}/{mine}/xoa").status == 303
    with desk() as work:
        assert work.session.scalar(select(func.count(FileVariant.file_id))) == 0
        entry = work.session.scalars(select(AuditEntry).where(AuditEntry.action == "file.delete"))
        assert [e.detail["name"] for e in entry] == ["a.png"]
    shown = staff("editor", at=other_unit).site.get(f"/tep/{theirs}/a.png", buffered=True)
    assert shown.data == picture(400, 300)


def test_the_address_of_a_deleted_file_never_shows_another(staff: Any, keep: Any) -> None:
    gone = keep("a.png", picture(400, 300))
    assert staff("editor").post(f"{LIBRARY}/{gone}/xoa").status == 303
    assert keep("b.png", picture(500, 300)) > gone
    assert staff("editor").site.get(f"/tep/{gone}/a.png").status_code == 404


def test_a_name_of_any_length_and_shape_is_kept_with_its_ending(desk: Any, keep: Any) -> None:
    long = keep("ả" * 300 + ".png", picture())
    with desk() as work:
        name = work.session.get_one(File, long).name
    assert (len(name), name[-5:]) == (200, "ả.png")


# -- attachments in the form -------------------------------------------------------------------


def test_attachments_are_put_in_order_with_buttons_that_need_no_script(
    staff: Any, keep: Any, desk: Any, document: Any
) -> None:
    a, b, c = (keep(f"{n}.txt", n.encode()) for n in "abc")
    with desk() as work:
        item: Any = actions.create(work, "legal_document", document(attachments=[a, b, c]))
        item_id = item.id
    editor, path = staff("editor"), f"/quan-tri/legal_document/{item_id}"
    arranged = editor.send(editor.open(path).form(path), attachments__up=str(c), number="9/KH")
    assert arranged.status == 200
    form = arranged.form(path)
    assert form.values["attachments-order"] == [str(a), str(c), str(b)]
    assert form.values["number"] == ["9/KH"]  # nothing typed is lost
    assert editor.send(form).status == 303
    with desk() as work:
        assert work.session.get_one(Item, item_id).attachments == [a, c, b]
    # In the order of the form, as a script leaves it.
    form = editor.open(path).form(path)
    assert form.values["attachments-order"] == [str(a), str(c), str(b)]
    assert editor.send(form, attachments__order=[str(b), str(a), str(c)]).status == 303
    with desk() as work:
        assert work.session.get_one(Item, item_id).attachments == [b, a, c]


def test_a_file_chosen_from_the_library_is_attached_and_a_foreign_one_is_not(
    staff: Any, keep: Any, desk: Any, document: Any, other_unit: Unit
) -> None:
    own, foreign = keep("a.txt", b"a"), keep("b.txt", b"b", at=other_unit)
    with desk() as work:
        item_id = actions.create(work, "legal_document", document()).id
    editor, path = staff("editor"), f"/quan-tri/legal_document/{item_id}"
    form = editor.open(path).form(path)
    assert editor.send(form, attachments__keep=str(foreign)).status == 422
    assert editor.send(form, attachments__keep=str(own)).status == 303
    with desk() as work:
        item: Any = work.session.get_one(Item, item_id)
        assert item.attachments == [own]


# -- pictures in pages -------------------------------------------------------------------------


def test_pictures_of_a_text_are_read_with_one_statement(
    desk: Any, keep: Any, drain: Any, statements: Any, other_unit: Unit
) -> None:
    ids = [keep(f"{n}.png", picture(400 + n, 300)) for n in range(3)]
    document_id, foreign = keep("a.pdf", PDF), keep("x.png", picture(), at=other_unit)
    drain()
    with desk() as work:
        statements()
        found = pictures.pictures(work.session, [*ids, document_id, foreign, 999])
        assert len(statements()) == 1
        assert pictures.pictures(work.session, []) == {}
        assert statements() == []
    assert sorted(found) == ids
    assert (found[ids[2]].width, found[ids[2]].height) == (402, 300)
    assert {s.width for s in found[ids[2]].sources} == {320, 402}


def test_the_refusal_of_a_description_names_its_field(desk: Any, keep: Any) -> None:
    file_id = keep("a.png", picture())
    with desk() as work, pytest.raises(Refused) as caught:
        told = Description(alt="x" * 301, source="x" * 201, rights="x" * 201)
        library.describe(work, work.session.get_one(File, file_id), told)
    assert [p.field for p in caught.value.problems] == ["alt", "source", "rights"]
    assert json.dumps([str(p) for p in caught.value.problems])


def test_many_refused_files_fit_into_the_cookie_that_tells_of_them(staff: Any) -> None:
    editor = staff("editor")
    sent = [(BytesIO(b"MZ"), f"{n:03}-{'kế hoạch ' * 15}{n * 7919}.exe") for n in range(100)]
    answer = editor.site.post(
        LIBRARY,
        data={"csrf_token": editor.token(), "files": sent},
        content_type="multipart/form-data",
    )
    assert max(len(cookie) for cookie in answer.headers.getlist("Set-Cookie")) < 4000
    page = editor.open(LIBRARY).text
    assert "000-kế hoạch" in page
    assert "099-kế hoạch" not in page
    assert "mục nữa" in page


def test_a_library_that_bears_broken_pictures_changes_nothing(
    desk: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """WeasyPrint switches this on for the whole process."""
    monkeypatch.setattr("PIL.ImageFile.LOAD_TRUNCATED_IMAGES", True)
    with pytest.raises(imaging.ImageError):
        imaging.examine(BytesIO(picture(400, 300, "JPEG")[:-200]), "image/jpeg")
