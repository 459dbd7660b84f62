#include "cli/serve.h"

#include <fmt/format.h>
#include <malloc.h>
#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdio>
#include <exception>
#include <memory>
#include <optional>
#include <random>
#include <stop_token>
#include <thread>
#include <utility>

#include "api/routes.h"
#include "api/state.h"
#include "api/telemetry.h"
#include "base/bytes.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/parallel.h"
#include "cli/commands.h"
#include "cli/hub_assets.h"
#include "cli/serve_hub.h"
#include "http/server.h"
#include "service/asset_keeper.h"
#include "synth/demo_assets.h"

namespace clairscore {

namespace {

/// Allocations from here on are mapped by themselves and go back to the system when they are freed.
/// Left to itself the allocator raises this as it sees large blocks freed; snapshots, which come
/// and go for as long as the server lives, then leave holes that a thousand of them make felt.
constexpr int kMappedBytes = 128 * 1024;

/// How long requests under way may take to finish once a signal has come.
constexpr std::chrono::seconds kPatience{10};
/// Twice the largest body that a route takes (http::Limits::held_bytes), and a tebibyte.
constexpr std::size_t kLeastBodyMib = 64;
constexpr std::size_t kMostBodyMib = std::size_t{1} << 20U;
/// Sent by the loader thread to the process when loading has failed.
constexpr int kLoadingFailed = SIGUSR1;

/// Blocks the signals that end the server, in this thread and those started from it, so that they
/// are taken by wait() only. They stay blocked: the process ends with what it is doing, and a
/// second signal must not cut that short.
class Signals {
 public:
  Signals() {
    sigemptyset(&set_);
    for (const int number : {SIGTERM, SIGINT, SIGHUP, kLoadingFailed}) sigaddset(&set_, number);
    ::pthread_sigmask(SIG_BLOCK, &set_, nullptr);
    // Nobody may read the log any more: an error of a write, not the end of the server.
    ::signal(SIGPIPE, SIG_IGN);
  }

  int wait() const {
    int number = 0;
    while (::sigwait(&set_, &number) != 0) {
    }
    return number;
  }

 private:
  sigset_t set_{};
};

bool is_this_machine(const std::string& host) {
  return host == "localhost" || host == "::1" || host.starts_with("127.");
}

ExplanationSetting explanation_setting(const std::string& text) {
  if (text == "live") return ExplanationSetting::kLive;
  if (text == "file") return ExplanationSetting::kFile;
  return ExplanationSetting::kAuto;
}

AssetOptions asset_options(const Settings& settings, const Pseudonyms& names, std::size_t threads) {
  AssetOptions options;
  options.names = names;
  options.explanations = explanation_setting(settings.text("explanations"));
  options.on_bad_row = settings.text("on_bad_row") == "skip" ? OnBadRow::kSkip : OnBadRow::kRefuse;
  options.threads = threads;
  options.points = {static_cast<double>(settings.count("points_at_threshold")),
                    static_cast<double>(settings.count("points_doubling")),
                    static_cast<double>(settings.count("points_review"))};
  return options;
}

/// Thrown at the next step of loading once the server has been told to end.
struct LoadingCancelled {};

AssetKeeper::Options keeper_options(const Settings& settings) {
  AssetKeeper::Options options;
  options.poll = std::chrono::seconds(settings.count("hub_poll_seconds"));
  return options;
}

/// Loads and publishes as the settings say; `addresses` is for the log. Loading throws
/// LoadingCancelled once `stop` is asked for.
AssetKeeper::Hooks keeper_hooks(const Settings& settings, api::State& state,
                                const std::shared_ptr<Log>& log, const Pseudonyms& names,
                                std::size_t threads, std::stop_token stop,
                                const std::string& addresses) {
  AssetOptions options = asset_options(settings, names, threads);
  options.on_step = [&state, log, stop](const std::string& step) {
    if (stop.stop_requested()) throw LoadingCancelled();
    log->debug(step);
    state.set_step(step);
  };
  // May be called until the last snapshot is gone: it owns the log, too.
  options.on_warning = [log](const std::string& warning) { log->warning(warning); };

  AssetKeeper::Hooks hooks;
  hooks.load_model = [options](const AssetSources& sources) {
    return load_servable_model(sources, options);
  };
  hooks.load = [options](const AssetSources& sources, LoadedModelPtr model) {
    return load_assets(sources, std::move(model), options);
  };
  hooks.publish = [&state, log, &addresses](AssetsPtr assets) {
    log->info(fmt::format("serving {} applicants (recipe {}, version {}): {}",
                          assets->data().rows(), assets->recipe().name(), assets->version(),
                          addresses));
    state.publish(std::move(assets));
    ::malloc_trim(0);  // the snapshot before this one leaves holes
  };
  hooks.on_status = [&state](const AssetStatus& status) { state.set_status(status); };
  hooks.random = [engine = std::mt19937(std::random_device{}())]() mutable {
    return std::uniform_real_distribution<double>(0, 1)(engine);
  };
  return hooks;
}

/// Errors kUsage: an address beyond this machine without tokens, a trusted proxy or `open`.
Result<void> check_host(const Settings& settings, const api::Access& access) {
  const std::string& host = settings.text("host");
  if (is_this_machine(host) || settings.flag("open") || access.restricts()) return {};
  return fail(ErrorCode::kUsage,
              "listening on " + host + " would let anyone who reaches this machine see applicants",
              "setting host",
              "tokens or trusted_proxy_header to say who may, --open to allow everyone, or an "
              "address of this machine (127.0.0.1)");
}

/// The tokens of the setting, and of the file where one is named.
Result<api::Access> make_access(const Settings& settings) {
  std::string tokens = settings.text("tokens");
  const std::string& file = settings.text("tokens_file");
  if (!file.empty()) {
    constexpr std::uint64_t kMostBytes = std::uint64_t{64} << 10U;
    ASSIGN_OR_RETURN(std::string lines, read_text_file(file, kMostBytes));
    std::ranges::replace(lines, '\n', ',');
    tokens += "," + lines;
  }
  std::string header = settings.text("trusted_proxy_header");
  std::ranges::transform(header, header.begin(), [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  });
  return api::Access::build(tokens, std::move(header));
}

/// Sockets that systemd listens on for us (sd_listen_fds(3)): the screen's, then the API's.
std::pair<int, int> inherited_sockets() {
  const Environment environment = process_environment();
  const auto pid = environment("LISTEN_PID");
  const auto count = environment("LISTEN_FDS");
  constexpr int kFirst = 3;
  if (!pid || !count || *pid != std::to_string(::getpid())) return {-1, -1};
  if (*count == "1") return {kFirst, -1};
  return *count == "2" ? std::pair(kFirst, kFirst + 1) : std::pair(-1, -1);
}

/// What callers who know a secret may make the keeper do.
api::Actions make_actions(const Settings& settings, api::Access access, AssetSupply& supply,
                          AssetKeeper& keeper) {
  api::Actions actions;
  actions.access = std::move(access);
  actions.webhook_secret = settings.text("hub_webhook_secret");
  actions.look_for_updates = [&keeper] { keeper.wake(); };
  actions.roll_back = [&](const std::string& repository, bool undo) -> Result<std::string> {
    ASSIGN_OR_RETURN(std::string now, supply.roll_back(repository, undo));
    keeper.wake();
    return now;
  };
  return actions;
}

}  // namespace

Result<void> serve_until_signal(const Settings& settings, const MakeSupply& make_supply) {
  ASSIGN_OR_RETURN(api::Access access, make_access(settings));
  RETURN_IF_ERROR(check_host(settings, access));
  ASSIGN_OR_RETURN(http::Cors cors, http::Cors::build(settings.text("cors_origins")));
  if (settings.port("port") == settings.port("api_port") && settings.port("port") != 0) {
    return fail(ErrorCode::kUsage, "the screen and the API cannot share a port",
                "settings port and api_port", "two different ports");
  }
  if (settings.count("points_doubling") == 0) {
    return fail(ErrorCode::kUsage, "no points between a score and one of twice the odds",
                "setting points_doubling", "a whole number from 1");
  }
  if (settings.count("connections") == 0) {
    return fail(ErrorCode::kUsage, "a server without connections", "setting connections",
                "a whole number from 1");
  }
  if (settings.count("body_mib") < kLeastBodyMib || settings.count("body_mib") > kMostBodyMib) {
    return fail(ErrorCode::kUsage, "no room for the largest request, or more than a machine has",
                "setting body_mib", fmt::format("{} to {}", kLeastBodyMib, kMostBodyMib));
  }
  ::mallopt(M_MMAP_THRESHOLD, kMappedBytes);
  const Signals signals;
  const std::shared_ptr<Log> log =
      make_stderr_log(*parse_log_level(settings.text("log_level")),
                      settings.text("log_format") == "json" ? LogFormat::kJson : LogFormat::kText);
  const SystemClock clock;
  const std::size_t threads =
      settings.count("threads") == 0 ? available_threads() : settings.count("threads");

  const Pseudonyms names(settings.text("log_ids") == "plain");
  api::State state;
  ASSIGN_OR_RETURN(const std::unique_ptr<AssetSupply> supply,
                   make_supply({settings, state, log, clock}));
  std::stop_source stop;
  std::string addresses;  // known once listening, before the keeper runs
  AssetKeeper keeper(
      *supply, keeper_options(settings),
      keeper_hooks(settings, state, log, names, threads, stop.get_token(), addresses), *log, clock);
  api::Telemetry telemetry(log, {.access_log = settings.flag("access_log"), .names = names});
  std::atomic<const http::Server*> running{nullptr};
  api::Actions actions = make_actions(settings, std::move(access), *supply, keeper);
  actions.telemetry = &telemetry;
  actions.server = [&running] {
    const http::Server* const server = running;
    return server == nullptr ? http::ServerFigures() : server->figures();
  };
  const std::string& host = settings.text("host");
  http::ServerOptions options;
  options.limits.connections = settings.count("connections");
  options.limits.held_bytes = settings.count("body_mib") << 20U;
  options.workers = threads;
  options.headers = api::security_headers();
  options.cors = std::move(cors);
  options.observer = &telemetry;
  const auto [screen_socket, api_socket] = inherited_sockets();
  ASSIGN_OR_RETURN(
      http::Server server,
      http::Server::start({{host, settings.port("port"),
                            api::make_router(state, clock, actions, true), screen_socket},
                           {host, settings.port("api_port"),
                            api::make_router(state, clock, actions, false), api_socket}},
                          options, *log, clock));
  running = &server;
  addresses = fmt::format("screen http://{}:{}, API http://{}:{}/docs", host, server.ports()[0],
                          host, server.ports()[1]);
  // What is on this machine is there in a moment, or never: then one line says why.
  if (supply->follows()) log->info("listening: " + addresses);

  std::optional<Error> error;  // written by the keeper's thread, read after it has been joined
  std::jthread keeping([&] {
    try {
      Result<void> ended = keeper.run(stop.get_token());
      if (ended) return;
      error = std::move(ended.error());
    } catch (const LoadingCancelled&) {
      return;
    } catch (const std::exception& exception) {
      error = Error{ErrorCode::kInternal, exception.what(), "loading", {}};
    }
    ::kill(::getpid(), kLoadingFailed);
  });

  int number = signals.wait();
  while (number == SIGHUP) {
    log->info("SIGHUP: loading again");
    keeper.reload();
    number = signals.wait();
  }
  if (number != kLoadingFailed) {
    log->info(fmt::format("{}: stopping{}", number == SIGINT ? "SIGINT" : "SIGTERM",
                          state.served() ? "" : " before anything was loaded"));
  }
  stop.request_stop();
  state.set_stopping();
  // Whoever sends requests here sees /readyz change and goes elsewhere, while the port still
  // answers.
  if (number != kLoadingFailed) {
    std::this_thread::sleep_for(std::chrono::seconds(settings.count("drain_seconds")));
  }
  server.stop(number == kLoadingFailed ? std::chrono::seconds(0) : kPatience);
  keeping.join();
  if (error) return fail(std::move(*error));
  return {};
}

Result<void> run_serve(const ServeCommand& command) {
  ASSIGN_OR_RETURN(const Settings settings,
                   Settings::resolve(serve_settings(), command.given, process_environment(),
                                     command.config_file));
  if (command.print_config) {
    std::fputs(settings.print().c_str(), stdout);
    return {};
  }
  const bool nothing_given = settings.text("model").empty() && settings.text("data").empty();
  if (nothing_given && settings.flag("demo_without_assets")) {
    std::fputs(
        "clairscore: neither a model nor data are given (HF_MODEL_REPO_ID, HF_DATA_REPO_ID): "
        "serving the demonstration\n",
        stderr);
    return serve_demonstration(settings, kDemoRows);
  }
  for (const auto& [key, variable] :
       {std::pair{"model", "HF_MODEL_REPO_ID"}, std::pair{"data", "HF_DATA_REPO_ID"}}) {
    if (settings.text(key).empty()) {
      return fail(ErrorCode::kUsage, std::string("no ") + key + " is given", "clairscore serve",
                  fmt::format("{}, {} or {}; `clairscore demo` needs none", option_name(key),
                              variable_name(key), variable));
    }
  }
  ASSIGN_OR_RETURN(const HubAssets from_hub, hub_assets(settings));
  if (from_hub.model || from_hub.data) return serve_until_signal(settings, make_hub_supply);
  const AssetSources sources{settings.text("model"), settings.text("data"), settings.text("recipe"),
                             settings.text("explanation_background")};
  return serve_until_signal(
      settings, [&](const SupplyContext& /*context*/) -> Result<std::unique_ptr<AssetSupply>> {
        return std::make_unique<LocalSupply>([&]() -> Result<AssetSources> { return sources; });
      });
}

}  // namespace clairscore
