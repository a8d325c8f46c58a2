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
    "listen": N_("Read aloud"),
    "back": N_("Back"),
    "continue": N_("Continue"),
    "skip": N_("Skip this question"),
    "enough": N_("That is all, send"),
    "send": N_("Send my rating"),
    "your_rating": N_("Your rating:"),
    "decline": N_("I would rather not say"),
    "more_time": N_("I need more time"),
    "more_time_said": N_(
        "Your rating will be sent in {count} seconds. Touch the screen if you need more time."
    ),
    "service_question": N_("What did you come for?"),
    "service_search": N_("Search by name"),
    "service_none": N_("Nothing found. Try another word or go back to the list."),
    "ticket_have": N_("I have a visit ticket"),
    "ticket_given": N_("Visit ticket: {code}"),
    "ticket_read": N_("Your ticket has been read"),
    "ticket_title": N_("Your visit ticket"),
    "ticket_hint": N_("The ten letters under the square code on the ticket"),
    "ticket_use": N_("Use this ticket"),
    "ticket_scan": N_("Scan with the camera"),
    "ticket_incomplete": N_("The ticket has ten letters. Please enter all of them."),
    "ticket_mistyped": N_("A letter is wrong. Please compare it with the ticket."),
    "scan_title": N_("Hold your ticket in front of the camera"),
    "scan_help": N_("Place the square code inside the frame. No picture is kept."),
    "scan_waiting": N_("The camera is being turned on."),
    "scan_looking": N_("Looking for the code."),
    "scan_other": N_("This is not the code of a visit ticket."),
    "scan_refused": N_(
        "This tablet may not use its camera. Please type the letters on the ticket instead."
    ),
    "scan_failed": N_(
        "The camera does not work at the moment. Please type the letters on the ticket instead."
    ),
    "scan_turn": N_("Other camera"),
    "scan_close": N_("Close the camera"),
    "comment_hint": N_("Please do not write names, FIN codes or phone numbers."),
    "comment_full": N_("There is no more room for text here."),
    "groups_title": N_("About you (optional)"),
    "groups_purpose": N_(
        "These answers help us see whether everybody is served equally well. They are "
        "voluntary, never shown for small groups and never linked to your name."
    ),
    "thanks": N_("Thank you"),
    "thanks_saved": N_("Your rating has been saved without your name."),
    "farewell": N_("Thank you for coming."),
    "asleep_hours": N_("Opening hours: {hours}"),
    "asleep_wake": N_("Touch to rate your visit"),
    "day_1": N_("Monday"),
    "day_2": N_("Tuesday"),
    "day_3": N_("Wednesday"),
    "day_4": N_("Thursday"),
    "day_5": N_("Friday"),
    "day_6": N_("Saturday"),
    "day_7": N_("Sunday"),
    "paused_title": N_("This tablet is resting"),
    "paused_help": N_("Please use another tablet or the code on the wall."),
    "insecure_title": N_("This page needs a secure connection"),
    "insecure_help": N_("For staff: open the address that begins with https."),
    "pair_title": N_("This tablet is not connected yet"),
    "pair_help": N_("Enter the eight-character connection code that a member of staff gives you."),
    "pair_code": N_("Connection code"),
    "pair_send": N_("Connect this tablet"),
    "pair_working": N_("Connecting…"),
    "pair_incomplete": N_("The code has eight characters. Please enter all of them."),
    "pair_unknown": N_("This code is not known or is no longer valid. Please ask for a new code."),
    "pair_many": N_("There have been too many attempts. Please wait ten minutes and try again."),
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
    "staff_corner": N_("For staff: hold for three seconds"),
    "staff_title": N_("For staff"),
    "staff_close": N_("Close"),
    "staff_pin": N_("Enter the PIN"),
    "staff_delete": N_("Delete the last digit"),
    "staff_open": N_("Open the menu"),
    "staff_pin_wrong": N_("This PIN is wrong. Attempts left: {count}"),
    "staff_pin_locked": N_("There have been too many wrong PINs. Try again after {time}."),
    "staff_pin_none": N_(
        "This center has no PIN for its tablets yet. A manager sets one on the network page."
    ),
    "staff_language": N_("First language on this tablet"),
    "staff_language_center": N_("As in the whole center"),
    "staff_send": N_("Send now"),
    "staff_again": N_("Send refused ratings again"),
    "staff_sending": N_("Sending. The figures above show how it goes."),
    "staff_update": N_("Update now"),
    "staff_update_asking": N_("Asking for a new version…"),
    "staff_update_asked": N_(
        "If there is a new version, the tablet takes it over when this menu is closed."
    ),
    "staff_update_failed": N_("No new version could be asked for. Check the network."),
    "staff_unpair": N_("Disconnect this tablet"),
    "staff_unpair_help": N_("To take ratings again it will need a new connection code."),
    "staff_unpair_kept": N_(
        "Ratings not yet sent: {count}. They stay on this tablet and are sent only after it is "
        "connected again."
    ),
    "staff_unpair_refused": N_(
        "Ratings refused by the server: {count}. They are erased when the tablet is disconnected."
    ),
    "staff_unpair_anyway": N_("Disconnect all the same"),
    "staff_unpaired": N_("This tablet is disconnected."),
    "staff_unpaired_here": N_(
        "This tablet is disconnected, but the server could not be told. Please ask a manager to "
        "disconnect it on the network page too."
    ),
    "diag_connection": N_("Connection"),
    "diag_heard": N_("The server answered at {time}"),
    "diag_silent": N_("No answer from the server since the start"),
    "diag_unsent": N_("Not yet sent"),
    "diag_refused": N_("Refused by the server"),
    "diag_refused_since": N_("{count}, since {time}"),
    "diag_sent": N_("Last sent"),
    "diag_never": N_("Never"),
    "diag_storage": N_("Free storage"),
    "diag_persistent": N_("Storage is protected"),
    "diag_battery": N_("Battery"),
    "diag_charging": N_("charging"),
    "diag_skew": N_("Clock, compared with the server"),
    "diag_seconds": N_("{count} s"),
    "diag_version": N_("Version"),
    "diag_center": N_("Center"),
    "diag_place": N_("Place"),
    "diag_yes": N_("Yes"),
    "diag_no": N_("No"),
    "diag_unknown": N_("Not known"),
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
