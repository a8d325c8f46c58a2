/** Whether the tablet is connected to a place, and the screen on which staff connect it. */

import { codeFromAddress, drawPairing } from "./pairing.js";
import { counts, forgetRefused, forgetToken, recall } from "./store.js";
import { unpair } from "./unpairing.js";

/**
 * `onPaired()` and `onEnded()` follow what becomes of the connection; `onFailure()` hears of a
 * store that fails.
 */
export function createConnection({ stage, language, onPaired, onEnded, onFailure }) {
  // What is typed outlives a change of language.
  const typed = { code: codeFromAddress(), problem: "" };
  let paired = false;
  let endedHere = false;
  let waiting = 0;

  function sentences() {
    if (!endedHere) return [language.say("pair_help")];
    return [language.say("ended_help"), ...(waiting > 0 ? [language.say("ended_kept", { count: waiting })] : [])];
  }

  function begin() {
    Object.assign(typed, { code: "", problem: "" });
    paired = true;
    endedHere = false;
    onPaired();
  }

  /** The server no longer knows this credential. What is in the outbox stays for the next one. */
  async function end(token) {
    try {
      if ((await recall("token")) !== token) return;
      await forgetToken(token);
      waiting = (await counts()).waiting;
    } catch {
      return;
    }
    paired = false;
    endedHere = true;
    onEnded();
  }

  return {
    end,

    get paired() { return paired; },

    /** Somebody has begun to type a code. */
    get isTyped() { return typed.code !== ""; },

    /** Read how things stand; `wasPaired` says that there was a connection before. */
    async read({ wasPaired }) {
      paired = Boolean(await recall("token"));
      endedHere = !paired && wasPaired;
      waiting = (await counts()).waiting;
    },

    /** The screen for the connection code. */
    show() {
      stage.show("pairing", () => drawPairing({
        language, state: typed, title: language.say(endedHere ? "ended_title" : "pair_title"), sentences: sentences(),
        onPaired: begin, onFailure,
      }), { rise: false });
    },

    /** Take the code out of an address that was opened meanwhile; tells whether it can be used. */
    takeCode() {
      const code = codeFromAddress();
      if (paired || code === "") return false;
      typed.code = code;
      return true;
    },

    /** Staff end the connection here; gives whether the server has heard of it. */
    async leave() {
      const { token, heard } = await unpair();
      // Staff were told how many these are. What waits to be sent is a promise, and stays.
      await forgetRefused();
      if (token) await end(token);
      return heard;
    },
  };
}
