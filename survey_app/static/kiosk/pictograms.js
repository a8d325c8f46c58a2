/** Line drawings for what was good or bad, by the option's code; options without one have none. */

const PICTOGRAMS = {
  // a clock
  waiting: "M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18zM12 7.5V12l3.2 2",
  // a person and a kind word
  staff_courtesy: "M8.5 5a3 3 0 1 0 0 6 3 3 0 0 0 0-6zM2.5 20v-1.5a5 5 0 0 1 5-5h2a5 5 0 0 1 5 5V20M18.2 11.2l-2.4-2.4a1.6 1.6 0 0 1 2.4-2.1 1.6 1.6 0 0 1 2.4 2.1z",
  // a person and a tick
  staff_competence: "M8.5 5a3 3 0 1 0 0 6 3 3 0 0 0 0-6zM2.5 20v-1.5a5 5 0 0 1 5-5h2a5 5 0 0 1 5 5V20M15.5 8.5l2.2 2.2 4-4.2",
  // a bubble with an i
  information: "M4 4.5h16a1 1 0 0 1 1 1v11a1 1 0 0 1-1 1h-6l-4 3.5v-3.5H4a1 1 0 0 1-1-1v-11a1 1 0 0 1 1-1zM12 7.6v.1M12 10.5v4",
  // sheets of paper
  documents_process: "M8 3h7l5 5v9a1 1 0 0 1-1 1H8a1 1 0 0 1-1-1V4a1 1 0 0 1 1-1zM15 3v5h5M10.5 12.5h6M4 7v13a1 1 0 0 0 1 1h11",
  // a chair
  facilities: "M7 3v9h10V3M7 6.5h10M5 12h14v4H5zM7 16v5M17 16v5",
  // a person in a wheelchair
  accessibility: "M10 2.2a1.4 1.4 0 1 0 0 2.8 1.4 1.4 0 0 0 0-2.8zM10 7v6.5h5.5l3 5.5M10 9.8h4.5M7.2 11.4a5.2 5.2 0 1 0 7.6 6.3",
  // scales
  fairness: "M12 3v18M7.5 21h9M4.5 6.5h15M4.5 6.5 2 13.5a2.7 2.7 0 0 0 5 0zM19.5 6.5 17 13.5a2.7 2.7 0 0 0 5 0z",
};

/** The path on a 24 × 24 grid, or null. */
export const pictogramOf = (code) => (Object.hasOwn(PICTOGRAMS, code) ? PICTOGRAMS[code] : null);
