import { describe, expect, it } from 'vitest';

import { formatAddress, parseAddress } from './address';

describe('address', () => {
  it('is short when nothing differs from the default', () => {
    const address = parseAddress('?client=100285');
    expect(address).toEqual({
      client: '100285',
      tab: 'local',
      distribution: null,
      x: null,
      y: null,
    });
    expect(formatAddress(address)).toBe('/?client=100285');
  });

  it('goes there and back', () => {
    const query = '/?client=100285&importance=globale&distribution=OWN_CAR_AGE&x=A+B&y=C%26D';
    const address = parseAddress(query.slice(1));
    expect(address).toEqual({
      client: '100285',
      tab: 'global',
      distribution: 'OWN_CAR_AGE',
      x: 'A B',
      y: 'C&D',
    });
    expect(formatAddress(address)).toBe(query);
  });

  it('names no customer when there is none', () => {
    expect(parseAddress('').client).toBeNull();
    expect(parseAddress('?client=').client).toBeNull();
    expect(formatAddress(parseAddress(''))).toBe('/');
  });

  it('takes an unknown tab for the default', () => {
    expect(parseAddress('?importance=x').tab).toBe('local');
  });
});
