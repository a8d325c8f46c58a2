"""Header cells say what they are the header of, quotations in which language they are."""

import io

import pikepdf
from weasyprint import HTML

from analysis.pdf_tags import complete

PAGE = """<html lang="az"><title>t</title>
<blockquote lang="ru"><p>Спасибо</p></blockquote><blockquote><p>?</p></blockquote>
<blockquote lang="en"><p>Thanks</p></blockquote>
<table><thead><tr><th scope="col">Ay</th><th scope="col">Pay</th></tr></thead>
<tbody><tr><th scope="row">may</th><td>97</td></tr></tbody></table></html>"""


def tagged():
    written = HTML(string=PAGE).write_pdf(finisher=complete, pdf_variant="pdf/ua-1")
    with pikepdf.open(io.BytesIO(written)) as document:
        items = [item for item in document.objects if isinstance(item, pikepdf.Dictionary)]
        return [
            (str(item.S), str(item.get("/Lang", "")), str(item.get("/A", {}).get("/Scope", "")))
            for item in items
            if item.get("/Type") == "/StructElem"
        ]


def test_quotations_keep_their_language():
    quotations = [language for tag, language, _ in tagged() if tag == "/BlockQuote"]
    assert quotations == ["ru", "", "en"]


def test_headers_of_columns_and_of_rows():
    assert [scope for tag, _, scope in tagged() if tag == "/TH"] == ["/Column", "/Column", "/Row"]
