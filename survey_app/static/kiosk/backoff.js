/** How long to leave a server alone that did not answer. */

const LONGEST = 300;

/** Seconds after so many failures: 1, 2, 4 … 300, less up to half so that tablets spread out. */
export function pauseAfter(failures, random = Math.random) {
  return Math.min(LONGEST, 2 ** Math.max(0, failures - 1)) * (1 - random() / 2);
}
