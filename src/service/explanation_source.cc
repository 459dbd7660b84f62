#include "service/explanation_source.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "base/parallel.h"

namespace clairscore {

namespace {

constexpr std::size_t kSampleRows = 256;
constexpr std::size_t kRowsAtATime = 8;

}  // namespace

Result<std::unique_ptr<ExplanationSource>> ExplanationSource::create(Parts parts) {
  std::unique_ptr<ExplanationSource> source(new ExplanationSource(std::move(parts)));
  const Parts& p = source->parts_;
  const bool must_use_file = p.setting == ExplanationSetting::kFile;
  if (must_use_file && !p.file) {
    return fail(ErrorCode::kInput,
                p.problem.empty() ? "there is no shipped SHAP file to serve" : p.problem,
                "setting explanations = file", "auto or live");
  }
  if (p.setting == ExplanationSetting::kLive || !p.file) {
    source->report_.status = p.without_file;
    source->report_.warning = p.problem;
    if (p.setting == ExplanationSetting::kLive) source->parts_.file.reset();
    if (!p.problem.empty()) p.on_warning(p.problem);
    return source;
  }
  if (p.file->rows() != p.rows || p.file->features() != p.features) {
    const std::string what =
        "the shipped SHAP file holds " + std::to_string(p.file->rows()) + " rows of " +
        std::to_string(p.file->features()) + " features, the data " + std::to_string(p.rows) +
        " rows of " + std::to_string(p.features) + ": it was made for other rows or another model";
    if (must_use_file) {
      return fail(ErrorCode::kInput, what, "setting explanations = file", "auto or live");
    }
    source->report_.status = ParityStatus::kOtherShape;
    source->report_.warning = what + "; contributions are computed live";
    p.on_warning(source->report_.warning);
    source->parts_.file.reset();
    return source;
  }
  Parity parity;
  RETURN_IF_ERROR(source->compare_sample(parity));
  if (must_use_file && parity.status() == ParityStatus::kNotAdditive) {
    return fail(ErrorCode::kInput,
                "the shipped SHAP values of customer " + p.customer(*parity.first_failed_row()) +
                    " do not add up to the score",
                "setting explanations = file", "auto or live");
  }
  source->settle(parity, p.rows > kSampleRows);
  return source;
}

Result<void> ExplanationSource::compare_sample(Parity& parity) const {
  const std::vector<std::size_t> rows = spread_rows(parts_.rows, kSampleRows);
  std::vector<Result<Explanation>> live(rows.size(), Explanation{});
  parallel_blocks(rows.size(), kRowsAtATime, parts_.threads,
                  [&](std::size_t begin, std::size_t end) {
                    for (std::size_t i = begin; i < end; ++i) live[i] = parts_.live(rows[i]);
                  });
  for (std::size_t i = 0; i < rows.size(); ++i) {
    if (!live[i]) return fail(std::move(live[i].error()));
    compare(parity, rows[i], *live[i]);
  }
  return {};
}

void ExplanationSource::compare(Parity& parity, std::size_t row, const Explanation& live) const {
  std::vector<double> values(parts_.features);
  const double base = parts_.file->read(row, values);
  const Score score = parts_.score(row);
  parity.add(row, base, values, live.base_value, live.values, score.raw, score.probability_pos);
}

void ExplanationSource::settle(const Parity& parity, bool checking) {
  Report report;
  report.status = parity.status();
  report.checking = checking;
  report.rows_checked = parity.rows();
  report.max_difference = parity.max_difference();
  report.adds_up_to_raw = parity.adds_up_to_raw();
  const bool add_up = report.status != ParityStatus::kNotAdditive;
  report.file_served =
      file_is_served(report.status) || (parts_.setting == ExplanationSetting::kFile && add_up);
  std::string logged;
  if (!add_up) {
    const auto warning = [&](const std::string& customer) {
      return "the shipped SHAP values of customer " + customer +
             " do not add up to the score: the file was made for other rows; contributions are "
             "computed live";
    };
    report.warning = warning(parts_.customer(*parity.first_failed_row()));
    logged = warning(parts_.customer_in_log(*parity.first_failed_row()));
  }
  bool is_new = false;
  {
    const std::lock_guard lock(mutex_);
    is_new = !report.warning.empty() && report_.warning.empty();
    // Once a sample has failed, the whole comparison may name an earlier customer: the first one.
    report_ = report;
  }
  file_served_ = report.file_served;
  if (is_new) parts_.on_warning(logged);
}

Result<Explanation> ExplanationSource::explain(std::size_t row) const {
  if (!file_served_) return parts_.live(row);
  Explanation explanation;
  explanation.values.resize(parts_.features);
  explanation.base_value = parts_.file->read(row, explanation.values);
  return explanation;
}

ExplanationSource::Report ExplanationSource::report() const {
  const std::lock_guard lock(mutex_);
  return report_;
}

void ExplanationSource::start_background() {
  if (!parts_.file || background_.joinable() || !report().checking) return;
  background_ = std::jthread([this](const std::stop_token& stop) { run(stop); });
}

void ExplanationSource::wait() {
  if (background_.joinable()) background_.join();
}

void ExplanationSource::run(const std::stop_token& stop) {
  Parity parity;
  for (std::size_t row = 0; row < parts_.rows; ++row) {
    if (stop.stop_requested()) return;
    const auto live = parts_.live(row);
    if (!live) {
      parts_.on_warning("comparing the shipped SHAP file stopped: " + to_string(live.error()));
      return;
    }
    compare(parity, row, *live);
    if (parity.status() == ParityStatus::kNotAdditive) break;  // nothing more to learn
    if (row % kSampleRows == 0) {
      parts_.file->release();
      const std::lock_guard lock(mutex_);
      report_.rows_checked = std::max(report_.rows_checked, parity.rows());
    }
  }
  parts_.file->release();
  settle(parity, false);
}

}  // namespace clairscore
