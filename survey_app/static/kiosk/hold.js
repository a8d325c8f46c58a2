/** A long press, by finger, mouse or key: what is behind it is not met by chance. */

const HOLD = 3_000;

/** Call `onHeld()` when this button was held for three seconds. */
export function onHold(button, onHeld) {
  let timer = 0;

  function start() {
    stop();
    timer = setTimeout(onHeld, HOLD);
  }

  function stop() {
    clearTimeout(timer);
  }

  button.addEventListener("pointerdown", start);
  for (const kind of ["pointerup", "pointerleave", "pointercancel", "keyup", "blur"]) button.addEventListener(kind, stop);
  button.addEventListener("keydown", (event) => {
    if (!["Enter", " "].includes(event.key)) return;
    event.preventDefault();
    if (!event.repeat) start();
  });
}
