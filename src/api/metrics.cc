#include "api/metrics.h"

#include <prometheus/metric_family.h>
#include <prometheus/text_serializer.h>

#include <chrono>
#include <sstream>
#include <utility>
#include <vector>

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

std::string metrics_text(const State& state) {
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
  return families.text();
}

}  // namespace clairscore::api
