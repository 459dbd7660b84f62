// Made by scripts/api-types.mjs from the binary's /openapi.json: do not edit.

export interface Detail {
  detail: string;
}

export interface ValidationError {
  detail: {
    type: string;
    loc: string[];
    msg: string;
    input: string | null;
    ctx?: Record<string, unknown>;
  }[];
}

export interface Words {
  fr: string;
  en: string;
}

export interface CustomerLine {
  id: number | string;
  points: number;
  decision: 'accepted' | 'refused';
  review: boolean;
}

export interface CustomerList {
  total: number;
  offset?: number;
  customers?: CustomerLine[];
  customer_ids?: (number | string)[];
}

export interface Reason {
  input: string;
  points: number;
  exact_points: number;
}

export interface Customer {
  id: number | string;
  points: number;
  decision: 'accepted' | 'refused';
  review: boolean;
  score: {
    raw: number;
    probability_pos: number;
    threshold: number;
    points: number;
    threshold_points: number;
    review_zone: number;
    scale: 'log-odds' | 'probability';
    points_per_unit: number;
  };
  reasons: {
    base: number;
    against: Reason[];
    favour: Reason[];
    others: number;
    score: number;
    to_review: boolean;
    strongest: string | null;
  };
  base_points: number;
  shared_points: number;
  inputs: {
    input: string;
    value: number | string | null;
    reference: number | string | null;
    points: number;
  }[];
  similar: {
    id: number | string;
    points: number;
    decision: 'accepted' | 'refused';
    review: boolean;
    distance: number;
    differs_in: string;
    value: number | string | null;
  }[] | null;
  provenance: {
    version: string;
    model_sha256: string;
    model_commit: string | null;
    data_commit: string | null;
    data_sha256: string | null;
    loaded_at: string;
    explanations: 'live' | 'file';
  };
}

export interface InputWords {
  label: Words;
  format: 'number' | 'count' | 'money' | 'money_a_year' | 'share' | 'score' | 'days' | 'years' | 'hour' | 'text';
  direction: 'none' | 'higher_is_better' | 'lower_is_better';
  definition: Words;
  review: 'none' | 'protected' | 'unrelated';
  changeable: boolean;
  low: Words | null;
  high: Words | null;
  missing: Words | null;
  values: Record<string, Words>;
}

export interface Dictionary {
  name: string;
  request: string[];
  values: Record<string, Words>;
  inputs: Record<string, InputWords>;
}

export interface InputDistribution {
  input: string;
  total: number;
  accepted: number;
  kind: 'numbers' | 'texts';
  missing: number;
  below?: number;
  above?: number;
  minimum?: number;
  maximum?: number;
  edges?: number[];
  counts?: number[];
  accepted_counts?: number[];
  percentiles?: number[];
  accepted_percentiles?: number[];
  categories?: {
    value: string;
    count: number;
    accepted: number;
  }[];
}

export interface InputDependence {
  input: string;
  total: number;
  values: (number | string | null)[];
  points: number[];
}

export interface Importance {
  total: number;
  customers: (number | string)[];
  inputs: {
    input: string;
    mean_points: number;
    points?: number[];
    places?: (number | null)[];
  }[];
}
