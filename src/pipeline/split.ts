/**
 * Divides a batch that was refused for something in it, so that in the end each bad event stands alone.
 *
 * When the answer names suspects, each of them is tried on its own and what lies between them in one piece each;
 * otherwise the batch is halved. The pieces keep the order. With k bad events of n, halving sends at most
 * 2k·⌈log2(n/k)⌉ + 2k + 1 requests, the first included: at most k pieces fail on each level of the tree, and each
 * failure sends two.
 * @param suspects positions in `part` that the answer named
 */
export function split<T>(part: readonly T[], suspects: readonly number[]): T[][] {
  const named = [...new Set(suspects)].filter((at) => at >= 0 && at < part.length).sort((a, b) => a - b);
  if (named.length === 0) return halves(part);
  const pieces: T[][] = [];
  let from = 0;
  for (const at of named) {
    if (from < at) pieces.push(part.slice(from, at));
    pieces.push([part[at]!]);
    from = at + 1;
  }
  if (from < part.length) pieces.push(part.slice(from));
  return pieces;
}

function halves<T>(part: readonly T[]): T[][] {
  const middle = Math.ceil(part.length / 2);
  return [part.slice(0, middle), part.slice(middle)];
}
