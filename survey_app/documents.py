"""Reading a JSON document that a program sent: strictly, and saying where it is wrong."""

from datetime import datetime
from typing import TypeVar

from flask import request
from pydantic import BaseModel, ValidationError

from survey_app.errors import Unprocessable, UnsupportedMediaType

Document = TypeVar("Document", bound=BaseModel)


def read_document(kind: type[Document]) -> Document:
    """The request's body as a document of this kind.

    Raises UnsupportedMediaType unless it is JSON, and Unprocessable, saying where, when it
    does not have the form. Types are taken strictly: "5" is not a number.
    """
    if not request.is_json:
        raise UnsupportedMediaType
    try:
        return kind.model_validate_json(request.get_data(cache=False), strict=True)
    except ValidationError as error:
        raise Unprocessable(
            "The document does not have the expected form.", errors=places(error)
        ) from error


def places(error: ValidationError) -> list[dict[str, str]]:
    """Where and what is wrong, without repeating what was sent."""
    return [
        {"pointer": "/" + "/".join(str(part) for part in each["loc"]), "detail": each["msg"]}
        for each in error.errors(include_input=False, include_url=False, include_context=False)[:20]
    ]


def instant(value: datetime) -> str:
    """An instant as RFC 3339 text in UTC."""
    return value.isoformat(timespec="milliseconds").replace("+00:00", "Z")
