// The one place that talks to the server. Types of answers are generated from its own description
// (api-types.ts); failures come out as ApiError with a closed set of kinds, so that the screen can say
// what happened.

import type {
  Customer,
  CustomerList,
  Dictionary,
  Download,
  Importance,
  InputDependence,
  InputDistribution,
  Loading,
  ModelCard,
} from './api-types';

/** A customer's identifier as text: what addresses and routes carry. */
export type CustomerId = string;

/** A value of an input as prepared for the model; null is missing. */
export type InputValue = number | string | null;

/** Two inputs of every customer that has both. */
export interface Points {
  x: Float64Array;
  y: Float64Array;
}

/** What a service that does not serve yet is doing. */
export interface Waiting {
  step: string;
  download: Download | null;
  /** Why it cannot go on at the moment; it goes on trying. */
  problem: string;
  /** Why it does not serve what it was given; it waits for something else. */
  refused: string;
}

export type Readiness = { ready: true; version: string } | ({ ready: false } & Waiting);

export type FailureKind =
  | 'aborted'
  | 'network'
  | 'unavailable'
  /** No token was sent, or one that the server does not know. */
  | 'locked'
  /** The token is known, and does not suffice; or the caller is not one the server answers. */
  | 'forbidden'
  | 'not-found'
  | 'refused'
  | 'server';

export class ApiError extends Error {
  constructor(
    readonly kind: FailureKind,
    /** What the server said, or the browser; may be empty. */
    readonly detail: string,
  ) {
    super(detail || kind);
    this.name = 'ApiError';
  }
}

export function asApiError(error: unknown): ApiError {
  return error instanceof ApiError ? error : new ApiError('server', String(error));
}

function kindOf(status: number): FailureKind {
  if (status === 401) return 'locked';
  if (status === 403) return 'forbidden';
  if (status === 404) return 'not-found';
  if (status === 503 || status === 502 || status === 504) return 'unavailable';
  if (status >= 400 && status < 500) return 'refused';
  return 'server';
}

/** The text of `{"detail": …}`: a sentence, or FastAPI's list of `{"msg": …}`. */
export function detailOf(body: unknown): string {
  if (typeof body !== 'object' || body === null || !('detail' in body)) return '';
  const { detail } = body;
  if (typeof detail === 'string') return detail;
  if (!Array.isArray(detail)) return '';
  return detail
    .map((item: unknown) =>
      typeof item === 'object' && item !== null && 'msg' in item ? String(item.msg) : '',
    )
    .filter(Boolean)
    .join(' · ');
}

export type Fetch = (path: string, init: RequestInit) => Promise<Response>;

export interface Call {
  signal?: AbortSignal;
  /** Fetched ahead of need: behind everything else. */
  ahead?: boolean;
}

export class Api {
  constructor(
    /** What every call carries; null where the server asks for none. */
    private readonly token: () => string | null = () => null,
    private readonly fetch: Fetch = (path, init) => globalThis.fetch(path, init),
  ) {}

  async customers(call: Call = {}): Promise<(number | string)[]> {
    const body = await this.json<{ customer_ids: (number | string)[] }>('/customers', call);
    return body.customer_ids;
  }

  model(call: Call = {}): Promise<ModelCard> {
    return this.json('/api/v1/model', call);
  }

  customer(id: CustomerId, call: Call = {}): Promise<Customer> {
    return this.json(`/api/v1/customers/${encodeURIComponent(id)}`, call);
  }

  /** A page of the list that a query asks for, see worklistQuery(). */
  page(query: string, offset: number, limit: number, call: Call = {}): Promise<CustomerList> {
    const page = new URLSearchParams({ offset: String(offset), limit: String(limit) });
    return this.json(`/api/v1/customers?${joined(query, page)}`, call);
  }

  /** The identifiers of that whole list. */
  async listed(query: string, call: Call = {}): Promise<(number | string)[]> {
    const ids = new URLSearchParams({ ids: 'true' });
    const list = await this.json<CustomerList>(`/api/v1/customers?${joined(query, ids)}`, call);
    return list.customer_ids ?? [];
  }

  dictionary(call: Call = {}): Promise<Dictionary> {
    return this.json('/api/v1/dictionary', call);
  }

  distribution(input: string, call: Call = {}): Promise<InputDistribution> {
    return this.json(`/api/v1/inputs/${encodeURIComponent(input)}/distribution`, call);
  }

  dependence(input: string, call: Call = {}): Promise<InputDependence> {
    return this.json(`/api/v1/inputs/${encodeURIComponent(input)}/dependence`, call);
  }

  importance(call: Call = {}): Promise<Importance> {
    return this.json('/api/v1/importance', call);
  }

  async bivariate(x: string, y: string, call: Call = {}): Promise<Points> {
    const query = new URLSearchParams({ feat_x: x, feat_y: y });
    const body = await this.json<{ x_data: number[]; y_data: number[] }>(
      `/features/bivariate_data?${query}`,
      call,
    );
    return { x: Float64Array.from(body.x_data), y: Float64Array.from(body.y_data) };
  }

  /** The picture of global importance: the one shipped with the data, else one drawn in this language. */
  async picture(language: string, call: Call = {}): Promise<Blob> {
    const response = await this.send(`/api/v1/importance/picture?language=${language}`, call);
    if (!response.ok) throw await failureOf(response);
    return this.received(() => response.blob(), call);
  }

  async readiness(call: Call = {}): Promise<Readiness> {
    const response = await this.send('/readyz', call);
    const text = await response.text();
    let body: unknown;
    try {
      body = JSON.parse(text);
    } catch {
      return { ready: false, step: text.trim(), download: null, problem: '', refused: '' };
    }
    if (response.ok) return { ready: true, version: textOf(body, 'version') };
    return { ready: false, ...waitingOf(body) };
  }

  private async json<T>(path: string, call: Call): Promise<T> {
    const response = await this.send(path, call);
    if (!response.ok) throw await failureOf(response);
    return this.received(() => response.json() as Promise<T>, call);
  }

  /** What is read of an answer; the connection may end before it does. */
  private async received<T>(read: () => Promise<T>, call: Call): Promise<T> {
    try {
      return await read();
    } catch (error) {
      throw call.signal?.aborted
        ? new ApiError('aborted', '')
        : new ApiError('network', String(error));
    }
  }

  private async send(path: string, call: Call): Promise<Response> {
    const init: RequestInit = {};
    const token = this.token();
    if (token !== null) init.headers = { authorization: `Bearer ${token}` };
    if (call.signal) init.signal = call.signal;
    if (call.ahead) init.priority = 'low';
    try {
      return await this.fetch(path, init);
    } catch (error) {
      if (call.signal?.aborted) throw new ApiError('aborted', '');
      throw new ApiError('network', String(error));
    }
  }
}

const joined = (query: string, more: URLSearchParams): string =>
  query === '' ? more.toString() : `${query}&${more.toString()}`;

/** The error of an answer that is none of success. */
async function failureOf(response: Response): Promise<ApiError> {
  const body: unknown = await response.json().catch(() => null);
  return new ApiError(kindOf(response.status), detailOf(body) || `HTTP ${response.status}`);
}

/** A member that is text, else nothing. */
function textOf(body: unknown, name: string): string {
  if (typeof body !== 'object' || body === null) return '';
  const value = (body as Record<string, unknown>)[name];
  return typeof value === 'string' ? value : '';
}

function waitingOf(body: unknown): Waiting {
  const download = (body as Partial<Loading> | null)?.download;
  return {
    step: textOf(body, 'step') || detailOf(body),
    download: download && download.bytes_total > 0 ? download : null,
    problem: textOf(body, 'problem'),
    refused: textOf(body, 'refused'),
  };
}
