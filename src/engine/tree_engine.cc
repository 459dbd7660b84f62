#include "engine/tree_engine.h"

#include <algorithm>
#include <mutex>
#include <optional>
#include <utility>
#include <vector>

#include "engine/interactions.h"
#include "engine/pair_plan.h"
#include "engine/row_encoder.h"
#include "engine/table_explainer.h"
#include "engine/tree_scorer.h"

namespace clairscore {

namespace {

/// Below this, rows go one by one: a block would be mostly empty.
constexpr std::size_t kFewRows = 8;

struct CodedRows final : EngineRows {
  explicit CodedRows(RowEncoder::Rows opened) : rows(std::move(opened)) {}
  RowEncoder::Rows rows;
};

const RowEncoder::Rows& coded(const EngineRows& rows) {
  return static_cast<const CodedRows&>(rows).rows;
}

/// Calls one(codes, i) for a few rows, each in codes of its own. False as RowEncoder::encode().
template <typename One>
bool each_row(const RowEncoder& encoder, const Kernels& kernels, const RowEncoder::Rows& rows,
              std::size_t begin, std::size_t count, One one) {
  std::vector<std::uint8_t> codes(encoder.columns());
  for (std::size_t i = 0; i < count; ++i) {
    if (!encoder.encode(rows, begin + i, 1, codes.data(), 1, kernels)) return false;
    one(codes.data(), i);
  }
  return true;
}

/// What the engine and the explainers it gives out share.
struct Core {
  Core(std::shared_ptr<const TreeEnsemble> trees, RowEncoder rows, const Kernels& loops)
      : ensemble(std::move(trees)), encoder(std::move(rows)), kernels(loops) {}
  std::shared_ptr<const TreeEnsemble> ensemble;
  RowEncoder encoder;
  const Kernels& kernels;
};

class Contributions final : public RowExplainer {
 public:
  Contributions(std::shared_ptr<const Core> core, TableExplainer explainer,
                std::span<const double> base_values)
      : core_(std::move(core)),
        explainer_(std::move(explainer)),
        base_values_(base_values.begin(), base_values.end()) {}

  std::span<const double> base_values() const override { return base_values_; }
  std::size_t width() const override { return core_->ensemble->features(); }
  bool explain(const EngineRows& rows, std::size_t begin, std::size_t count,
               double* out) const override {
    if (count >= kFewRows) {
      return explainer_.explain(coded(rows), begin, count, out, core_->kernels);
    }
    const std::size_t stride = core_->ensemble->outputs() * width();
    return each_row(core_->encoder, core_->kernels, coded(rows), begin, count,
                    [&](const std::uint8_t* codes, std::size_t i) {
                      explainer_.explain_row(codes, out + i * stride, core_->kernels);
                    });
  }

 private:
  std::shared_ptr<const Core> core_;
  TableExplainer explainer_;
  std::vector<double> base_values_;
};

class Interactions final : public RowExplainer {
 public:
  Interactions(std::shared_ptr<const Core> core, InteractionExplainer explainer,
               std::span<const double> base_values)
      : core_(std::move(core)),
        explainer_(std::move(explainer)),
        base_values_(base_values.begin(), base_values.end()) {}

  std::span<const double> base_values() const override { return base_values_; }
  std::size_t width() const override { return explainer_.pairs().size(); }
  bool explain(const EngineRows& rows, std::size_t begin, std::size_t count,
               double* out) const override {
    return explainer_.explain(coded(rows), begin, count, out, core_->kernels);
  }

 private:
  std::shared_ptr<const Core> core_;
  InteractionExplainer explainer_;
  std::vector<double> base_values_;
};

class TreeEngine final : public RowEngine {
 public:
  TreeEngine(std::shared_ptr<const Core> core, std::span<const double> base_values)
      : core_(std::move(core)),
        scorer_(*core_->ensemble, core_->encoder),
        base_values_(base_values.begin(), base_values.end()) {}

  std::unique_ptr<const EngineRows> open(std::span<const Column* const> columns,
                                         std::size_t rows) const override {
    auto opened = core_->encoder.open(columns, rows);
    if (!opened) return nullptr;
    return std::make_unique<const CodedRows>(std::move(*opened));
  }

  std::size_t outputs() const override { return core_->ensemble->outputs(); }

  bool raw_scores(const EngineRows& rows, std::size_t begin, std::size_t count,
                  double* out) const override {
    if (count >= kFewRows) return scorer_.score(coded(rows), begin, count, out, core_->kernels);
    const std::size_t outputs = core_->ensemble->outputs();
    return each_row(core_->encoder, core_->kernels, coded(rows), begin, count,
                    [&](const std::uint8_t* codes, std::size_t i) {
                      scorer_.score_row(codes, out + i * outputs);
                    });
  }

  const RowExplainer& path_dependent(std::size_t threads) const override {
    std::call_once(path_dependent_once_, [&] {
      path_dependent_.emplace(
          core_, TableExplainer::path_dependent(*core_->ensemble, core_->encoder, threads),
          base_values_);
    });
    return *path_dependent_;
  }

  std::unique_ptr<const RowExplainer> interventional(const EngineRows& background,
                                                     std::size_t threads) const override {
    auto explainer = TableExplainer::interventional(*core_->ensemble, core_->encoder,
                                                    coded(background), threads, core_->kernels);
    if (!explainer) return nullptr;
    const std::vector<double> base(explainer->base_values().begin(),
                                   explainer->base_values().end());
    return std::make_unique<const Contributions>(core_, std::move(*explainer), base);
  }

  std::unique_ptr<const RowExplainer> interactions(std::size_t threads) const override {
    return std::make_unique<const Interactions>(
        core_, InteractionExplainer(*core_->ensemble, core_->encoder, threads), base_values_);
  }

  FeaturePairs interacting() const override { return interacting_features(*core_->ensemble); }

 private:
  std::shared_ptr<const Core> core_;
  TreeScorer scorer_;
  std::vector<double> base_values_;
  mutable std::once_flag path_dependent_once_;
  mutable std::optional<const Contributions> path_dependent_;
};

}  // namespace

RowEnginePtr make_tree_engine(std::shared_ptr<const TreeEnsemble> ensemble,
                              std::span<const CellRule> rules, std::span<const double> base_values,
                              InstructionSet instructions) {
  auto encoder = RowEncoder::build(*ensemble, rules);
  if (!encoder) return nullptr;
  auto core =
      std::make_shared<const Core>(std::move(ensemble), std::move(*encoder), kernels(instructions));
  return std::make_shared<const TreeEngine>(std::move(core), base_values);
}

}  // namespace clairscore
