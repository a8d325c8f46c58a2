/**
 * Reads the screen aloud: recordings where there are some, else a voice of the device itself.
 * Nothing here is needed for a rating: whatever fails is silent, and nobody waits for it.
 */

const TIMEOUT = 8_000;
const BETWEEN = 250;
// A device that says nothing and never says that it is done is not waited for.
const PER_LETTER = 150;
const PATIENCE = 3_000;
// A name in another language than the one spoken is said as its own speakers say it.
const LANGUAGES = ["az", "ru", "en"];

/**
 * `index` is the address of the list of recordings, which the worker keeps with them.
 * `onChange(speaking)` follows every start and end, and whenever `can` may answer otherwise than
 * before.
 */
export function createVoice({ index, onChange = () => {} }) {
  let recordings = null;
  let loading = null;
  let audio = null;
  // Each reading has a token of its own; one that no longer holds it stops.
  let reading = null;

  /** The list of recordings: language → text → file. Asked for again until it was had. */
  function load() {
    loading ??= find(index, "application/json").then((found) => found.json()).then(take, () => { loading = null; });
    return loading;
  }

  function take(list) {
    recordings = list;
    onChange(reading !== null);
  }

  function addressOf(text, language) {
    for (const code of [language, ...LANGUAGES]) {
      const file = recordings?.[code]?.[text];
      if (file) return fileAddress(index, code, file);
    }
    return null;
  }

  /** Say these texts one after the other. Resolves when that is over, for whatever reason. */
  async function speak(texts, language) {
    stop();
    // No page of ours makes a sound before somebody has touched it.
    if (navigator.userActivation?.hasBeenActive === false) return;
    const mine = { stop() {} };
    reading = mine;
    onChange(true);
    try {
      // Within the touch itself: later some browsers would not let it sound.
      audio ??= new AudioContext();
      audio.resume().catch(() => {});
      await load();
      for (const text of texts.map((each) => each.trim()).filter(Boolean)) {
        const address = addressOf(text, language);
        const said = address !== null && await play(address, mine);
        if (reading === mine && !said) await pronounce(text, language, mine);
        if (reading === mine) await pause(BETWEEN);
        if (reading !== mine) return;
      }
    } catch {
      // The screen says it all in writing.
    }
    if (reading === mine) stop();
  }

  /** Play a recording to its end; false when it cannot be played. */
  async function play(address, mine) {
    try {
      const sound = await audio.decodeAudioData(await (await find(address, "audio/ogg")).arrayBuffer());
      if (reading !== mine) return true;
      await over(sound.duration * 1000 + PATIENCE, mine, (done) => {
        const source = new AudioBufferSourceNode(audio, { buffer: sound });
        source.connect(audio.destination);
        source.onended = done;
        source.start();
        return () => source.stop();
      });
      return true;
    } catch {
      return false;
    }
  }

  function stop() {
    if (!reading) return;
    const ended = reading;
    reading = null;
    ended.stop();
    audio?.suspend().catch(() => {});
    onChange(false);
  }

  /** Whether anything in this language could be said. */
  function can(language) {
    return Boolean((recordings?.[language] && plays) || voiceOf(language));
  }

  load();
  globalThis.speechSynthesis?.addEventListener?.("voiceschanged", () => onChange(reading !== null));
  return { speak, stop, can };
}

async function pronounce(text, language, mine) {
  const voice = voiceOf(language);
  if (!voice) return;
  await over(text.length * PER_LETTER + PATIENCE, mine, (done) => {
    const words = new SpeechSynthesisUtterance(text);
    Object.assign(words, { voice, lang: voice.lang, rate: 0.9, onend: done, onerror: done });
    speechSynthesis.speak(words);
    return () => speechSynthesis.cancel();
  });
}

/** Wait until `begin(done)` calls back, the reading is stopped, or patience ends. */
function over(milliseconds, mine, begin) {
  return new Promise((resolve) => {
    const timer = setTimeout(() => finish(), milliseconds);
    const finish = () => {
      clearTimeout(timer);
      resolve();
    };
    const end = begin(finish);
    mine.stop = () => {
      end();
      finish();
    };
  });
}

const pause = (milliseconds) => new Promise((resolve) => { setTimeout(resolve, milliseconds); });

const fileAddress = (index, language, file) => new URL(`${language}/${file}`, new URL(index, location.href)).href;

const plays = document.createElement("audio").canPlayType("audio/ogg; codecs=opus") !== "";

/** A voice that lives on the device; any other would send what it reads to somebody's server. */
const voiceOf = (language) =>
  globalThis.speechSynthesis?.getVoices().find((voice) => voice.localService && voice.lang.startsWith(language));

/** What was asked for, from the worker's store or the network, and not a portal's page. */
async function find(address, type) {
  // With credentials, a portal's 401 would put its password dialog over the page, which then takes
  // no touch.
  const response = await fetch(address, {
    credentials: "omit", redirect: "error", signal: AbortSignal.timeout(TIMEOUT),
  });
  if (!response.ok || !response.headers.get("Content-Type")?.startsWith(type)) throw new TypeError(address);
  return response;
}
