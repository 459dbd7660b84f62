import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

import { Api } from './api';
import { Connection, type Listener } from './connection.svelte';
import { token } from './token.svelte';

/** A service whose answers a test chooses. */
class Service {
  version = 'one';
  /** What is answered instead to everything, or to one path. */
  trouble: 'none' | 'gone' | 'starting' | 'broken' | 'locked' = 'none';
  served = 'live';
  checking = false;
  readonly asked: string[] = [];

  readonly api = new Api(
    () => token.value,
    (path) => {
      this.asked.push(path);
      if (this.trouble === 'gone') return Promise.reject(new TypeError('no connection'));
      const [status, body] = this.answer(path);
      return Promise.resolve(new Response(JSON.stringify(body), { status }));
    },
  );

  private answer(path: string): [number, unknown] {
    if (this.trouble === 'locked') return [401, { detail: 'a token, please' }];
    if (this.trouble === 'broken') return [500, { detail: 'disk full' }];
    const starting = this.trouble === 'starting';
    if (starting) return [503, { status: 'loading', step: 'reading the model' }];
    if (path === '/readyz') return [200, { status: 'ready', version: this.version }];
    if (path === '/customers') return [200, { customer_ids: [1, 2] }];
    if (path === '/api/v1/dictionary') return [200, { inputs: {} }];
    if (path === '/api/v1/model') {
      const { version, served, checking } = this;
      return [200, { version, explanations: { served, shipped_file: { checking } } }];
    }
    return [200, { total: 7 }];
  }
}

const listening = () =>
  ({
    arrived: vi.fn(),
    up: vi.fn(),
    locked: vi.fn(),
    explainedAnew: vi.fn(),
    forgotten: vi.fn(),
  }) satisfies Listener;

describe('the connection', () => {
  let service: Service;
  let listener: ReturnType<typeof listening>;
  let connection: Connection;
  let stop = (): void => undefined;
  const start = async (): Promise<void> => {
    stop = connection.start();
    await vi.advanceTimersByTimeAsync(0);
  };
  const pass = (seconds: number) => vi.advanceTimersByTimeAsync(seconds * 1000);

  beforeEach(() => {
    vi.useFakeTimers();
    vi.stubGlobal('document', { hidden: false });
    service = new Service();
    listener = listening();
    connection = new Connection(service.api, listener);
  });

  afterEach(() => {
    stop();
    token.forget();
    vi.unstubAllGlobals();
    vi.useRealTimers();
  });

  it('fetches the list, the card and the dictionary, then counts the files to review', async () => {
    await start();
    expect(connection.service.phase).toBe('up');
    expect(connection.customers?.size).toBe(2);
    expect(connection.model?.version).toBe('one');
    expect(connection.borderline).toBe(7);
    expect(listener.arrived).toHaveBeenCalledTimes(2);
    expect(listener.up).toHaveBeenCalledTimes(1);
    expect(listener.forgotten).not.toHaveBeenCalled();
  });

  it('waits for a service that starts, and says at which step it is', async () => {
    service.trouble = 'starting';
    await start();
    await pass(1);
    expect(connection.service).toMatchObject({ phase: 'starting', step: 'reading the model' });
    service.trouble = 'none';
    await pass(1);
    expect(connection.service.phase).toBe('up');
  });

  it('keeps what it has when the same service is back, and fetches anew from another', async () => {
    await start();
    const { customers } = connection;
    for (const version of ['one', 'two']) {
      service.trouble = 'gone';
      await service.api.model().catch((error) => connection.failed(error));
      await pass(2);
      expect(connection.service.phase).toBe('gone');
      expect(connection.customers).toBe(customers);
      service.trouble = 'none';
      service.version = version;
      await pass(2);
      expect(connection.service.phase).toBe('up');
      expect(listener.forgotten).toHaveBeenCalledTimes(version === 'one' ? 0 : 1);
    }
    expect(connection.customers).not.toBe(customers);
    expect(connection.model?.version).toBe('two');
  });

  it('notices newer assets while the page is looked at, and fetches them when told', async () => {
    await start();
    await pass(20);
    expect(connection.outdated).toBe(false);
    service.version = 'two';
    vi.stubGlobal('document', { hidden: true });
    await pass(20);
    expect(connection.outdated).toBe(false);
    vi.stubGlobal('document', { hidden: false });
    await pass(20);
    expect(connection.outdated).toBe(true);
    expect(connection.model?.version).toBe('one');
    connection.refresh();
    await pass(0);
    expect(connection.outdated).toBe(false);
    expect(connection.model?.version).toBe('two');
    expect(listener.forgotten).toHaveBeenCalledTimes(1);
  });

  it('tells when the contributions come by another method, once that is decided', async () => {
    service.checking = true;
    service.served = 'file';
    await start();
    await pass(3);
    expect(listener.explainedAnew).not.toHaveBeenCalled();
    service.checking = false;
    service.served = 'live';
    await pass(3);
    expect(listener.explainedAnew).toHaveBeenCalledTimes(1);
    const { length } = service.asked;
    await pass(5);
    expect(service.asked.length).toBe(length);
  });

  it('asks for a token, says which is wrong, and goes on with one that suffices', async () => {
    service.trouble = 'locked';
    await start();
    expect(connection.service).toEqual({ phase: 'locked', why: 'missing', trying: false });
    expect(listener.locked).toHaveBeenCalled();
    await connection.unlock('two words');
    expect(connection.service).toEqual({ phase: 'locked', why: 'unknown', trying: false });
    await connection.unlock(' wrong ');
    expect(connection.service).toEqual({ phase: 'locked', why: 'unknown', trying: false });
    expect(token.value).toBeNull();
    service.trouble = 'none';
    await connection.unlock(' right ');
    await pass(0);
    expect(connection.service.phase).toBe('up');
    expect(token.value).toBe('right');
    connection.forgetToken();
    expect(connection.service).toEqual({ phase: 'locked', why: 'missing', trying: false });
    expect(connection.customers).toBeNull();
    expect(token.value).toBeNull();
  });

  it('stops at an answer that nothing can be made of, until told to try again', async () => {
    service.trouble = 'broken';
    await start();
    expect(connection.service).toMatchObject({ phase: 'failed', error: { detail: 'disk full' } });
    const { length } = service.asked;
    await pass(10);
    expect(service.asked.length).toBe(length);
    service.trouble = 'none';
    connection.retry();
    await pass(0);
    expect(connection.service.phase).toBe('up');
  });
});
