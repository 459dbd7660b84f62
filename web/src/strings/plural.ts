/** French counts 0 and 1 alike as one. */
export const plural = (count: number, one: string, many: string): string =>
  Math.abs(count) < 2 ? one : many;

/** English counts only 1 as one. */
export const englishPlural = (count: number, one: string, many: string): string =>
  Math.abs(count) === 1 ? one : many;
