"""The pages behind a code: a citizen's own phone, no script and no cookie needed."""

from survey_app.extensions import csrf
from survey_app.qr import receipt_views, views

blueprint = views.blueprint
# The forms are anonymous: there is no session a forged request could ride on, and no cookie.
csrf.exempt(blueprint)

__all__ = ["blueprint", "receipt_views"]
