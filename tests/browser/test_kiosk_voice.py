"""Reading aloud: recordings one after another, at once silent when asked, never in the way."""

import pytest
from playwright.sync_api import expect

pytestmark = pytest.mark.any_database

# A voice of its own, and what it does: each sound that begins, and whether it speaks.
CREATE = """async () => {
    const { createVoice } = await import('/static/kiosk/voice.js');
    window.played = [];
    const start = AudioBufferSourceNode.prototype.start;
    AudioBufferSourceNode.prototype.start = function () {
        window.played.push(this.buffer.duration);
        setTimeout(() => window.onSound?.());
        return start.call(this);
    };
    window.states = [];
    let before = false;
    // Told also when the device's own voices have come, which changes nothing here.
    await new Promise((resolve) => {
        window.voice = createVoice({
            index: '/static/kiosk/voice/index.json',
            onChange: (speaking) => {
                if (speaking !== before) window.states.push(speaking);
                before = speaking;
                if (window.voice.can('az')) resolve();
            },
        });
    });
    return ['az', 'ru', 'en'].map(window.voice.can);
}"""


@pytest.fixture
def page(new_page):
    """A page without the worker, which would still be fetching when the test is over."""
    return new_page(service_workers="block")


@pytest.fixture
def reader(page):
    """The tablet's page with a voice in it, touched once."""
    page.goto("/kiosk/")
    expect(page.locator("h1")).to_be_visible()
    page.locator("h1").click()
    assert page.evaluate(CREATE) == [True, True, True]
    page.evaluate("window.states = []")
    return page


def test_it_reads_one_after_the_other_and_skips_what_nobody_recorded(reader):
    texts = ["Да", "Something that nobody recorded", "Нет"]
    reader.evaluate("(texts) => voice.speak(texts, 'ru')", texts)
    played = reader.evaluate("played")
    assert len(played) == 2
    assert all(0.3 < seconds < 3 for seconds in played)
    assert reader.evaluate("states") == [True, False]


def test_it_falls_silent_at_once_and_begins_anew(reader):
    long, short = "Отправить оценку", "Да"
    reader.evaluate(
        """async ([long]) => {
            window.onSound = voice.stop;
            await voice.speak([long, long, long], 'ru');
            window.onSound = null;
        }""",
        [long],
    )
    assert len(reader.evaluate("played")) == 1

    reader.evaluate(
        "([long, short]) => { voice.speak([long], 'ru'); return voice.speak([short], 'ru'); }",
        [long, short],
    )
    assert reader.evaluate("states") == [True, False, True, False, True, False]


def test_a_lost_network_or_a_broken_device_stops_nobody(reader):
    reader.context.set_offline(offline=True)
    reader.evaluate("voice.speak(['Да', 'Нет'], 'ru')")
    reader.context.set_offline(offline=False)
    reader.evaluate("""() => {
        AudioContext.prototype.decodeAudioData = () => { throw new Error('no sound'); };
        return voice.speak(['Да'], 'ru');
    }""")
    assert reader.evaluate("[played, states]") == [[], [True, False, True, False]]


def test_no_sound_before_a_touch(page):
    # Run by the page itself: what Playwright evaluates counts as a touch.
    page.add_init_script(f"""addEventListener('load', async () => {{
        await ({CREATE})();
        window.states = [];
        const touched = navigator.userActivation.hasBeenActive;
        await voice.speak(['Да'], 'ru');
        console.info("early", JSON.stringify([touched, played, states]));
    }})""")
    # Heard and not looked for, while nothing may be evaluated.
    with page.expect_console_message(lambda told: told.text.startswith("early")) as heard:
        page.goto("/kiosk/")
    assert heard.value.text == "early [false,[],[]]"
