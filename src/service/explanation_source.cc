#include "service/explanation_source.h"

#include <utility>
#include <vector>

namespace clairscore {

namespace {

constexpr std::size_t kSampleRows = 256;

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
  for (const std::size_t row : spread_rows(p.rows, kSampleRows)) {
    RETURN_IF_ERROR(source->compare(parity, row));
  }
  if (must_use_file && parity.status() == ParityStatus::kNotAdditive) {
    return fail(ErrorCode::kInput,
                "the shipped SHAP values of customer " + p.customer(*parity.first_failed_row()) +
                    " do not add up to the score",
                "setting explanations = file", "auto or live");
  }
  source->settle(parity, p.rows > kSampleRows);
  return source;
}

Result<void> ExplanationSource::compare(Parity& parity, std::size_t row) const {
  ASSIGN_OR_RETURN(const Explanation live, parts_.live(row));
  std::vector<double> values(parts_.features);
  const double base = parts_.file->read(row, values);
  const Score score = parts_.score(row);
  parity.add(row, base, values, live.base_value, live.values, score.raw, score.probability_pos);
  return {};
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
  if (!add_up) {
    report.warning = "the shipped SHAP values of customer " +
                     parts_.customer(*parity.first_failed_row()) +
                     " do not add up to the score: the file was made for other rows; "
                     "contributions are computed live";
  }
  bool is_new = false;
  {
    const std::lock_guard lock(mutex_);
    is_new = !report.warning.empty() && report_.warning.empty();
    // Once a sample has failed, the whole comparison may name an earlier customer: the first one.
    report_ = report;
  }
  file_served_ = report.file_served;
  if (is_new) parts_.on_warning(report.warning);
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
    if (auto compared = compare(parity, row); !compared) {
      parts_.on_warning("comparing the shipped SHAP file stopped: " + to_string(compared.error()));
      return;
    }
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
