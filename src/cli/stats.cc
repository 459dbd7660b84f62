#include "cli/stats.h"

#include <sys/resource.h>

#include "base/bytes.h"
#include "base/json_writer.h"

namespace clairscore {

double StepClock::seconds(BatchStep step) const {
  const std::lock_guard lock(mutex_);
  return seconds_[static_cast<std::size_t>(step)];
}

void StepClock::change(BatchStep step, int by) {
  const std::lock_guard lock(mutex_);
  const Clock::time_point now = Clock::now();
  const double passed = std::chrono::duration<double>(now - changed_).count();
  for (std::size_t i = 0; i < kSteps && all_working_ > 0; ++i) {
    seconds_[i] += passed * working_[i] / all_working_;
  }
  changed_ = now;
  working_[static_cast<std::size_t>(step)] += by;
  all_working_ += by;
}

Result<void> write_stats(const BatchStats& stats, const std::string& path) {
  if (path.empty()) return {};
  struct rusage usage{};
  ::getrusage(RUSAGE_SELF, &usage);
  const auto total = std::chrono::steady_clock::now() - stats.started;
  JsonWriter json;
  json.begin_object()
      .member("rows", stats.rows)
      .member("threads", stats.threads)
      .member("load_model_s", stats.clock.seconds(BatchStep::kLoadModel))
      .member("read_s", stats.clock.seconds(BatchStep::kRead))
      .member("prepare_s", stats.clock.seconds(BatchStep::kPrepare))
      .member("score_s", stats.clock.seconds(BatchStep::kScore))
      .member("explain_s", stats.clock.seconds(BatchStep::kExplain))
      .member("write_s", stats.clock.seconds(BatchStep::kWrite))
      .member("total_s", std::chrono::duration<double>(total).count())
      .member("peak_rss_bytes", std::int64_t{usage.ru_maxrss} * 1024)
      .end_object();
  return write_file_atomically(path, as_bytes(json.text() + "\n"));
}

}  // namespace clairscore
