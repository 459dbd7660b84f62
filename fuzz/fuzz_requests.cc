// What POST bodies are read by: MLflow's scoring formats, inference requests with binary tensors,
// and applications. Whatever comes, rows are as many as each column has cells, or there is an error
// with a message.
//
// The first byte chooses the reader; for an inference request the next two are the length of its
// JSON.

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "api/application_rows.h"
#include "api/fake_assets.h"
#include "api/inference_request.h"
#include "api/scoring_input.h"

namespace {

using namespace clairscore;

constexpr std::size_t kMaxRows = 1000;

void require(bool condition) {
  if (!condition) std::abort();
}

const Signature& signature() {
  static const Signature kSignature{{{"flag", SignatureType::kBoolean},
                                     {"count", SignatureType::kInteger},
                                     {"amount", SignatureType::kLong},
                                     {"rate", SignatureType::kFloat},
                                     {"ratio", SignatureType::kDouble, false},
                                     {"job", SignatureType::kString}},
                                    false};
  return kSignature;
}

void check_frame(const Frame& frame, const Signature& expected) {
  require(frame.rows() > 0 && frame.columns().size() == expected.inputs.size());
  for (std::size_t i = 0; i < expected.inputs.size(); ++i) {
    const Column& column = frame.column(i);
    require(column.name() == expected.inputs[i].name && column.size() == frame.rows());
    require((column.type() == ColumnType::kText) == expected.inputs[i].is_text());
    if (column.type() != ColumnType::kText) continue;
    for (const std::uint32_t code : column.codes()) {
      require(code == kMissingCode || code < column.dictionary().size());
    }
  }
}

void check_scoring(const api::ScoringResult<Frame>& frame) {
  if (frame) return check_frame(*frame, signature());
  require(frame.error().status == 400 && !frame.error().message.empty());
}

void check_applications(const api::ApplicationsResult& rows, const Assets& assets) {
  if (rows) {
    require(rows->identifiers.size() == rows->inputs.rows());
    return check_frame(rows->inputs, assets.model().signature);
  }
  require(!rows.error().problems.empty());
  require(rows.error().problems.size() <= api::kMaxListedProblems);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const auto kAssets = api::FakeAssets::make();
  if (size < 3) return 0;
  const std::string_view body(reinterpret_cast<const char*>(data) + 1, size - 1);
  switch (data[0] % 5) {
    case 0:
      check_scoring(api::read_scoring_json(body, signature()));
      break;
    case 1:
      check_scoring(api::read_scoring_csv(body, signature()));
      break;
    case 2: {
      const std::size_t length = data[1] + std::size_t{data[2]} * 256;
      const auto request =
          api::parse_inference_request(body.substr(2), length, signature(), kMaxRows);
      if (request) {
        check_frame(request->inputs, signature());
        require(request->inputs.rows() <= kMaxRows);
      } else {
        require(!request.error().what.empty());
      }
      break;
    }
    case 3: {
      api::JsonBody json;
      if (!json.parse(body)) break;
      check_applications(api::prepare_application_payload(json.root(), kMaxRows, *kAssets),
                         *kAssets);
      break;
    }
    default: {
      const auto inputs = api::prepare_application_csv(body, kMaxRows, *kAssets);
      if (inputs) check_frame(*inputs, kAssets->model().signature);
      break;
    }
  }
  return 0;
}
