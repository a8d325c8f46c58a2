"""The page behind a code: a citizen's own phone, no script and no cookie needed."""

from survey_app.extensions import csrf
from survey_app.qr.views import blueprint

# The form is anonymous: there is no session a forged request could ride on, and no cookie.
csrf.exempt(blueprint)

__all__ = ["blueprint"]
