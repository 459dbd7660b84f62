// Assets that change while requests come: every answer is of one version or the other, never a
// mixture, and none fails. CLAIRSCORE_SWAPS sets how often (default 10); run it with 50 under the
// thread sanitizer.

#include <gtest/gtest.h>
#include <simdjson.h>

#include <atomic>
#include <cmath>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <thread>
#include <vector>

#include "api/routes.h"
#include "base/log_test_util.h"
#include "http/server.h"
#include "http/test_client.h"
#include "service/asset_keeper.h"

namespace clairscore::api {
namespace {

const std::filesystem::path kReference =
    std::filesystem::path(CLAIRSCORE_SOURCE_DIR) / "tests/fixtures/reference";

/// Two models in turn, as if a commit came each time it is asked.
class TurningSupply final : public AssetSupply {
 public:
  TurningSupply(int swaps, std::stop_source stop) : swaps_(swaps), stop_(std::move(stop)) {}
  Result<AssetSources> fetch(std::stop_token /*stop*/) override {
    AssetSources sources;
    const bool odd = fetches_++ % 2 == 1;
    sources.model = kReference / (odd ? "infrequent/model" : "hub/model");
    sources.data = kReference / "hub/data";
    sources.model_origin = HubOrigin{"a/model", "main", std::to_string(fetches_), false, false, {}};
    return sources;
  }
  Result<bool> moved(const AssetSources& /*served*/, std::stop_token /*stop*/) override {
    if (fetches_ > swaps_) stop_.request_stop();
    return fetches_ <= swaps_;
  }
  Result<AssetSources> last_good(const AssetSources& /*refused*/) override {
    return fail(ErrorCode::kNotFound, "none");
  }
  void note_served(const AssetSources& /*sources*/) override {}
  void note_refused(const AssetSources& /*sources*/, const std::string& reason) override {
    ADD_FAILURE() << reason;
  }
  bool follows() const override { return true; }
  Result<std::string> roll_back(const std::string& /*repository*/, bool /*undo*/) override {
    return std::string();
  }

 private:
  int swaps_;
  std::stop_source stop_;
  int fetches_ = 0;
};

/// What tells the versions apart in an answer to /customer/{id}/dashboard.
struct Shown {
  double probability = 0;
  std::size_t features = 0;
  double sum = 0;  // of the contributions and the base value
};

Shown shown(const std::string& body) {
  simdjson::dom::parser parser;
  const simdjson::dom::element document = parser.parse(body);
  Shown shown;
  shown.probability = document["score"]["probability_pos"];
  shown.sum = document["shap"]["base_value"];
  for (const simdjson::dom::element value : document["shap"]["values"].get_array()) {
    shown.sum += double(value);
    ++shown.features;
  }
  return shown;
}

TEST(SwapTest, NoRequestFailsAndNoneSeesAMixture) {
  const char* const asked = std::getenv("CLAIRSCORE_SWAPS");   // NOLINT(concurrency-mt-unsafe)
  const int swaps = asked == nullptr ? 10 : std::atoi(asked);  // NOLINT(cert-err34-c)
  std::stop_source stop;
  State state;
  SystemClock clock;
  MemoryLog log;
  TurningSupply supply(swaps, stop);
  AssetKeeper::Options options;
  options.poll = std::chrono::milliseconds(1);
  AssetKeeper::Hooks hooks;
  AssetOptions loading;
  loading.threads = 2;
  hooks.load_model = [&](const AssetSources& sources) {
    return load_servable_model(sources, loading);
  };
  hooks.load = [&](const AssetSources& sources, LoadedModelPtr model) {
    return load_assets(sources, std::move(model), loading);
  };
  std::atomic<int> published{0};
  hooks.publish = [&](AssetsPtr assets) {
    state.publish(std::move(assets));
    ++published;
  };
  hooks.on_status = [&](const AssetStatus& status) { state.set_status(status); };
  hooks.random = [] { return 0.5; };
  AssetKeeper keeper(supply, options, hooks, log, clock);
  const Actions actions;
  auto server = http::Server::start({{"127.0.0.1", 0, make_router(state, clock, actions, false)}},
                                    {}, log, clock);
  ASSERT_TRUE(server) << to_string(server.error());
  std::jthread keeping([&] { EXPECT_TRUE(keeper.run(stop.get_token())); });
  while (published == 0) std::this_thread::sleep_for(std::chrono::milliseconds(1));

  std::atomic<int> answers{0};
  std::atomic<int> failed{0};
  std::atomic<int> mixed{0};
  std::atomic<int> seen[2] = {0, 0};
  std::vector<std::jthread> clients;
  for (int c = 0; c < 4; ++c) {
    clients.emplace_back([&] {
      http::Client client(server->ports()[0]);
      while (!stop.stop_requested()) {
        client.get("/customer/100285/dashboard");
        const http::Answer answer = client.read();
        ++answers;
        if (answer.status != 200) {
          ++failed;
          continue;
        }
        const Shown now = shown(answer.body);
        // Log-odds of the probability: a score of one model with contributions of another would
        // not add up.
        const double raw = std::log(now.probability / (1 - now.probability));
        if (std::abs(raw - now.sum) > 1e-9) ++mixed;
        ++seen[now.features == 163 ? 0 : 1];
      }
    });
  }
  clients.clear();
  keeping.join();
  EXPECT_EQ(published, swaps + 1);
  EXPECT_GT(answers, swaps);
  EXPECT_EQ(failed, 0);
  EXPECT_EQ(mixed, 0);
  EXPECT_GT(seen[0], 0);
  EXPECT_GT(seen[1], 0);
}

}  // namespace
}  // namespace clairscore::api
