#include "job/outcome.hpp"

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include <csignal>
#include <cstring>

namespace antsrun {
namespace {

template <class... Fs>
struct Overloaded : Fs... {
    using Fs::operator()...;
};
template <class... Fs>
Overloaded(Fs...) -> Overloaded<Fs...>;

std::string signal_name(int signal) {
    const char* name = sigabbrev_np(signal);
    return name != nullptr ? fmt::format("SIG{}", name) : fmt::format("signal {}", signal);
}

}  // namespace

bool is_crash(int signal) {
    static constexpr std::array kCrashes{SIGSEGV, SIGABRT, SIGBUS, SIGILL, SIGFPE, SIGTRAP, SIGSYS};
    return std::find(kCrashes.begin(), kCrashes.end(), signal) != kCrashes.end();
}

bool Outcome::succeeded() const {
    const auto* exited = std::get_if<Exited>(&ending);
    return exited != nullptr && exited->code == 0;
}

bool Outcome::panicked() const { return cause() == Cause::panic; }

Cause Outcome::cause() const {
    return std::visit(
        Overloaded{
            [](const Exited& e) {
                if (e.said_by_shell) {
                    return e.code == 127 ? Cause::not_found : Cause::cannot_run;
                }
                return e.code == 0 ? Cause::none : Cause::exit;
            },
            [](const Signaled& s) { return is_crash(s.signal) ? Cause::panic : Cause::signal; },
            [](const NotStarted& n) {
                return n.why == NotStarted::Why::not_found ? Cause::not_found : Cause::cannot_run;
            },
            [](const TimedOut&) { return Cause::timeout; },
            [](const Killed&) { return Cause::killed; },
            [](const Thrown&) { return Cause::panic; },
        },
        ending);
}

int Outcome::signal() const {
    return std::visit(Overloaded{
                          [](const Signaled& s) { return s.signal; },
                          [](const TimedOut& t) { return t.signal; },
                          [](const Killed& k) { return k.signal; },
                          [](const auto&) { return 0; },
                      },
                      ending);
}

int Outcome::status() const {
    if (timed_out()) {
        return 124;
    }
    if (const int died_of = signal(); died_of != 0) {
        return 128 + died_of;
    }
    return std::visit(
        Overloaded{
            [](const Exited& e) { return e.code; },
            [](const NotStarted& n) { return n.why == NotStarted::Why::not_found ? 127 : 126; },
            [](const Killed& k) { return k.exit_code; },
            [](const auto&) { return 255; },
        },
        ending);
}

std::string_view name_of(Cause cause) {
    switch (cause) {
        case Cause::none: return "";
        case Cause::exit: return "exit";
        case Cause::signal: return "signal";
        case Cause::timeout: return "timeout";
        case Cause::not_found: return "not_found";
        case Cause::cannot_run: return "cannot_run";
        case Cause::killed: return "killed";
        case Cause::panic: return "panic";
    }
    return "";
}

std::string describe(const Outcome& outcome) {
    return std::visit(
        Overloaded{
            [&](const TimedOut& t) {
                return fmt::format("timed out after {:.3g} s{}", outcome.seconds,
                                   t.signal == SIGKILL ? " (SIGKILL was needed)" : "");
            },
            [](const Exited& e) {
                if (!e.said_by_shell) {
                    return fmt::format("exit {}", e.code);
                }
                return fmt::format("exit {} ({})", e.code,
                                   e.code == 127 ? "command not found" : "command cannot be run");
            },
            [](const Signaled& s) {
                return fmt::format("{} {}{}", is_crash(s.signal) ? "crashed with" : "killed by",
                                   signal_name(s.signal), s.core_dumped ? " (core dumped)" : "");
            },
            [](const NotStarted& n) { return n.message; },
            [](const Killed& k) {
                return k.signal != 0
                           ? fmt::format("ended by antsrun with {}", signal_name(k.signal))
                           : fmt::format("ended by antsrun, exit {}", k.exit_code);
            },
            [](const Thrown& t) { return fmt::format("internal error: {}", t.what); },
        },
        outcome.ending);
}

}  // namespace antsrun
