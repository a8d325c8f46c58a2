"""The fixed words of the tablet page, by key. What a survey asks comes with the set-up document."""

from collections.abc import Callable, Iterable


def N_(message: str) -> str:
    """Mark a msgid; it is translated when the page is rendered, once for every language."""
    return message


TEXTS = {
    "title": N_("Rate your visit"),
    "languages": N_("Language"),
    "steps": N_("Next steps"),
    "aids": N_("Easier to read and reach"),
    "larger": N_("Larger text"),
    "contrast": N_("High contrast"),
    "lower": N_("Bring lower"),
    "back": N_("Back"),
    "continue": N_("Continue"),
    "skip": N_("Skip this question"),
    "enough": N_("That is all, send"),
    "send": N_("Send my rating"),
    "your_rating": N_("Your rating:"),
    "more_time": N_("Touch the screen if you need more time"),
    "service_question": N_("What did you come for?"),
    "service_search": N_("Search by name"),
    "service_none": N_("Nothing found. Try another word or go back to the list."),
    "comment_hint": N_("Please do not write names, FIN codes or phone numbers."),
    "comment_full": N_("There is no more room for text here."),
    "groups_title": N_("About you (optional)"),
    "groups_purpose": N_(
        "These answers help us see whether everybody is served equally well. They are "
        "voluntary, never shown for small groups and never linked to your name."
    ),
    "thanks": N_("Thank you"),
    "thanks_saved": N_("Your rating has been saved without your name."),
    "pair_title": N_("This tablet is not connected yet"),
    "pair_help": N_("Enter the eight-character connection code that a member of staff gives you."),
    "pair_code": N_("Connection code"),
    "pair_send": N_("Connect this tablet"),
    "pair_working": N_("Connecting…"),
    "pair_incomplete": N_("The code has eight characters. Please enter all of them."),
    "pair_unknown": N_("This code is not known or is no longer valid. Please ask for a new code."),
    "pair_many": N_("There have been too many attempts. Please wait a minute and try again."),
    "pair_offline": N_("There is no connection to the server. Check the network and try again."),
    "pair_failed": N_("The server did not answer as expected. Please try again in a minute."),
    "ended_title": N_("This tablet is no longer connected"),
    "ended_help": N_("A member of staff can connect it again with a new code."),
    "ended_kept": N_("Ratings kept on this tablet and not yet sent: {count}"),
    "waiting_title": N_("The tablet is getting ready"),
    "waiting_help": N_("It is waiting for the network and will start by itself."),
    "broken_title": N_("This tablet cannot save ratings at the moment"),
    "storage_title": N_("Your rating could not be saved"),
    "storage_help": N_("We are sorry. Please tell a member of staff."),
    "storage_staff": N_(
        "For staff: this browser cannot store data. Free some space, leave private mode and reload."
    ),
    "old_browser": N_(
        "This browser cannot show the page. Please use a current Chrome, Edge, Firefox or Safari."
    ),
}


def build_texts(
    languages: Iterable[str], translate: Callable[[str, str], str]
) -> dict[str, dict[str, str]]:
    """Every text in every language, as the page keeps them for use without a network.

    `translate(language, msgid)` gives the wording in one language.
    """
    return {
        language: {key: translate(language, message) for key, message in TEXTS.items()}
        for language in languages
    }
