#include "report/summary_json.hpp"

#include <nlohmann/json.hpp>

#include <doctest/doctest.h>

#include "samples.hpp"

namespace antsrun {

using namespace samples;
using Json = nlohmann::ordered_json;

namespace {

Json parsed(const Summary& summary, const RunFacts& run_facts = facts()) {
    return Json::parse(to_json(summary, run_facts, JsonLayout::one_line));
}

}  // namespace

TEST_SUITE("report") {
    TEST_CASE("json: a run without jobs") {
        const Summary summary(1000);
        const std::string text = to_json(summary, facts(), JsonLayout::one_line);
        CHECK(text.find('\n') == text.size() - 1);
        CHECK(text.starts_with(R"({"schema":"antsrun.report/1","version":"0.1.0",)"));

        const Json report = Json::parse(text);
        CHECK(report["started"] == "1970-01-12T13:46:40.000000Z");
        CHECK(report["finished"] == "1970-01-12T13:46:42.500000Z");
        CHECK(report["halted"].is_null());
        CHECK(report["latency"]["p50"] == 0);
        CHECK(report["throughput_per_second"] == 0);
        CHECK(report["failures"].empty());
        CHECK(report["workers"].empty());
        CHECK(to_json(summary, facts(), JsonLayout::indented).starts_with("{\n  \"schema\""));
    }

    TEST_CASE("json: a failure by each cause") {
        struct Row {
            Outcome outcome;
            const char* cause;
            Json exit_code;
            Json signal;
            const char* message;
        };
        const Json none = nullptr;
        using Why = NotStarted::Why;
        const Row rows[] = {
            {exit_with(3), "exit", 3, none, "exit 3"},
            {ended(Exited{127, true}), "not_found", 127, none, "exit 127 (command not found)"},
            {ended(Exited{126, true}), "cannot_run", 126, none, "exit 126 (command cannot be run)"},
            {ended(NotStarted{Why::not_found, "no such"}), "not_found", 127, none, "no such"},
            {ended(NotStarted{Why::cannot_run, "line 3"}), "cannot_run", 126, none, "line 3"},
            {ended(Signaled{SIGTERM, false}), "signal", none, SIGTERM, "killed by SIGTERM"},
            {crash(), "panic", none, SIGSEGV, "crashed with SIGSEGV (core dumped)"},
            {ended(Killed{SIGKILL, 0}), "killed", none, SIGKILL, "ended by antsrun with SIGKILL"},
            {ended(Killed{0, 7}), "killed", 7, none, "ended by antsrun, exit 7"},
            {ended(Thrown{"bad"}), "panic", none, none, "internal error: bad"},
        };
        for (const Row& row : rows) {
            CAPTURE(row.message);
            Summary summary(1000);
            run(summary, 9, "cmd", row.outcome, 3);
            const Json entry = parsed(summary)["failures"][0];
            CHECK(entry["cause"] == row.cause);
            CHECK(entry["exit_code"] == row.exit_code);
            CHECK(entry["signal"] == row.signal);
            CHECK(entry["message"] == row.message);
            CHECK(entry["seq"] == 9);
            CHECK(entry["slot"] == 3);
            CHECK(entry["host"] == "anthill");
            CHECK(entry["started"] == "1970-01-12T13:46:40.250000Z");
            CHECK_FALSE(entry.contains("escaped"));
        }
    }

    TEST_CASE("json: panics") {
        Summary summary(1000);
        run(summary, 1, "a", crash());
        run(summary, 2, "b", ended(Thrown{"bad"}));
        const Json panics = parsed(summary)["panics"];
        CHECK(panics[0]["kind"] == "crash");
        CHECK(panics[0]["signal"] == SIGSEGV);
        CHECK(panics[0]["core_dumped"] == true);
        CHECK(panics[1]["kind"] == "exception");
        CHECK(panics[1]["signal"].is_null());
        CHECK(panics[1]["what"] == "internal error: bad");
    }

    TEST_CASE("json: workers are busy or idle") {
        Summary summary(1000);
        run(summary, 1, "a", success(0.5), 1);
        run(summary, 2, "b", success(0.5), 3);
        RunFacts run_facts = facts();
        run_facts.idle = {{.id = 1, .seconds = 1.5}, {.id = 2, .seconds = 2}};
        const Json workers = parsed(summary, run_facts)["workers"];
        REQUIRE(workers.size() == 2);
        CHECK(workers[0]["id"] == 1);
        CHECK(workers[0]["idle_seconds"] == 1.5);
        CHECK(workers[0]["utilization"] == 0.25);
        // Nothing was told about it: the rest of the run.
        CHECK(workers[1]["id"] == 3);
        CHECK(workers[1]["idle_seconds"] == 2.0);
        CHECK(workers[1]["utilization"] == 0.2);
    }

    TEST_CASE("json: any bytes give strict UTF-8 without control characters") {
        std::string all;
        for (int byte = 1; byte < 256; ++byte) {
            all += static_cast<char>(byte);
        }
        all +=
            "\xC2\x9B"
            "31m \xED\xA0\x80 \xF4\x90\x80\x80 \xC0\xAF \xE2\x82\xAC \x7F";
        Summary summary(1000);
        run(summary, 1, all, saying(ended(Thrown{all}), all));
        RunFacts run_facts = facts();
        run_facts.argv = {all, "plain"};
        run_facts.host = all;
        run_facts.halted = all;
        for (const auto layout : {JsonLayout::one_line, JsonLayout::indented}) {
            const std::string text = to_json(summary, run_facts, layout);
            const Json report = Json::parse(text);  // throws unless it is UTF-8
            CHECK(report["escaped"] == true);
            CHECK(report["failures"][0]["escaped"] == true);
            CHECK(report["panics"][0]["escaped"] == true);
            CHECK(report["slowest"].empty());
            CHECK(text.find_first_of("\x1b\x7f\x07") == std::string::npos);
            CHECK(text.find("\xC2\x9B") == std::string::npos);
        }
    }

    TEST_CASE("json: UTF-8 text is kept as it is") {
        Summary summary(1000);
        run(summary, 1, "echo \xE2\x82\xAC\xC2\xB5 \"q\" \\", exit_with(1));
        const std::string text = to_json(summary, facts(), JsonLayout::one_line);
        CHECK(text.find("echo \xE2\x82\xAC\xC2\xB5 \\\"q\\\" \\\\") != std::string::npos);
        CHECK_FALSE(Json::parse(text)["failures"][0].contains("escaped"));

        Summary controls(1000);
        run(controls, 1, "a\x7F\xC2\x9B", exit_with(1));
        CHECK(parsed(controls)["failures"][0]["command"] == "a\x7F\xC2\x9B");
    }

    TEST_CASE("json: stays below 10 MB, whatever the jobs do") {
        Summary summary(1'000'000);
        const std::string controls(200'000, '\x01');
        for (std::uint64_t seq = 1; seq <= 20'000; ++seq) {
            const int slot = static_cast<int>(seq);
            run(summary, seq, controls, saying(crash(), std::string(kStderrTail, '\xFF')), slot);
        }
        RunFacts run_facts = facts();
        run_facts.argv.assign(1'000'000, "\x01\x01\x01");
        const std::string text = to_json(summary, run_facts, JsonLayout::indented);
        CHECK(text.size() < 10'000'000);

        const Json report = Json::parse(text);
        CHECK(report["failures"].size() + report["failures_omitted"].get<std::size_t>() == 20'000);
        CHECK(report["workers"].size() + report["workers_omitted"].get<std::size_t>() == 20'000);
        CHECK(report["argv"].size() + report["argv_omitted"].get<std::size_t>() == 1'000'000);
        CHECK(report["failures"][0]["truncated"] == true);
        CHECK(report["slowest"][0]["truncated"] == true);
    }

    TEST_CASE("json: short failures do not exceed it either") {
        Summary summary(1'000'000);
        for (std::uint64_t seq = 1; seq <= 30'000; ++seq) {
            run(summary, seq, "x", saying(crash(), "\xC2\x9B\xC2\x9B\xC2\x9B"));
        }
        CHECK(to_json(summary, facts(), JsonLayout::indented).size() < 10'000'000);
    }
}

}  // namespace antsrun
