#include "cli/stats.h"

#include <sys/resource.h>

#include "base/bytes.h"
#include "base/json_writer.h"

namespace clairscore {

Result<void> write_stats(const BatchStats& stats, const std::string& path) {
  if (path.empty()) return {};
  struct rusage usage{};
  ::getrusage(RUSAGE_SELF, &usage);
  const auto total = std::chrono::steady_clock::now() - stats.started;
  JsonWriter json;
  json.begin_object()
      .member("rows", stats.rows)
      .member("threads", stats.threads)
      .member("load_model_s", stats.load_model_s)
      .member("read_s", stats.read_s)
      .member("prepare_s", stats.prepare_s)
      .member("score_s", stats.score_s)
      .member("explain_s", stats.explain_s)
      .member("write_s", stats.write_s)
      .member("total_s", std::chrono::duration<double>(total).count())
      .member("peak_rss_bytes", std::int64_t{usage.ru_maxrss} * 1024)
      .end_object();
  return write_file_atomically(path, as_bytes(json.text() + "\n"));
}

}  // namespace clairscore
