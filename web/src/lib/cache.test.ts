import { describe, expect, it } from 'vitest';

import { Cache } from './cache';

interface Asked {
  key: string;
  ahead: boolean;
  signal: AbortSignal;
  answer: (value: string) => void;
  fail: (error: unknown) => void;
}

function cacheOf(capacity: number): { cache: Cache<string>; asked: Asked[] } {
  const asked: Asked[] = [];
  const cache = new Cache<string>(
    (key, signal, ahead) =>
      new Promise((answer, fail) => {
        asked.push({ key, ahead, signal, answer, fail });
      }),
    capacity,
  );
  return { cache, asked };
}

describe('Cache', () => {
  it('fetches a value once and gives it at once afterwards', async () => {
    const { cache, asked } = cacheOf(4);
    const first = cache.get('a');
    const second = cache.get('a');
    expect(cache.peek('a')).toBeUndefined();
    asked[0]?.answer('A');
    expect(await first).toBe('A');
    expect(await second).toBe('A');
    expect(cache.peek('a')).toBe('A');
    expect(asked).toHaveLength(1);
  });

  it('asks again after a failure', async () => {
    const { cache, asked } = cacheOf(4);
    const failed = cache.get('a');
    asked[0]?.fail(new Error('no'));
    await expect(failed).rejects.toThrow('no');
    const again = cache.get('a');
    asked[1]?.answer('A');
    expect(await again).toBe('A');
  });

  it('forgets what was used least recently', async () => {
    const { cache, asked } = cacheOf(2);
    for (const [i, key] of ['a', 'b'].entries()) {
      const value = cache.get(key);
      asked[i]?.answer(key);
      await value;
    }
    await cache.get('a');
    const third = cache.get('c');
    asked[2]?.answer('c');
    await third;
    expect(cache.peek('a')).toBe('a');
    expect(cache.peek('b')).toBeUndefined();
    expect(cache.peek('c')).toBe('c');
  });

  it('aborts what is no longer wanted, and keeps what has arrived', async () => {
    const { cache, asked } = cacheOf(9);
    const a = cache.get('a');
    asked[0]?.answer('A');
    await a;
    cache.prefetch('b');
    cache.prefetch('c');
    cache.abortExcept(['c']);
    expect(asked.map(({ key, signal }) => [key, signal.aborted])).toEqual([
      ['a', false],
      ['b', true],
      ['c', false],
    ]);
    expect(cache.peek('a')).toBe('A');
    void cache.get('b');
    expect(asked).toHaveLength(4);
  });

  it('marks what is fetched ahead, and lets its failure pass', async () => {
    const { cache, asked } = cacheOf(9);
    cache.prefetch('a');
    cache.prefetch('a');
    expect(asked.map(({ ahead }) => ahead)).toEqual([true]);
    asked[0]?.fail(new Error('no'));
    await Promise.resolve();
    expect(cache.peek('a')).toBeUndefined();
  });

  it('does not mistake the failure of an aborted fetch for that of its successor', async () => {
    const { cache, asked } = cacheOf(9);
    cache.prefetch('a');
    cache.abortExcept([]);
    const again = cache.get('a');
    asked[0]?.fail(new Error('aborted'));
    asked[1]?.answer('A');
    expect(await again).toBe('A');
    expect(cache.peek('a')).toBe('A');
  });
});
