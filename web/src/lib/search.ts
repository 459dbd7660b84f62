// The list of customers and the search in it. Positions are places in the server's order.

import type { CustomerId } from './api';

export class CustomerIndex {
  private texts: readonly CustomerId[] | undefined;

  constructor(private readonly ids: readonly number[]) {}

  get size(): number {
    return this.ids.length;
  }

  at(position: number): CustomerId | undefined {
    const id = this.ids[position];
    return id === undefined ? undefined : String(id);
  }

  // Going through 48,744 numbers takes less than a tenth of a millisecond, a map of them ten to build.
  positionOf(id: CustomerId): number | undefined {
    const position = this.ids.indexOf(Number(id));
    return position >= 0 && this.at(position) === id ? position : undefined;
  }

  /** The identifier `step` places away, if there is one. */
  neighbour(id: CustomerId, step: number): CustomerId | undefined {
    const position = this.positionOf(id);
    return position === undefined ? undefined : this.at(position + step);
  }

  /**
   * Positions of the identifiers that contain `query`: the exact one first, then those that begin
   * with it, then the others, each in the server's order. An empty query finds everything.
   */
  search(query: string): Matches {
    const wanted = normalise(query);
    if (wanted === '') return everything(this.size);
    const exact: number[] = [];
    const prefix: number[] = [];
    const inside: number[] = [];
    this.texts ??= this.ids.map(String);
    this.texts.forEach((id, position) => {
      const where = id.indexOf(wanted);
      if (where < 0) return;
      if (where > 0) inside.push(position);
      else if (id.length === wanted.length) exact.push(position);
      else prefix.push(position);
    });
    const found = exact.concat(prefix, inside);
    return {
      count: found.length,
      positionAt: (rank) => found[rank],
      rankOf: (position) => {
        const rank = found.indexOf(position);
        return rank < 0 ? undefined : rank;
      },
    };
  }
}

/** What a search found, best first. */
export interface Matches {
  count: number;
  positionAt(rank: number): number | undefined;
  rankOf(position: number): number | undefined;
}

function everything(size: number): Matches {
  const inside = (index: number): number | undefined =>
    index >= 0 && index < size ? index : undefined;
  return { count: size, positionAt: inside, rankOf: inside };
}

/** What was typed or pasted, without the spaces that group digits ("100 285"). */
export function normalise(query: string): string {
  return query.replace(/\s/g, '');
}

/** The rows of a virtual list that are in view, with a margin on both sides. */
export function visibleRange(
  scrollTop: number,
  height: number,
  rowHeight: number,
  count: number,
  margin = 4,
): { first: number; end: number } {
  const first = Math.max(0, Math.floor(scrollTop / rowHeight) - margin);
  const end = Math.min(count, Math.ceil((scrollTop + height) / rowHeight) + margin);
  return { first: Math.min(first, end), end };
}
