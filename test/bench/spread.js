/** Median, least and most of some figures. @param {readonly number[]} figures */
export function spread(figures) {
  const sorted = [...figures].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  const median = sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
  return { median, least: sorted[0], most: sorted.at(-1) };
}

/**
 * The spread of the ratios of what ran in turn: each run to the one of its own round, for a machine's speed drifts.
 * @param {readonly number[]} runs
 * @param {readonly number[]} beside
 */
export function ratios(runs, beside) {
  return spread(runs.map((run, round) => run / beside[round]));
}
