"""The library in a browser: drop files, see them arrive, describe, choose, find where used."""

from __future__ import annotations

import re
from base64 import b64encode
from collections.abc import Callable, Iterator
from io import BytesIO
from pathlib import Path
from secrets import randbelow, token_hex
from typing import TYPE_CHECKING, Any

import pytest
from PIL import Image

from hoitu.core.testing.faults import faults

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytestmark = pytest.mark.e2e

DESK, PHONE = {"width": 1280, "height": 900}, {"width": 360, "height": 740}
LIBRARY = "/quan-tri/thu-vien"
NEW = "/quan-tri/legal_document/moi"
#: Drops files onto an element as a file manager does.
DROP = """([target, files]) => {
  const carried = new DataTransfer();
  for (const [name, type, bytes] of files) {
    const content = Uint8Array.from(atob(bytes), (letter) => letter.charCodeAt(0));
    carried.items.add(new File([content], name, { type }));
  }
  for (const kind of ["dragenter", "dragover", "drop"]) {
    const how = { bubbles: true, cancelable: true, dataTransfer: carried };
    target.dispatchEvent(new DragEvent(kind, how));
  }
}"""  # fmt: skip


def photograph() -> bytes:
    """Return a picture like no other, large enough to have copies."""
    target = BytesIO()
    image = Image.linear_gradient("L").resize((900, 600)).rotate(randbelow(360_000) / 1000)
    Image.merge("RGB", (image, image.rotate(90), image)).save(target, "JPEG", quality=80)
    return target.getvalue()


@pytest.fixture
def sign_in(live_site: Any, browser: Browser) -> Iterator[Callable[..., Page]]:
    """Return a function that signs somebody in; the console must stay empty."""
    complaints: list[str] = []
    contexts = []

    def enter(role: str = "editor", viewport: Any = DESK, *, script: bool = True) -> Page:
        context = browser.new_context(
            viewport=viewport, base_url=live_site.address("phong-dien"), java_script_enabled=script
        )
        contexts.append(context)
        page = context.new_page()
        page.on("console", lambda m: complaints.append(m.text) if m.type == "error" else None)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.goto("/quan-tri/")
        person = live_site.accounts[role]
        page.fill("#email", person.email)
        page.fill("#password", person.password)
        page.press("#password", "Enter")
        page.wait_for_selector(".doors")
        return page

    yield enter
    for context in contexts:
        context.close()
    # A refused or interrupted upload is something browsers put on the console.
    expected = ("status of 422", "status of 409", "net::ERR_FAILED")
    assert [c for c in complaints if not any(e in c for e in expected)] == []


def wait_for_count(page: Page, selector: str, count: int) -> None:
    from playwright.sync_api import expect

    expect(page.locator(selector)).to_have_count(count, timeout=30_000)


def drop(page: Page, where: str, *sent: tuple[str, str, bytes]) -> None:
    files = [(name, kind, b64encode(content).decode()) for name, kind, content in sent]
    page.evaluate(DROP, [page.query_selector(where), files])


@pytest.mark.parametrize("viewport", [DESK, PHONE], ids=["desk", "phone"])
def test_the_library_is_accessible(sign_in: Callable[..., Page], viewport: Any) -> None:
    page = sign_in(viewport=viewport)
    page.goto(LIBRARY)
    page.set_input_files("#files", [{"name": f"mau-{viewport['width']}.jpg",
                                     "mimeType": "image/jpeg",
                                     "buffer": photograph()}])  # fmt: skip
    page.wait_for_selector(".sent .good")
    found = {"sent": faults(page)}
    described = page.get_attribute(".sent .result a", "href")
    for path in (LIBRARY, f"{LIBRARY}?xem=danh-sach", f"{LIBRARY}?cua=tinh", described):
        page.goto(str(path))
        found[str(path)] = faults(page)
    page.goto(NEW)
    page.click("[data-choose]")
    page.wait_for_selector(".chooser .shelf button")
    found["chooser"] = faults(page)
    assert {place: what for place, what in found.items() if what} == {}


def test_files_are_dropped_described_chosen_and_kept_while_used(
    sign_in: Callable[..., Page], live_site: Any
) -> None:
    page, bridge, mark = sign_in(), photograph(), token_hex(4)
    page.goto(LIBRARY)
    drop(
        page,
        ".sending",
        (f"cau-go-{mark}.jpg", "image/jpeg", bridge),
        ("ke-hoach.pdf", "application/pdf", f"%PDF-1.7\n% {mark}\n%%EOF\n".encode()),
        ("gia.png", "image/png", b"<html><script>alert(1)</script></html>"),
    )
    page.wait_for_selector(".sent li:nth-child(3) :is(.good, .failed)")
    wait_for_count(page, ".sent progress", 0)
    rows = {r.query_selector(".name").inner_text(): r.query_selector(".result").inner_text()  # type: ignore[union-attr]
            for r in page.query_selector_all(".sent li")}  # fmt: skip
    assert "Đã tải lên" in rows[f"cau-go-{mark}.jpg"] and "Đã tải lên" in rows["ke-hoach.pdf"]
    assert "phần mở rộng" in rows["gia.png"]
    assert page.inner_text("[data-sent-all]") == "Đã tải lên 2 trong 3 tệp"
    # The same picture under another name.
    drop(page, ".sending", ("khac.jpg", "image/jpeg", bridge))
    page.wait_for_selector(f"text=Đã có trong thư viện, với tên cau-go-{mark}.jpg")

    page.click(".sent .result a")
    page.wait_for_selector("#alt")
    path = page.evaluate("location.pathname")
    page.fill("#alt", "Cầu gỗ qua phá Tam Giang")
    page.click("main form.card button")
    page.wait_for_selector("text=Đã lưu")

    page.goto(NEW)
    page.click("[data-choose]")
    page.fill(".chooser [data-search]", f"go {mark}")
    wait_for_count(page, ".chooser .shelf button", 1)
    page.click(".chooser .shelf button")
    page.click(".chooser [data-take]")
    page.wait_for_selector(f".attached li >> text=cau-go-{mark}.jpg")
    drop(
        page,
        ".adding",
        ("phu-luc.pdf", "application/pdf", f"%PDF-1.7\n% phu luc {mark}\n%%EOF\n".encode()),
    )
    page.wait_for_selector(".attached li >> text=phu-luc.pdf")
    page.click(".attached li:nth-child(2) [data-move=up]")
    page.fill("#summary", "Văn bản có ảnh")
    page.click("#save-button")
    page.wait_for_url(re.compile(r"/legal_document/\d+$"))
    names = [e.inner_text() for e in page.query_selector_all(".attached .name > a:first-child")]
    assert names == ["phu-luc.pdf", f"cau-go-{mark}.jpg"]
    document = page.evaluate("location.pathname")

    page.goto(path)
    assert page.get_attribute("#used-in + table th a", "href") == document
    assert page.query_selector("section[aria-labelledby=delete] button") is None
    assert faults(page) == []
    # A button that was on the screen before somebody used the file.
    status, answer = page.evaluate(
        """async (path) => {
          const token = document.querySelector("meta[name=csrf-token]").content;
          const body = new URLSearchParams({ csrf_token: token });
          const answer = await fetch(path, { method: "POST", body });
          return [answer.status, await answer.text()];
        }""",
        f"{path}/xoa",
    )
    assert status == 409
    assert document in answer


def test_progress_is_shown_while_a_file_is_on_its_way(
    sign_in: Callable[..., Page],
) -> None:
    page = sign_in()
    page.goto(LIBRARY)
    session = page.context.new_cdp_session(page)
    session.send("Network.enable")
    session.send("Network.emulateNetworkConditions", {
        "offline": False, "latency": 0, "downloadThroughput": -1, "uploadThroughput": 2_000_000,
    })  # fmt: skip
    page.evaluate("""() => {
      window.seen = [];
      const all = { subtree: true, attributes: true, childList: true };
      new MutationObserver(() => {
        const bar = document.querySelector(".sent progress");
        if (bar && bar.hasAttribute("value")) window.seen.push(bar.value);
      }).observe(document.querySelector(".sent"), all);
    }""")
    drop(page, ".sending", ("lon.txt", "text/plain", token_hex(4).encode() * 450_000))
    page.wait_for_selector(".sent .good", timeout=60_000)
    seen = page.evaluate("window.seen")
    assert any(0 < value < 1 for value in seen), seen
    assert seen == sorted(seen)


def test_a_lost_connection_is_told_and_the_upload_tried_again(
    sign_in: Callable[..., Page],
) -> None:
    page = sign_in()
    page.goto(LIBRARY)
    page.route("**/tep/tai-len", lambda route: route.abort())
    drop(page, ".sending", ("lai.txt", "text/plain", token_hex(4).encode()))
    page.wait_for_selector("text=Mất kết nối")
    page.unroute("**/tep/tai-len")
    page.click(".sent button")
    page.wait_for_selector(".sent .good")
    assert page.inner_text("[data-sent-all]") == "Đã tải lên 1 trong 1 tệp"


def test_without_a_script_the_library_takes_files_too(
    sign_in: Callable[..., Page], tmp_path: Path
) -> None:
    page = sign_in(script=False)
    page.goto(LIBRARY)
    (tmp_path / "khong-script.txt").write_text(token_hex(4))
    page.set_input_files("#files", [tmp_path / "khong-script.txt"])
    page.click("[data-upload-button]")
    page.wait_for_selector("text=Đã tải lên 1 tệp.")
    assert "khong-script.txt" in page.inner_text(".shelf")
