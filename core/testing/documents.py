"""Small documents with a text: PDF, Open XML and OpenDocument, as short as their formats allow."""

from __future__ import annotations

import zipfile
from io import BytesIO
from xml.sax.saxutils import escape

from openpyxl import Workbook

_CMAP = """/CIDInit /ProcSet findresource begin 12 dict begin begincmap
/CIDSystemInfo << /Registry (Adobe) /Ordering (UCS) /Supplement 0 >> def
/CMapName /Made def /CMapType 2 def 1 begincodespacerange <0000> <FFFF> endcodespacerange
1 beginbfrange <0000> <FFFF> <0000> endbfrange
endcmap CMapName currentdict /CMap defineresource pop end end"""
#: A lock whose password nobody knows.
_LOCK = f"<< /Filter /Standard /V 1 /R 2 /P -4 /O <{'a5' * 32}> /U <{'5a' * 32}> >>"

_WORD = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
_DRAWING = "http://schemas.openxmlformats.org/drawingml/2006/main"
_OPEN_XML = "application/vnd.openxmlformats-officedocument."


def pdf(*pages: str, locked: bool = False) -> bytes:
    """Return a PDF with one line of text on each page, which only programs can read."""
    font = 4
    objects = [
        "<< /Type /Catalog /Pages 2 0 R >>",
        "<< /Type /Pages /Count {} /Kids [{}] >>".format(
            len(pages), " ".join(f"{6 + 2 * n} 0 R" for n in range(len(pages)))
        ),
        _stream(_CMAP),
        "<< /Type /Font /Subtype /Type0 /BaseFont /Helvetica /Encoding /Identity-H "
        "/DescendantFonts [5 0 R] /ToUnicode 3 0 R >>",
        "<< /Type /Font /Subtype /CIDFontType2 /BaseFont /Helvetica /DW 500 "
        "/CIDSystemInfo << /Registry (Adobe) /Ordering (Identity) /Supplement 0 >> >>",
    ]
    for number, line in enumerate(pages):
        objects += [
            f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents {7 + 2 * number} 0 R "
            f"/Resources << /Font << /F {font} 0 R >> >> >>",
            _stream(f"BT /F 12 Tf 40 700 Td <{line.encode('utf-16-be').hex()}> Tj ET"),
        ]
    target, places = BytesIO(b"%PDF-1.4\n"), []
    target.seek(0, 2)
    for number, written in enumerate(objects, start=1):
        places.append(target.tell())
        target.write(f"{number} 0 obj\n{written}\nendobj\n".encode())
    start = target.tell()
    rows = "".join(f"{place:010} 00000 n \n" for place in places)
    lock = f"/Encrypt {_LOCK} /ID [<00> <00>]" if locked else ""
    target.write(
        f"xref\n0 {len(places) + 1}\n0000000000 65535 f \n{rows}trailer\n"
        f"<< /Size {len(places) + 1} /Root 1 0 R {lock} >>\nstartxref\n{start}\n%%EOF\n".encode()
    )
    return target.getvalue()


def docx(
    *paragraphs: str, markup: str = "", head: str = "", part: str = "word/document.xml"
) -> bytes:
    """Return a Word document of these paragraphs; ``markup`` stands after them as it is."""
    lines = "".join(f"<w:p><w:r><w:t>{escape(line)}</w:t></w:r></w:p>" for line in paragraphs)
    body = f'{head}<w:document xmlns:w="{_WORD}"><w:body>{lines}{markup}</w:body></w:document>'
    return _open_xml({part: body}, part, "wordprocessingml.document.main+xml")


def pptx(*slides: str) -> bytes:
    """Return a presentation with one line of text on each slide."""
    parts = {
        f"ppt/slides/slide{number}.xml": f'<a:s xmlns:a="{_DRAWING}"><a:p><a:r>'
        f"<a:t>{escape(line)}</a:t></a:r></a:p></a:s>"
        for number, line in enumerate(slides, start=1)
    }
    main = "ppt/presentation.xml"
    return _open_xml({main: "<p/>", **parts}, main, "presentationml.presentation.main+xml")


def xlsx(*cells: str) -> bytes:
    """Return a workbook with these cells in its first row."""
    book, target = Workbook(), BytesIO()
    book.active.append(cells)
    book.save(target)
    return target.getvalue()


def odt(*paragraphs: str, markup: str = "") -> bytes:
    """Return an OpenDocument text of these paragraphs; ``markup`` stands after them as it is."""
    lines = "".join(f"<text:p>{escape(line)}</text:p>" for line in paragraphs)
    names = " ".join(
        f'xmlns:{name}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"'
        for name in ("office", "text")
    )
    body = f"<office:document-content {names}>{lines}{markup}</office:document-content>"
    target = BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as package:
        package.writestr("mimetype", "application/vnd.oasis.opendocument.text")
        package.writestr("content.xml", body)
    return target.getvalue()


def _stream(content: str) -> str:
    return f"<< /Length {len(content)} >>\nstream\n{content}\nendstream"


def _open_xml(parts: dict[str, str], main: str, kind: str) -> bytes:
    target = BytesIO()
    types = f'<Types><Override PartName="/{main}" ContentType="{_OPEN_XML}{kind}"/></Types>'
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as package:
        package.writestr("[Content_Types].xml", types)
        for name, content in parts.items():
            package.writestr(name, content)
    return target.getvalue()
