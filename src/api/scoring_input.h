#pragma once

// The body of MLflow's POST /invocations -> the rows of a model's signature, with the coercion and
// the error answers of mlflow.pyfunc.scoring_server (2.22 and 3). Pure; thread-safe.
//
// Where MLflow's answer is an accident, ours is not the same: see differences() in
// mlflow_replay_test.cc, which compares with recordings of the real one.

#include <cstddef>
#include <string>
#include <string_view>
#include <tl/expected.hpp>

#include "api/json_body.h"
#include "frame/frame.h"
#include "mlflow/loaded_model.h"

namespace clairscore::api {

/// Rows of one request: what a client can make us hold at once.
inline constexpr std::size_t kMaxRequestRows = 100'000;

/// MLflow's {"error_code", "message"}.
struct ScoringError {
  int status = 400;
  std::string code = "BAD_REQUEST";
  std::string message;
};

template <typename T>
using ScoringResult = tl::expected<T, ScoringError>;

/// A value of a text column that is no text (null, a number, true): it equals no category of any
/// model, since it is not UTF-8. `text` is how Python prints the value.
std::string not_text(std::string_view text);

/// {"dataframe_split"|"dataframe_records"|"instances"|"inputs": …, "params": …}: one column per
/// input of the signature. `params` are ignored, as MLflow ignores them for a model that declares
/// none.
ScoringResult<Frame> read_scoring_json(std::string_view body, const Signature& signature);

/// A CSV with a header, read as pandas reads it with the signature's types.
ScoringResult<Frame> read_scoring_csv(std::string_view body, const Signature& signature);

/// The value of {"dataframe_split"|"dataframe_records": …} that holds records or a table, for rows
/// that are no model's inputs; the other keys as above.
struct ScoringPayload {
  std::string_view format;  // "dataframe_split", …
  simdjson::dom::element data;
};
ScoringResult<ScoringPayload> find_payload(std::string_view body, JsonBody& json);

/// "Ensure that …"-like texts: the answer when rows reached the model and it could not score them.
ScoringError evaluation_error(std::string_view reason);

}  // namespace clairscore::api
