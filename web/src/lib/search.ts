// The list of customers and the search in it. Positions are places in the server's order.

import type { CustomerId } from './api';

export class CustomerIndex {
  /** Identifiers are whole numbers, as the original's; else they are any text. */
  readonly numeric: boolean;

  private texts: readonly string[] | undefined;

  constructor(private readonly ids: readonly (number | string)[]) {
    this.numeric = typeof ids[0] === 'number';
  }

  get size(): number {
    return this.ids.length;
  }

  at(position: number): CustomerId | undefined {
    const id = this.ids[position];
    return id === undefined ? undefined : String(id);
  }

  // Going through 48,744 numbers takes less than a tenth of a millisecond, a map of them ten to build.
  positionOf(id: CustomerId): number | undefined {
    const position = this.ids.indexOf(this.numeric ? Number(id) : id);
    return position >= 0 && this.at(position) === id ? position : undefined;
  }

  /** The identifier `step` places away, if there is one. */
  neighbour(id: CustomerId, step: number): CustomerId | undefined {
    const position = this.positionOf(id);
    return position === undefined ? undefined : this.at(position + step);
  }

  /** The identifier that a text means: the API takes "+0100285" for 100285 where they are numbers. */
  meant(text: string): CustomerId {
    return this.numeric ? wholeNumber(text) : text;
  }

  /** What to look for when `query` was typed or pasted; digits may come in groups ("100 285"). */
  normalise(query: string): string {
    return this.numeric ? query.replace(/\s/g, '') : query.trim().toLowerCase();
  }

  /**
   * Positions of the identifiers that contain the (normalised) query: the exact one first, then those
   * that begin with it, then the others, each in the server's order. An empty query finds everything.
   */
  search(wanted: string): Matches {
    if (wanted === '') return everything(this.size);
    const exact: number[] = [];
    const prefix: number[] = [];
    const inside: number[] = [];
    this.texts ??= this.ids.map((id) => String(id).toLowerCase());
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

/** A whole number without what does not count: spaces around, the plus, leading zeros. */
export function wholeNumber(text: string): string {
  const trimmed = text.trim();
  const match = /^([+-]?)0*(\d+)$/.exec(trimmed);
  if (!match) return trimmed;
  return match[1] === '-' && match[2] !== '0' ? `-${match[2]}` : (match[2] ?? '');
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
