#include "model/linked_engine.h"

#include <algorithm>
#include <mutex>
#include <optional>
#include <utility>

namespace clairscore {

namespace {

class LinkedExplainer final : public RowExplainer {
 public:
  /// The explainer is kept by `owner`, or by someone who outlives this.
  LinkedExplainer(const RowExplainer& sum, std::unique_ptr<const RowExplainer> owner,
                  const AffineMap& map)
      : sum_(sum), owner_(std::move(owner)), map_(map) {
    for (const double base : sum.base_values()) base_values_.push_back(map.of_score(base));
  }

  std::span<const double> base_values() const override { return base_values_; }
  std::size_t width() const override { return sum_.width(); }
  bool explain(const EngineRows& rows, std::size_t begin, std::size_t count,
               double* out) const override {
    if (!sum_.explain(rows, begin, count, out)) return false;
    const std::size_t values = count * base_values_.size() * width();
    std::transform(out, out + values, out,
                   [&](double value) { return map_.of_contribution(value); });
    return true;
  }

 private:
  const RowExplainer& sum_;
  std::unique_ptr<const RowExplainer> owner_;
  AffineMap map_;
  std::vector<double> base_values_;
};

class LinkedEngine final : public RowEngine {
 public:
  LinkedEngine(RowEnginePtr sum, const AffineMap& map) : sum_(std::move(sum)), map_(map) {}

  std::unique_ptr<const EngineRows> open(std::span<const Column* const> columns,
                                         std::size_t rows) const override {
    return sum_->open(columns, rows);
  }
  std::size_t outputs() const override { return sum_->outputs(); }
  bool raw_scores(const EngineRows& rows, std::size_t begin, std::size_t count,
                  double* out) const override {
    if (!sum_->raw_scores(rows, begin, count, out)) return false;
    std::transform(out, out + count * outputs(), out,
                   [&](double score) { return map_.of_score(score); });
    return true;
  }
  const RowExplainer& path_dependent(std::size_t threads) const override {
    std::call_once(path_dependent_once_,
                   [&] { path_dependent_.emplace(sum_->path_dependent(threads), nullptr, map_); });
    return *path_dependent_;
  }
  std::unique_ptr<const RowExplainer> interventional(const EngineRows& background,
                                                     std::size_t threads) const override {
    return mapped(sum_->interventional(background, threads));
  }
  std::unique_ptr<const RowExplainer> interactions(std::size_t threads) const override {
    return mapped(sum_->interactions(threads));
  }
  FeaturePairs interacting() const override { return sum_->interacting(); }

 private:
  std::unique_ptr<const RowExplainer> mapped(std::unique_ptr<const RowExplainer> explainer) const {
    if (!explainer) return nullptr;
    const RowExplainer& sum = *explainer;
    return std::make_unique<const LinkedExplainer>(sum, std::move(explainer), map_);
  }

  RowEnginePtr sum_;
  AffineMap map_;
  mutable std::once_flag path_dependent_once_;
  mutable std::optional<const LinkedExplainer> path_dependent_;
};

}  // namespace

RowEnginePtr make_linked_engine(RowEnginePtr sum, const AffineMap& map) {
  if (!sum) return nullptr;
  return std::make_shared<const LinkedEngine>(std::move(sum), map);
}

}  // namespace clairscore
