import { describe, expect, it } from 'vitest';

import { Api, ApiError, detailOf, type FailureKind } from './api';

function answering(
  status: number,
  body: string,
  token: string | null = null,
): { api: Api; paths: string[]; sent: (string | null)[] } {
  const paths: string[] = [];
  const sent: (string | null)[] = [];
  const api = new Api(
    () => token,
    (path, init) => {
      paths.push(path);
      sent.push(new Headers(init.headers).get('authorization'));
      return Promise.resolve(new Response(body, { status }));
    },
  );
  return { api, paths, sent };
}

const failing = (error: Error): Api => new Api(undefined, () => Promise.reject(error));

async function failure(promise: Promise<unknown>): Promise<ApiError> {
  try {
    await promise;
  } catch (error) {
    if (error instanceof ApiError) return error;
    throw error;
  }
  throw new Error('did not fail');
}

describe('Api', () => {
  it('asks the routes of the interface', async () => {
    const { api, paths } = answering(200, '{"customer_ids": [3, 1], "inputs": {}}');
    expect(await api.customers()).toEqual([3, 1]);
    await api.customer('100285');
    await api.page('advice=review', 20, 10);
    expect(await api.listed('')).toEqual([3, 1]);
    await api.dictionary();
    await api.distribution('A/B');
    await api.dependence('A/B');
    await api.importance();
    await api.model();
    await api.picture('en');
    expect(paths).toEqual([
      '/customers',
      '/api/v1/customers/100285',
      '/api/v1/customers?advice=review&offset=20&limit=10',
      '/api/v1/customers?ids=true',
      '/api/v1/dictionary',
      '/api/v1/inputs/A%2FB/distribution',
      '/api/v1/inputs/A%2FB/dependence',
      '/api/v1/importance',
      '/api/v1/model',
      '/api/v1/importance/picture?language=en',
    ]);
  });

  it('sends the token with every call, and none where there is none', async () => {
    const { api, sent } = answering(200, '{"customer_ids": []}', 'secret-secret-secret');
    await api.customers();
    await api.picture('fr');
    await api.readiness();
    expect(sent).toEqual(Array(3).fill('Bearer secret-secret-secret'));
    const open = answering(200, '{"customer_ids": []}');
    await open.api.customers();
    expect(open.sent).toEqual([null]);
  });

  it('reads points into arrays of doubles', async () => {
    const { api, paths } = answering(200, '{"x_data": [0.1, 2], "y_data": [3, 4]}');
    const points = await api.bivariate('A', 'B&C');
    expect(paths).toEqual(['/features/bivariate_data?feat_x=A&feat_y=B%26C']);
    expect([...points.x]).toEqual([0.1, 2]);
    expect([...points.y]).toEqual([3, 4]);
  });

  it.each<[number, FailureKind]>([
    [401, 'locked'],
    [403, 'forbidden'],
    [404, 'not-found'],
    [422, 'refused'],
    [500, 'server'],
    [503, 'unavailable'],
  ])('turns status %d into %s', async (status, kind) => {
    const { api } = answering(status, '{"detail": "why"}');
    const error = await failure(api.customer('1'));
    expect(error.kind).toBe(kind);
    expect(error.detail).toBe('why');
  });

  it('takes a broken answer for a broken line, and a failed fetch too', async () => {
    expect((await failure(answering(200, '{"customer_ids": [1').api.customers())).kind).toBe(
      'network',
    );
    expect((await failure(answering(500, '<html>').api.customers())).kind).toBe('server');
    const dead = failing(new TypeError('Failed to fetch'));
    expect((await failure(dead.customers())).kind).toBe('network');
  });

  it('tells what was given up from what failed', async () => {
    const controller = new AbortController();
    const api = failing(new DOMException('aborted', 'AbortError'));
    controller.abort();
    const error = await failure(api.customer('1', { signal: controller.signal }));
    expect(error.kind).toBe('aborted');
  });

  it('reads the step the service is at', async () => {
    const step = async (status: number, body: string): Promise<unknown> =>
      answering(status, body).api.readiness();
    const at = (step: string): object => ({
      ready: false,
      step,
      download: null,
      problem: '',
      refused: '',
    });
    expect(await step(200, '{"status": "ready", "version": "a/b"}')).toEqual({
      ready: true,
      version: 'a/b',
    });
    expect(await step(503, '{"status": "loading", "step": "scoring"}')).toEqual(at('scoring'));
    expect(await step(503, '{"detail": "reading the model"}')).toEqual(at('reading the model'));
    expect(await step(503, 'reading\n')).toEqual(at('reading'));
    const download = {
      files_done: 1,
      files_total: 2,
      bytes_done: 3,
      bytes_total: 4,
      bytes_per_second: 5,
    };
    expect(
      await step(503, JSON.stringify({ step: 'downloading', download, problem: 'no network' })),
    ).toEqual({ ready: false, step: 'downloading', download, problem: 'no network', refused: '' });
    expect(await step(503, '{"step": "waiting", "refused": "three classes"}')).toEqual({
      ...at('waiting'),
      refused: 'three classes',
    });
  });
});

describe('detailOf', () => {
  it('reads both shapes of FastAPI', () => {
    expect(detailOf({ detail: 'Not Found' })).toBe('Not Found');
    expect(detailOf({ detail: [{ msg: 'Field required' }, { msg: 'Other' }] })).toBe(
      'Field required · Other',
    );
    expect(detailOf({})).toBe('');
    expect(detailOf(null)).toBe('');
    expect(detailOf({ detail: [1] })).toBe('');
  });
});
