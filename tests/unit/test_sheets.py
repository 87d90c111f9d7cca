"""Tables that people upload: good ones in every disguise, and bad ones."""

from __future__ import annotations

import csv
import io
import re
import zipfile
from collections.abc import Iterable
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from unicodedata import normalize

import openpyxl
import pytest

from hoitu.core import sheets
from hoitu.core.sheets import Sheet, SheetError, as_csv, day, harmless, label, number, read, table

HEADER = ("Tên", "Số tiền")
DAY = date(2025, 7, 1)
TONES = "\u0300\u0301\u0303\u0309\u0323"


def xlsx(rows: Iterable[Iterable[object]], *, hidden: Iterable[Iterable[object]] = ()) -> bytes:
    book = openpyxl.Workbook()
    sheet = book.active
    for row in hidden:
        sheet.append(row)
    if hidden:
        sheet.sheet_state = "hidden"
        sheet = book.create_sheet()
    for row in rows:
        sheet.append(row)
    target = io.BytesIO()
    book.save(target)
    return target.getvalue()


def changed(content: bytes, **parts: str | bytes | None) -> bytes:
    """Return a workbook with other parts, more or, where None is given, fewer."""
    target = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(content)) as old,
        zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as new,
    ):
        for name in [*old.namelist(), *(n for n in parts if n not in old.namelist())]:
            value = parts.get(name, old.read(name) if name in old.namelist() else None)
            if value is not None:
                new.writestr(name, value)
    return target.getvalue()


def part(content: bytes, name: str) -> str:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return archive.read(name).decode()


SHEET1 = "xl/worksheets/sheet1.xml"
STRINGS = "xl/sharedStrings.xml"
MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"


def with_cells(cells: str, rows: str = "") -> bytes:
    """Return a workbook whose second row holds cells as they stand in the file."""
    content = xlsx([["A", "B", "C"]])
    markup = part(content, SHEET1)
    row = f'<row r="2">{cells}</row>{rows}</sheetData>'
    return changed(content, **{SHEET1: markup.replace("</sheetData>", row)})


def with_strings(*strings: str) -> bytes:
    """Return a workbook as Excel writes it, its text apart from its cells: one column of it."""
    content = xlsx([[None]])
    rows = "".join(f'<row><c t="s"><v>{n}</v></c></row>' for n in range(len(strings)))
    media_type = "application/vnd.openxmlformats-officedocument.spreadsheetml.sharedStrings+xml"
    override = f'<Override PartName="/{STRINGS}" ContentType="{media_type}"/></Types>'
    types = part(content, "[Content_Types].xml").replace("</Types>", override)
    before, _, after = part(content, SHEET1).partition("</sheetData>")
    markup = f"{before}{rows}</sheetData>{after}"
    table = f'<sst xmlns="{MAIN}">{"".join(strings)}</sst>'
    return changed(content, **{"[Content_Types].xml": types, SHEET1: markup, STRINGS: table})


def of(content: bytes, name: str = "a.xlsx") -> Sheet:
    source = io.BytesIO(content)
    source.seek(3)
    found = read(name, source)
    assert source.tell() == 0
    return found


def refusal(content: bytes, name: str = "a.xlsx") -> str:
    source = io.BytesIO(content)
    with pytest.raises(SheetError) as caught:
        read(name, source)
    return str(caught.value)


def comma(text: str) -> Sheet:
    return of(text.encode(), "a.csv")


# -- workbooks ---------------------------------------------------------------------------------


def test_cells_of_a_workbook() -> None:
    found = of(
        xlsx(
            [
                ["Chữ", "Số", "Ngày", "Khác"],
                [normalize("NFD", " Phường Thuận Hóa "), 1234567, DAY, True],
                ["Không phải công thức", 0.1 + 0.2, datetime.combine(DAY, time(8, 5)), time(7, 30)],
                ["-", -12.5, datetime.combine(DAY, time()), timedelta(hours=30, minutes=5)],
                ["a\r\nb", 10**15, None, "  "],
            ]
        )
    )
    assert found.header == ("Chữ", "Số", "Ngày", "Khác")
    assert found.rows == (
        ("Phường Thuận Hóa", Decimal(1234567), DAY, "TRUE"),
        ("Không phải công thức", Decimal("0.3"), "08:05 01/07/2025", "07:30"),
        ("-", Decimal("-12.5"), DAY, "30:05"),
        ("a\nb", Decimal(10**15), None, None),
    )
    assert found.first_row == 2
    assert not any(isinstance(c, datetime) for row in found.rows for c in row)


def test_text_apart_from_its_cells() -> None:
    found = of(
        with_strings(
            "<si><t>Tên</t></si>",
            "<si><r><t>Phường </t></r><r><rPr><b/></rPr><t>Huế</t></r></si>",
            "<si><t>東京</t><rPh sb='0' eb='2'><t>とうきょう</t></rPh></si>",
        )
    )
    assert found == Sheet(("Tên",), (("Phường Huế",), ("東京",)), 3)


def test_text_that_looks_like_a_formula_stays_text() -> None:
    cells = '<c r="A2" t="inlineStr"><is><t>=1+1</t></is></c><c r="B2" t="str"><v>@x</v></c>'
    assert of(with_cells(cells)).rows == (("=1+1", "@x", None),)


def test_the_first_visible_sheet_is_read() -> None:
    assert of(xlsx([["A"], ["x"]], hidden=[["Ẩn"], ["y"]])) == Sheet(("A",), (("x",),))


def test_titles_empty_rows_and_columns() -> None:
    found = of(
        xlsx(
            [
                ["BẢNG TỔNG HỢP"],
                ["(Kèm theo Công văn số 12)", None],
                [],
                ["Tên", "  Số \n tiền ", None, None],
                ["a", 1],
                [],
                ["b"],
                [None, "  ", None],
                [],
            ]
        )
    )
    assert found == Sheet(HEADER, (("a", 1), (None, None), ("b", None)), 5)  # type: ignore[arg-type]
    assert [place for place, _row in found.numbered()] == [5, 7]


def test_a_table_of_one_column_has_no_title() -> None:
    assert of(xlsx([["Tên"], ["a"], ["b"]])) == Sheet(("Tên",), (("a",), ("b",)))
    assert of(xlsx([["Tên"]])) == Sheet(("Tên",), ())


def test_a_formula_has_the_value_that_was_saved() -> None:
    cells = (
        '<c r="A2"><f>1+1</f><v>2</v></c><c r="B2" t="str"><f>T(1)</f><v></v></c>'
        '<c r="C2" t="str"><f>"x"</f><v>x</v></c>'
    )
    assert of(with_cells(cells)).rows == ((Decimal(2), None, "x"),)


def test_a_formula_without_value_is_named() -> None:
    content = xlsx([["A", "B", "C"], [1, 2, 3], [], [], [1, 2, "=A2+B2"]])
    assert "C5" in refusal(content)
    assert "B2" in refusal(with_cells('<c r="B2" t="str"><f>T(1)</f></c>'))
    # The prefix of a name is the author's.
    markup = part(xlsx([["A"], ["=1+1"]]), SHEET1)
    markup = re.sub(r"<(/?)(?=[a-z])", r"<\1x:", markup).replace("xmlns=", "xmlns:x=")
    assert "A2" in refusal(changed(xlsx([["A"]]), **{SHEET1: markup}))


def test_an_error_is_named() -> None:
    said = refusal(with_cells('<c r="B2" t="e"><v>#DIV/0!</v></c>'))
    assert "B2" in said
    assert "#DIV/0!" in said
    assert "A2" in refusal(with_cells('<c r="A2"><v>1e999</v></c>'))


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        ([], "no table"),
        ([[None, None]], "no table"),
        ([["A", "B"], [1, 2, 3]], "C2"),
        ([["A", None, "C"], [1, 2, 3]], "Column B"),
        ([["A", "B", " a "]], "A and C"),
        ([["A", "B"], ["x" * 32_768, 1]], "A2"),
        ([[f"c{n}" for n in range(201)]], "200"),
        ([["A", "B"], [*[None] * 300, 1]], "200"),
    ],
)
def test_what_is_wrong_with_a_table(rows: list[list[object]], said: str) -> None:
    content = xlsx(rows)
    if rows and isinstance(rows[-1][0], str) and len(rows[-1][0]) > 32_767:
        # The library cuts it off; another program may not.
        cells = f'<c r="A2" t="inlineStr"><is><t>{rows[-1][0]}</t></is></c>'
        content = with_cells(cells)
    assert said in refusal(content)


def test_as_many_rows_as_are_allowed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(table, "MAX_ROWS", 50)
    monkeypatch.setattr(table, "MAX_TITLES", 3)
    rows = [["A", "B"], *([n, n] for n in range(50))]
    assert len(of(xlsx(rows)).rows) == 50
    assert len(of(xlsx([["Bảng"], ["Năm"], *rows])).rows) == 50
    assert "50 rows" in refusal(xlsx([*rows, [1, 2]]))
    assert "50 rows" in refusal(as_csv(["A"], [["1"]] * 51).encode(), "a.csv")


def test_200_000_rows_are_refused_at_once() -> None:
    text = "A,B\n" + "1,2\n" * 200_000
    assert "10.000 rows" in refusal(text.encode(), "a.csv")
    row = '<row r="{0}"><c r="A{0}" t="inlineStr"><is><t>x{0}</t></is></c><c><v>{0}</v></c></row>'
    assert "10.000 rows" in refusal(with_cells("", "".join(map(row.format, range(3, 200_003)))))
    # Few enough to be looked at.
    assert "10.000 rows" in refusal(with_cells("", "".join(map(row.format, range(3, 12_003)))))


def test_empty_rows_without_end_are_refused() -> None:
    assert "100000" in refusal(with_cells("", '<row r="900000000"><c><v>1</v></c></row>'))
    rows = '<row r="90000"><c s="0"/></row>'
    assert of(with_cells('<c r="A2"><v>1</v></c>', rows)).rows == ((Decimal(1), None, None),)


def test_the_size_a_sheet_states_is_not_believed() -> None:
    content = xlsx([["A", "B"], [1, 2]])
    markup = part(content, SHEET1).replace('ref="A1:B2"', 'ref="A1:A1"')
    assert of(changed(content, **{SHEET1: markup})).rows == ((1, 2),)
    markup = markup.replace('ref="A1:A1"', 'ref="A1:XFD1048576"')
    assert of(changed(content, **{SHEET1: markup})).rows == ((1, 2),)


@pytest.mark.parametrize(
    ("parts", "said"),
    [
        ({"xl/vbaProject.bin": b"x"}, "macros"),
        ({"xl/macrosheets/sheet1.xml": b"<x/>"}, "macros"),
        ({"xl/externalLinks/externalLink1.xml": b"<x/>"}, "other files"),
        ({"xl/connections.xml": b"<x/>"}, "other files"),
        ({"xl/embeddings/oleObject1.bin": b"x"}, "files inside"),
        ({"xl/activeX/activeX1.xml": b"<x/>"}, "files inside"),
        ({"xl/styles.xml": b"<x>" + b"<a/>" * 300_001}, "too large"),
        ({"xl/workbook.xml": b"<workbook>"}, "damaged"),
        ({"xl/workbook.xml": None}, "damaged"),
        ({"[Content_Types].xml": None}, "damaged"),
        ({SHEET1: b"\0"}, "damaged"),
        ({SHEET1: b"<x/>"}, "no table"),
    ],
)
def test_workbooks_that_are_refused(parts: dict[str, bytes | None], said: str) -> None:
    assert said in refusal(changed(xlsx([["A", "B"], ["x", 1]]), **parts))


def test_macros_are_known_by_their_type() -> None:
    content = xlsx([["A", "B"], [1, 2]])
    types = part(content, "[Content_Types].xml").replace(
        "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml",
        "application/vnd.ms-excel.sheet.macroEnabled.main+xml",
    )
    assert "macros" in refusal(changed(content, **{"[Content_Types].xml": types}))


@pytest.mark.parametrize("name", [SHEET1, STRINGS, "xl/workbook.xml", "xl/styles.xml"])
def test_entities_are_never_expanded(name: str) -> None:
    content = with_strings("<si><t>A</t></si>")
    entities = '<!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;">]>'
    markup = re.sub(r"^(<\?xml[^>]*>)?", lambda m: m[0] + entities, part(content, name), count=1)
    assert of(content).header == ("A",)
    assert "damaged" in refusal(changed(content, **{name: markup}))


def test_the_library_reads_xml_safely() -> None:
    assert openpyxl.DEFUSEDXML


def test_other_files_under_the_name_of_a_workbook() -> None:
    assert "damaged" in refusal(b"MZ\x90\x00" + bytes(300))
    assert "damaged" in refusal(b"")
    assert "password" in refusal(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600))
    zeros = io.BytesIO()
    with zipfile.ZipFile(zeros, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/worksheets/sheet1.xml", bytes(64 << 20))
    assert "trap" in refusal(zeros.getvalue())
    assert "20 MB" in refusal(b"PK" + bytes(20 << 20))
    for name in ("a.xls", "a.ods", "a.xlsm", "a", ".xlsx", "a.txt"):
        assert ".csv" in refusal(b"x", name)


# -- CSV ---------------------------------------------------------------------------------------


def code_page(text: str) -> bytes:
    """Return text as Vietnamese Windows writes it: letters, then their tones."""
    out = b""
    for char in normalize("NFC", text):
        tones = [c for c in normalize("NFD", char) if c in TONES]
        letter = normalize("NFC", "".join(c for c in normalize("NFD", char) if c not in TONES))
        try:
            out += char.encode("cp1258")
        except UnicodeEncodeError:
            out += (letter + "".join(tones)).encode("cp1258")
    return out


TEXT = "Tên;Số tiền\r\nPhường Thuận Hóa – “Đặng Ưu”;1.234,5\r\n"


@pytest.mark.parametrize(
    "content",
    [TEXT.encode(), TEXT.encode("utf-8-sig"), TEXT.encode("utf-16"),
     normalize("NFD", TEXT).encode(), b"\xfe\xff" + TEXT.encode("utf-16-be"),
     code_page(TEXT), TEXT.replace(";", "\t").encode(),
     ("sep=;\r\n" + TEXT).encode(), TEXT.replace("\r\n", "\r").encode(),
     TEXT.replace("\r\n", "\n").strip().encode()],
)  # fmt: skip
def test_encodings_separators_and_line_ends(content: bytes) -> None:
    found = of(content, "Bảng.CSV")
    assert found == Sheet(HEADER, (("Phường Thuận Hóa – “Đặng Ưu”", "1.234,5"),))


def test_western_windows() -> None:
    content = "Tên,Ghi\nHà Lan,à la carte\n".replace("ê", "e").encode("cp1252")
    assert of(content, "a.csv").rows == (("Hà Lan", "à la carte"),)


@pytest.mark.parametrize(
    "content",
    [
        # The font TCVN3, where other signs stand for letters.
        b"T\xaan,S\xe8\nHu\xd5,Th\xb5nh ph\xe8 \xae\n",
        b"a,b\n\x81\x8d,1\n",
        "a;b\n1;2".encode("utf-16-le"),
        b"\xff\xfea",
        b"a\0b,c\n",
        b"\x89PNG\r\n\x1a\n\xff\xfe\x00",
    ],
)
def test_letters_that_cannot_be_read(content: bytes) -> None:
    assert "CSV UTF-8" in refusal(content, "a.csv")


def test_the_separator_is_the_one_that_cuts_evenly() -> None:
    assert comma("a,b\n1,2\n") == Sheet(("a", "b"), (("1", "2"),))
    assert comma("a;b\n1,5;2,5\n3,5;4\n").rows == (("1,5", "2,5"), ("3,5", "4"))
    assert comma('a,b\n"x; y; z",2\n').rows == (("x; y; z", "2"),)
    assert comma("Bảng 1, năm 2024\na;b\n1;2\n2;3\n").header == ("a", "b")
    assert comma("Tên\nx\ny\n") == Sheet(("Tên",), (("x",), ("y",)))


def test_cells_of_csv_are_text() -> None:
    found = comma('mã,tên\n001,"a ""b"" c"\n 1.1 ,\n\n=1+1,-\n,\n')
    assert found.rows == (("001", 'a "b" c'), ("1.1", None), (None, None), ("=1+1", "-"))


@pytest.mark.parametrize("text", ['a,b\n"x,1\n2,3\n', 'a,b\n"x"y,1\n', f'a,b\n"{"x" * 140_000}",1'])
def test_quotation_marks_that_do_not_match(text: str) -> None:
    assert "Line" in refusal(text.encode(), "a.csv")


def test_large_csv() -> None:
    assert "20 MB" in refusal(b"x" * ((20 << 20) + 1), "a.csv")
    assert "200" in refusal((",".join("x" * 500) + "\n").encode(), "a.csv")


# -- cells ---------------------------------------------------------------------------------------


def test_the_meaning_of_cells() -> None:
    assert [number(c) for c in ("1.234,5", Decimal(3), "x", None, date(2025, 1, 1))] == [
        Decimal("1234.5"), Decimal(3), None, None, None,
    ]  # fmt: skip
    assert {day(c) for c in ("1/7/2025", "2025-07-01", DAY)} == {DAY}
    assert {day(c) for c in ("x", Decimal(1), None)} == {None}
    assert [label(c) for c in ("001", Decimal(1234), Decimal("1E+3"), DAY, None)] == [
        "001", "1234", "1000", "01/07/2025", "",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("value", "written"),
    [
        ("Nguyễn Văn Một", "Nguyễn Văn Một"),
        ("=HYPERLINK(1)", "'=HYPERLINK(1)"),
        ("+84 234", "'+84 234"),
        ("@cmd", "'@cmd"),
        ("-1", "'-1"),
        ("\tx", "'\tx"),
        ("\r=1", "'\r=1"),
        ("\uff1d1", "'\uff1d1"),
        ("a=1", "a=1"),
        ("Hỏi;=1+1;x", "Hỏi;'=1+1;x"),
        ("=1;+1;;-1", "'=1;'+1;;'-1"),
        ("a\t@cmd", "a\t'@cmd"),
        ('a;"=1"', 'a;\'"=1"'),
        ("a;\uff1d1", "a;'\uff1d1"),
        ("một; hai;\n- ba", "một; hai;\n- ba"),
        ("", ""),
    ],
)
def test_harmless(value: str, written: str) -> None:
    assert harmless(value) == written


def test_as_csv() -> None:
    row = ("=1", Decimal("-1234.50"), DAY, None, 'Trần "Ba", Thị')
    text = as_csv(["a", "=b", "c", "d", "e"], [row])
    assert text.startswith("\ufeffa,'=b,c,d,e\r\n")
    rows = list(csv.reader(io.StringIO(text.removeprefix("\ufeff"))))
    assert rows[1] == ["'=1", "-1234.50", "2025-07-01", "", 'Trần "Ba", Thị']


def test_what_is_written_is_read() -> None:
    rows = (("a; b", "1\n2"), ("c", None), (None, 'd"'))
    assert of(as_csv(["Tên", "Số"], rows).encode(), "a.csv") == Sheet(("Tên", "Số"), rows)


def test_public_names() -> None:
    assert all(hasattr(sheets, name) for name in sheets.__all__)


def test_a_workbook_with_signs_xml_does_not_know_can_be_read_back() -> None:
    target = io.BytesIO()
    sheets.write_xlsx(target, ["Tên\uffff"], [["a\ufffeb\uffffc"], ["=\uffff1"]], title="x\ufffe")
    table = of(target.getvalue())
    assert table.header == ("Tên",)
    assert table.rows == (("abc",), ("=1",))
