"""Documents for tests of search engines: one plan, and hundreds that look like it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from hoitu.core.search import SearchBackend, SearchDocument, SearchQuery

FIRST_DAY = datetime(2021, 3, 1, 2, tzinfo=UTC)
_ISSUERS = ("UBND", "HĐND", "STC", "SYT", "SGDĐT", "STTTT")
_KINDS = {
    "KH": "Kế hoạch",
    "QĐ": "Quyết định",
    "BC": "Báo cáo",
    "TB": "Thông báo",
    "CV": "Công văn",
}
_SUBJECTS = (
    "Cơ cấu lại ngành nông nghiệp trong hệ thống kế hoạch của tỉnh",
    "Tái định cư và tái thiết cấu trúc hạ tầng theo kế hoạch đầu tư công",
    "Chuyển đổi số trong cơ quan nhà nước tỉnh Thừa Thiên Huế",
    "Vận hành Cổng thông tin điện tử và trang thông tin điện tử các xã",
    "Kiểm tra công tác phòng cháy, chữa cháy tại trụ sở cơ quan",
    "Tài chính và cấu trúc chi ngân sách nhà nước",
)
_BODY = (
    "Căn cứ Kế hoạch 389/KH-UBND ngày 27/11/2023, cơ quan nhà nước rà soát hệ thống, "
    "tái cơ cấu và hoàn thiện cấu trúc nội dung thông tin điện tử."
)

PLAN_389 = SearchDocument(
    389,
    1,
    "legal_document",
    "legal_documents",
    "plans",
    "vi",
    "Kế hoạch 389/KH-UBND",
    "Tái cấu trúc hệ thống Cổng, Trang thông tin điện tử của cơ quan nhà nước tỉnh Thừa Thiên Huế",
    "Triển khai thực hiện đồng bộ, thống nhất từ tỉnh đến cơ sở.",
    number="389/KH-UBND",
    sort_at=datetime(2023, 11, 27, 1, tzinfo=UTC),
)
"""The document that must come first for every way in which people ask for it."""


def similar_documents(count: int = 300) -> Iterator[SearchDocument]:
    """Yield plans and other documents that share words, or the number 389, with the plan 389."""
    kinds = list(_KINDS.items())
    for place in range(count):
        sign, kind = kinds[place % len(kinds)]
        issuer = _ISSUERS[place // len(kinds) % len(_ISSUERS)]
        same_number = place % 7 == 0 and (sign, issuer) != ("KH", "UBND")
        number = f"{389 if same_number else 1000 + place}/{sign}-{issuer}"
        subject = _SUBJECTS[place % len(_SUBJECTS)]
        yield SearchDocument(
            10_000 + place,
            1 + place % 5,
            "legal_document" if place % 3 else "article",
            "legal_documents" if place % 3 else "news",
            "plans" if sign == "KH" else "documents",
            "vi",
            f"{kind} {number} về {subject.lower()}" if place % 2 else f"{kind} {number}",
            subject,
            _BODY if place % 4 == 0 else f"{subject}. {kind} số {place}.",
            number=number,
            sort_at=FIRST_DAY + timedelta(days=place),
        )


def document(id_: int = 1, **values: Any) -> SearchDocument:
    """Return a short document; ``values`` replace its fields."""
    plain = SearchDocument(
        id_,
        1,
        "article",
        "news",
        "activities",
        "vi",
        "Lễ hội áo dài",
        "",
        "",
        sort_at=FIRST_DAY + timedelta(days=id_),
    )
    return replace(plain, **values)


def found(backend: SearchBackend, text: str, **restrictions: Any) -> list[int]:
    """Return the ids found, best first."""
    return [hit.id for hit in backend.search(SearchQuery(text, **restrictions)).hits]


def suggested(backend: SearchBackend, prefix: str, query: SearchQuery | None = None) -> list[str]:
    """Return the titles suggested, best first."""
    return [suggestion.title for suggestion in backend.suggest(prefix, query)]
