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
    data_committed_at: string | null;
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

export interface HubOrigin {
  repository: string;
  revision: string;
  commit: string;
  committed_at: string | null;
  pinned: boolean;
}

export interface ModelCard {
  clairscore: string;
  version: string;
  model: {
    path: string;
    file: string;
    sha256: string;
    size_bytes: number;
    flavor: string;
    library_version: string;
    mlflow_version: string;
    python_version: string;
    serialization_format: string;
    run_id: string;
    model_uuid: string;
    utc_time_created: string;
    estimator: string;
    classes: string[];
    steps: string[];
    inputs: {
      name: string;
      type: string;
      required: boolean;
    }[];
  };
  model_origin: HubOrigin | null;
  threshold: number;
  threshold_from_model: boolean;
  data: {
    sha256: string | null;
    path: string;
    rows: number;
    identifier: string;
    recipe: string;
    loaded_at: string;
    skipped_count: number;
    skipped: {
      row: number;
      identifier: string;
      reason: string;
    }[];
  };
  data_origin: HubOrigin | null;
  points: {
    scale: 'log-odds' | 'probability';
    threshold: number;
    doubling: number;
    review_zone: number;
  };
  dictionary: string;
  features: string[];
  main_features: string[];
  plottable: string[];
  protected_inputs: string[];
  explanations: {
    served: 'live' | 'file';
    method: string;
    scale: 'log-odds' | 'probability';
    shipped_file: {
      parity: 'no_file' | 'equal' | 'different' | 'not_additive' | 'unreadable' | 'other_shape';
      checking: boolean;
      rows_checked: number;
      max_difference: number;
      warning: string | null;
    };
  };
  global_importance: {
    source: 'shipped' | 'drawn';
    rows?: number;
  };
  updates: Record<string, unknown>;
}

export interface Download {
  files_done: number;
  files_total: number;
  bytes_done: number;
  bytes_total: number;
  bytes_per_second: number;
}

export interface Ready {
  status: 'ready';
  version: string;
}

export interface Loading {
  status: 'loading' | 'stopping';
  step: string;
  download?: Download;
  problem?: string;
  refused?: string;
}
