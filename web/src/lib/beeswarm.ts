// Where the dots of the swarm stand: along the axis by their points, across it stacked where they are
// many.

/**
 * How far across each dot stands, from −1 to 1 of half the row. Dots fall into `bins` along the axis;
 * within a bin they stack outwards from the middle, and the fullest bin fills the row.
 */
export function spread(at: readonly number[], bins: number): Float64Array {
  const across = new Float64Array(at.length);
  const seen = new Uint16Array(bins + 1);
  const places = at.map((place) => Math.round(Math.min(1, Math.max(0, place)) * bins));
  places.forEach((bin, i) => {
    const rank = seen[bin] ?? 0;
    seen[bin] = rank + 1;
    across[i] = (rank % 2 === 0 ? 1 : -1) * Math.ceil(rank / 2);
  });
  const most = across.reduce((so, far) => Math.max(so, Math.abs(far)), 0);
  // A thin row stays thin: a dot is at most a sixth of half the row from the next.
  const step = Math.min(1 / Math.max(most, 1), 1 / 6);
  for (let i = 0; i < across.length; i += 1) across[i] = (across[i] ?? 0) * step;
  return across;
}

/** The nearest of the dots within `reach`, or null. */
export function nearest(
  xs: ArrayLike<number>,
  ys: ArrayLike<number>,
  x: number,
  y: number,
  reach: number,
): number | null {
  let best: number | null = null;
  let least = reach * reach;
  for (let i = 0; i < xs.length; i += 1) {
    const dx = (xs[i] ?? 0) - x;
    const dy = (ys[i] ?? 0) - y;
    const square = dx * dx + dy * dy;
    if (square <= least) {
      least = square;
      best = i;
    }
  }
  return best;
}
