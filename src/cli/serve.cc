#include "cli/serve.h"

#include <fmt/format.h>
#include <signal.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <cstdio>
#include <exception>
#include <memory>
#include <optional>
#include <thread>
#include <utility>

#include "api/routes.h"
#include "api/state.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/parallel.h"
#include "cli/commands.h"
#include "http/server.h"

namespace clairscore {

namespace {

/// How long requests under way may take to finish once a signal has come.
constexpr std::chrono::seconds kPatience{10};
/// Sent by the loader thread to the process when loading has failed.
constexpr int kLoadingFailed = SIGUSR1;

/// Blocks the signals that end the server, in this thread and those started from it, so that they
/// are taken by wait() only. They stay blocked: the process ends with what it is doing, and a
/// second signal must not cut that short.
class Signals {
 public:
  Signals() {
    sigemptyset(&set_);
    for (const int number : {SIGTERM, SIGINT, kLoadingFailed}) sigaddset(&set_, number);
    ::pthread_sigmask(SIG_BLOCK, &set_, nullptr);
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

AssetOptions asset_options(const Settings& settings, std::size_t threads) {
  AssetOptions options;
  options.explanations = explanation_setting(settings.text("explanations"));
  options.on_bad_row = settings.text("on_bad_row") == "skip" ? OnBadRow::kSkip : OnBadRow::kRefuse;
  options.threads = threads;
  return options;
}

/// Thrown at the next step of loading once the server has been told to end.
struct LoadingCancelled {};

/// Errors kUsage: an address beyond this machine without `open`.
Result<void> check_host(const Settings& settings) {
  const std::string& host = settings.text("host");
  if (is_this_machine(host) || settings.flag("open")) return {};
  return fail(ErrorCode::kUsage,
              "listening on " + host + " would let anyone who reaches this machine see applicants",
              "setting host", "--open to allow it, or an address of this machine (127.0.0.1)");
}

Result<AssetsPtr> find_and_load(const std::function<Result<AssetSources>()>& find_sources,
                                const AssetOptions& options) {
  ASSIGN_OR_RETURN(const AssetSources sources, find_sources());
  return load_assets(sources, options);
}

}  // namespace

Result<void> serve_until_signal(const Settings& settings,
                                const std::function<Result<AssetSources>()>& find_sources) {
  RETURN_IF_ERROR(check_host(settings));
  const Signals signals;
  const std::shared_ptr<Log> log = make_stderr_log(*parse_log_level(settings.text("log_level")));
  const SystemClock clock;
  const std::size_t threads =
      settings.count("threads") == 0 ? available_threads() : settings.count("threads");

  api::State state;
  const std::string& host = settings.text("host");
  http::ServerOptions options;
  options.workers = threads;
  options.headers = api::security_headers();
  ASSIGN_OR_RETURN(http::Server server,
                   http::Server::start(
                       {{host, settings.port("port"), api::make_router(state, clock, true)},
                        {host, settings.port("api_port"), api::make_router(state, clock, false)}},
                       options, *log, clock));

  std::optional<Error> error;  // written by the loader, read after it has been joined
  std::atomic<bool> cancelled{false};
  std::jthread loader([&] {
    AssetOptions choices = asset_options(settings, threads);
    choices.on_step = [&](const std::string& step) {
      if (cancelled) throw LoadingCancelled();
      log->debug(step);
      state.set_step(step);
    };
    // Outlives this function's locals: the snapshot's own thread may warn until it has ended.
    choices.on_warning = [log = log](const std::string& warning) { log->warning(warning); };
    try {
      auto assets = find_and_load(find_sources, choices);
      if (assets) {
        log->info(fmt::format("serving {} applicants: screen http://{}:{}, API http://{}:{}/docs",
                              (*assets)->data().rows(), host, server.ports()[0], host,
                              server.ports()[1]));
        state.publish(std::move(*assets));
        return;
      }
      error = std::move(assets.error());
    } catch (const LoadingCancelled&) {
      return;
    } catch (const std::exception& exception) {
      error = Error{ErrorCode::kInternal, exception.what(), "loading", {}};
    }
    ::kill(::getpid(), kLoadingFailed);
  });

  const int number = signals.wait();
  cancelled = true;
  server.stop(number == kLoadingFailed ? std::chrono::seconds(0) : kPatience);
  loader.join();
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
  for (const auto& [key, variable] :
       {std::pair{"model", "HF_MODEL_REPO_ID"}, std::pair{"data", "HF_DATA_REPO_ID"}}) {
    if (settings.text(key).empty()) {
      return fail(ErrorCode::kUsage, std::string("no ") + key + " is given", "clairscore serve",
                  fmt::format("{}, {} or {}; `clairscore demo` needs none", option_name(key),
                              variable_name(key), variable));
    }
  }
  return serve_until_signal(settings, [&]() -> Result<AssetSources> {
    return AssetSources{settings.text("model"), settings.text("data"), settings.text("recipe"),
                        settings.text("explanation_background")};
  });
}

}  // namespace clairscore
