import { describe, expect, it } from 'vitest';

import { BORDERLINE, EVERYBODY, formatAddress, parseAddress, worklistQuery } from './address';

describe('addresses', () => {
  it('say nothing that goes without saying', () => {
    expect(formatAddress(parseAddress(''))).toBe('/');
    expect(formatAddress(parseAddress('?client=100285'))).toBe('/?client=100285');
  });

  it('come back the same', () => {
    for (const query of [
      '/?client=A%2Fb+c&lang=en',
      '/?client=7&advice=review&order=borderline&list=open',
      '/?client=7&max_distance=10&list=open',
      '/?client=7&order=lowest&list=open&offset=40',
      '/?client=7&advice=unfavourable&max_distance=7.5&min_points=300&max_points=-4.5&filter=JOB%3Apoet&filter=AGE%3A..20&order=lowest',
      '/?client=7&distribution=AGE&open=gauge%2Cbivariate%2Cwaterfall%2Cimportance%2Cdependence%2Cmodel&importance=picture&x=A&y=B&dependence=C',
    ]) {
      expect(formatAddress(parseAddress(query.slice(1)))).toBe(query);
    }
  });

  it('ignore what they cannot mean', () => {
    const address = parseAddress(
      '?client=+&advice=maybe&order=random&max_distance=near&min_points=abc&max_points=&filter=nothing&open=moon,model&lang=de&list=1&offset=-20',
    );
    expect(address.client).toBeNull();
    expect(address.worklist).toEqual(EVERYBODY);
    expect([...address.open]).toEqual(['model']);
    expect(address.language).toBeNull();
    expect(address.listed).toBe(false);
    expect(address.offset).toBe(0);
  });

  it('ask the API for the list', () => {
    expect(worklistQuery(EVERYBODY)).toBe('');
    expect(worklistQuery(BORDERLINE)).toBe('advice=review&order=borderline');
    expect(worklistQuery({ ...EVERYBODY, distance: '10' })).toBe('max_distance=10');
  });
});
