// What the options mean for the stages: from what was asked for to their settings.
#pragma once

#include <sys/resource.h>

#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "base/error.hpp"
#include "cli/options.hpp"
#include "dispatch/dispatcher.hpp"
#include "dispatch/gate.hpp"
#include "emit/emitter.hpp"
#include "front.hpp"
#include "run/local.hpp"

namespace antsrun {

EmitterConfig emitter_config(const cli::Options& options, int capacity);

// `descriptors`: the limit there was before ours was raised.
LocalConfig local_config(const cli::Options& options, const StartState& start,
                         const FrontLink& link, int capacity, std::optional<rlimit> descriptors);

GateConfig gate_config(const cli::Options& options, std::function<void(std::string_view)> say);

DispatchConfig dispatch_config(const cli::Options& options);

// How to call antsrun so that it runs command lines as this run does; nothing if jobs have more
// than their command line makes them.
std::optional<std::string> call_again(const cli::Options& options);

// -j FILE. Nothing if the file does not say.
std::optional<int> jobs_in_file(const std::string& name);

// Why jobs could not run as they are asked to.
std::optional<Error> check_running(const cli::Options& options);

}  // namespace antsrun
