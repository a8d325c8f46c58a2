"""The questionnaire as devices receive it: in the order in which it is asked."""

from survey_app.models import Option, Question, Survey, SurveyVersion
from survey_app.questionnaire import describe_version


def question(code: str, role: str, kind: str, options: tuple[str, ...] = ()) -> Question:
    return Question(
        code=code,
        role=role,
        kind=kind,
        options=[Option(code=option, **texts(option)) for option in options],
        **texts(code),
    )


def texts(text: str) -> dict[str, str]:
    return {f"text_{language}": text for language in ("az", "ru", "en")}


def test_groups_are_asked_about_last_and_not_saying_is_the_last_option() -> None:
    version = SurveyVersion(
        number=1,
        survey=Survey(dignity=True),
        questions=[
            question("sex", "equality", "single", ("no_answer", "female", "male")),
            question("satisfaction", "satisfaction", "score", ("1", "2", "3", "4", "5")),
            question("age", "equality", "single", ("young", "no_answer", "old")),
            question("comment", "free", "text"),
            question("bad", "driver", "multiple", ("waiting", "no_answer_at_counter")),
        ],
    )
    document = describe_version(version)
    assert document["dignity"] is True
    described = document["questions"]
    options = {each["code"]: [option["code"] for option in each["options"]] for each in described}
    assert list(options) == ["satisfaction", "comment", "bad", "sex", "age"]
    assert options["sex"] == ["female", "male", "no_answer"]
    assert options["age"] == ["young", "old", "no_answer"]
    assert options["bad"] == ["waiting", "no_answer_at_counter"]
