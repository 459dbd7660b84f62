#include "sklearn/read_context.h"

namespace clairscore::sklearn {

namespace {

constexpr std::size_t kMaxNestedSteps = 24;
/// In all: parts of parts that are one shared object are read as often as they are named.
constexpr std::size_t kMaxSteps = 20'000;

/// Of more, a message names the outermost and the innermost.
constexpr std::size_t kMaxShownSteps = 6;

/// Names come from the file; a message needs no more of one than this.
constexpr std::size_t kMaxNameBytes = 100;

}  // namespace

Result<void> ReadContext::spend(std::uint64_t bytes, const pickle::Value& at) {
  if (bytes > limits_.max_model_bytes - spent_) {
    return refuse(at, ErrorCode::kLimit, "a model that takes too much memory",
                  "up to " + std::to_string(limits_.max_model_bytes) + " bytes");
  }
  spent_ += bytes;
  return {};
}

Result<void> ReadContext::enter(std::string_view name, const pickle::Value& at) {
  if (++entered_ > kMaxSteps) {
    return refuse(at, ErrorCode::kLimit, "a model of too many parts",
                  "at most " + std::to_string(kMaxSteps) + " steps and members");
  }
  if (steps_.size() >= kMaxNestedSteps) {
    return refuse(at, ErrorCode::kLimit, "steps nested too deeply",
                  "at most " + std::to_string(kMaxNestedSteps) + " levels");
  }
  steps_.emplace_back(name.substr(0, kMaxNameBytes));
  return {};
}

void ReadContext::add_steps(Error& error) {
  if (steps_added_) return;
  steps_added_ = true;
  if (!error.where.empty()) error.where += ", ";
  error.where += "step ";
  for (std::size_t i = 0; i < steps_.size(); ++i) {
    if (i > 0) error.where += " > ";
    if (i == kMaxShownSteps / 2 && steps_.size() > kMaxShownSteps) {
      error.where += "… > ";
      i = steps_.size() - kMaxShownSteps / 2;
    }
    error.where += steps_[i];
  }
}

}  // namespace clairscore::sklearn
