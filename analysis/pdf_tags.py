"""What WeasyPrint leaves out of a PDF's tags: the scope of headers, the language of quotations.

PDF/UA-1 wants both (ISO 14289-1, 7.2 and 7.5): a screen reader says the header with each cell, and
reads what a citizen wrote in the language it was written in.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

Element = dict[str, Any]


def complete(document: Any, pdf: Any) -> None:
    """Add the missing entries; a `finisher` of WeasyPrint's `write_pdf`.

    A header cell in a table's head is the header of its column, any other that of its row.
    Raises ValueError if the tags and the boxes do not tell of the same quotations.
    """
    elements = {item.number: item for item in pdf.objects if _tag(item)}
    quotations = [element for element in elements.values() if _tag(element) == "/BlockQuote"]
    for element, language in zip(quotations, _languages(document), strict=True):
        if language:
            element["Lang"] = f"({language})"
    for element in elements.values():
        if _tag(element) == "/TH":
            row = elements[_number(element["P"])]
            head = _tag(elements[_number(row["P"])]) == "/THead"
            element["A"]["Scope"] = "/Column" if head else "/Row"


def _tag(item: Any) -> str:
    """The structure type of a PDF object; empty for any other object."""
    if not isinstance(item, dict) or item.get("Type") != "/StructElem":
        return ""
    return str(item["S"])


def _number(reference: bytes) -> int:
    """The number of the object that a reference such as b"12 0 R" names."""
    return int(reference.split()[0])


def _languages(document: Any) -> Iterator[str | None]:
    """The language of each quotation, in the order in which WeasyPrint tags them."""
    # There is no public way to the boxes; the tests notice when this one is gone.
    for page in document.pages:
        for box in page._page_box.descendants():
            if box.element is not None and box.element_tag == "blockquote":
                yield box.element.get("lang")
