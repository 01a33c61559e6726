#include "dispatch/xargs_verdict.hpp"

#include <string_view>
#include <variant>

namespace antsrun {
namespace {

struct End {
    int exit_status = 0;
    std::string why;  // empty: go on
};

End end_of(const Outcome& outcome, std::string_view command) {
    const std::string name(command.substr(0, command.find(' ')));
    if (const auto* not_started = std::get_if<NotStarted>(&outcome.ending)) {
        return {outcome.status(), not_started->message};
    }
    if (outcome.cause() == Cause::not_found || outcome.cause() == Cause::cannot_run) {
        return {outcome.status(), ""};  // a shell has said so
    }
    if (outcome.signal() != 0) {
        return {125, name + ": terminated by signal " + std::to_string(outcome.signal())};
    }
    if (outcome.status() == 255) {
        return {124, name + ": exited with status 255; aborting"};
    }
    return {outcome.succeeded() ? 0 : 123, ""};
}

}  // namespace

void XargsVerdict::on_finished(const Finished& finished) {
    const End end = end_of(finished.outcome, finished.command);
    const bool has_given_up = exit_status_ > 123;
    if (has_given_up || end.exit_status == 0) {
        return;
    }
    exit_status_ = end.exit_status;
    if (!end.why.empty()) {
        give_up_(end.why);
    }
}

}  // namespace antsrun
