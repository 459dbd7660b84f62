#include "api/metrics.h"

#include <prometheus/metric_family.h>
#include <prometheus/text_serializer.h>

#include <chrono>
#include <limits>
#include <sstream>
#include <utility>
#include <vector>

#include "api/telemetry.h"
#include "base/process_figures.h"
#include "base/version.h"

namespace clairscore::api {

namespace {

using prometheus::ClientMetric;
using prometheus::MetricFamily;
using prometheus::MetricType;
using Labels = std::vector<ClientMetric::Label>;

class Families {
 public:
  void gauge(std::string name, std::string help, double value, Labels labels = {}) {
    ClientMetric metric;
    metric.label = std::move(labels);
    metric.gauge.value = value;
    add(std::move(name), std::move(help), MetricType::Gauge, std::move(metric));
  }
  void counter(std::string name, std::string help, std::uint64_t value, Labels labels = {}) {
    ClientMetric metric;
    metric.label = std::move(labels);
    metric.counter.value = static_cast<double>(value);
    add(std::move(name), std::move(help), MetricType::Counter, std::move(metric));
  }
  void counter_of(std::string name, std::string help, double value) {
    ClientMetric metric;
    metric.counter.value = value;
    add(std::move(name), std::move(help), MetricType::Counter, std::move(metric));
  }
  void histogram(std::string name, std::string help, ClientMetric metric) {
    add(std::move(name), std::move(help), MetricType::Histogram, std::move(metric));
  }
  std::string text() const {
    std::ostringstream out;
    prometheus::TextSerializer().Serialize(out, families_);
    return out.str();
  }

 private:
  void add(std::string name, std::string help, MetricType type, ClientMetric metric) {
    if (families_.empty() || families_.back().name != name) {
      families_.push_back({std::move(name), std::move(help), type, {}});
    }
    families_.back().metric.push_back(std::move(metric));
  }
  std::vector<MetricFamily> families_;
};

double seconds(std::chrono::system_clock::time_point time) {
  return std::chrono::duration<double>(time.time_since_epoch()).count();
}

std::string commit_of(const std::optional<HubOrigin>& origin) {
  return origin ? origin->commit : "";
}

}  // namespace

namespace {

void add_requests(Families& families, const Telemetry& telemetry) {
  for (const RouteCount& count : telemetry.counts()) {
    ClientMetric metric;
    metric.label = {
        {"route", count.route}, {"method", count.method}, {"status", std::to_string(count.status)}};
    std::uint64_t below = 0;
    for (std::size_t i = 0; i < count.buckets.size(); ++i) {
      below += count.buckets[i];
      const double bound = i < kDurationBuckets.size() ? kDurationBuckets[i]
                                                       : std::numeric_limits<double>::infinity();
      metric.histogram.bucket.push_back({below, bound});
    }
    metric.histogram.sample_count = below;
    metric.histogram.sample_sum = count.seconds;
    families.histogram("clairscore_request_duration_seconds",
                       "From the first byte of a request to the last of its answer",
                       std::move(metric));
  }
}

void add_decisions(Families& families, const Assets& assets) {
  std::size_t refused = 0;
  const std::size_t rows = assets.data().rows();
  for (std::size_t row = 0; row < rows; ++row) refused += assets.score(row).refused ? 1 : 0;
  const char* const help = "Applicants served, by the model's advice";
  families.gauge("clairscore_advice", help, static_cast<double>(refused), {{"advice", "refused"}});
  families.gauge("clairscore_advice", help, static_cast<double>(rows - refused),
                 {{"advice", "accepted"}});
}

/// As the client libraries of Prometheus name them.
void add_process(Families& families) {
  const ProcessFigures process = read_process_figures();
  families.gauge("process_resident_memory_bytes", "Resident memory",
                 static_cast<double>(process.resident_bytes));
  families.gauge("process_virtual_memory_bytes", "Virtual memory",
                 static_cast<double>(process.virtual_bytes));
  families.gauge("process_threads", "Threads", static_cast<double>(process.threads));
  families.gauge("process_open_fds", "Open file descriptors",
                 static_cast<double>(process.open_files));
  families.gauge("process_max_fds", "File descriptors allowed",
                 static_cast<double>(process.most_files));
  families.gauge("process_start_time_seconds", "When the process began", process.start_seconds);
  families.counter_of("process_cpu_seconds_total", "Processor time used", process.cpu_seconds);
}

}  // namespace

std::string metrics_text(const State& state, const Actions& actions) {
  const ServedPtr served = state.served();
  const AssetStatus status = state.status();
  Families families;
  families.gauge("clairscore_build_info", "1; the version is a label", 1,
                 {{"version", std::string(version())}});
  families.gauge("clairscore_ready", "1 when model and applicants are served", served ? 1 : 0);
  if (served) {
    families.gauge("clairscore_assets_info", "1; what is served is in the labels", 1,
                   {{"model_sha256", served->assets().model().card.sha256},
                    {"model_commit", commit_of(status.model)},
                    {"data_commit", commit_of(status.data)}});
    families.gauge("clairscore_applicants", "Applicants served",
                   static_cast<double>(served->assets().data().rows()));
    add_decisions(families, served->assets());
  }
  const char* const updates = "clairscore_asset_updates_total";
  const char* const updates_help = "Assets that were loaded, by what became of them";
  families.counter(updates, updates_help, status.updates_served, {{"result", "served"}});
  families.counter(updates, updates_help, status.updates_refused, {{"result", "refused"}});
  if (status.follows) {
    families.gauge("clairscore_hub_up", "1 when the last question to the Hub was answered",
                   status.problem.empty() ? 1 : 0);
    families.counter("clairscore_hub_checks_failed_total",
                     "Questions to the Hub that were not answered", status.checks_failed);
    families.gauge("clairscore_update_refused",
                   "1 while the newest upload is not served because it was refused",
                   status.refusal ? 1 : 0);
    if (status.checked_at) {
      families.gauge("clairscore_hub_checked_timestamp_seconds",
                     "When the Hub last said what is newest", seconds(*status.checked_at));
    }
  }
  if (actions.server) {
    const http::ServerFigures server = actions.server();
    families.gauge("clairscore_queue_depth", "Requests that wait for a worker",
                   static_cast<double>(server.queued));
    families.gauge("clairscore_connections", "Open connections",
                   static_cast<double>(server.connections));
    families.gauge("clairscore_body_bytes",
                   "Bytes of large request bodies and of large answers on their way",
                   static_cast<double>(server.held_bytes));
  }
  if (actions.telemetry != nullptr) {
    const char* const help = "New applications scored since the start, by the model's advice";
    families.counter("clairscore_scores_total", help, actions.telemetry->accepted(),
                     {{"advice", "accepted"}});
    families.counter("clairscore_scores_total", help, actions.telemetry->refused(),
                     {{"advice", "refused"}});
    add_requests(families, *actions.telemetry);
  }
  add_process(families);
  return families.text();
}

}  // namespace clairscore::api
