#include "report/jsonl.hpp"

#include <nlohmann/json.hpp>

#include <doctest/doctest.h>

#include <unistd.h>

#include <cstdlib>
#include <fstream>
#include <iterator>
#include <sstream>

#include "report/summary_json.hpp"
#include "samples.hpp"

namespace antsrun {

using namespace samples;
using Json = nlohmann::ordered_json;

namespace {

// A file in a directory of its own, and what JsonLines puts there.
class Lines {
public:
    Lines() : file_(std::move(*LineFile::create(path_))), observer_(*file_, "anthill") {}
    ~Lines() {
        ::unlink(path_.c_str());
        ::rmdir(directory_.c_str());
    }

    Observer& observer() { return observer_; }
    std::string text() const {
        std::ifstream in(path_);
        return {std::istreambuf_iterator<char>(in), {}};
    }
    std::vector<Json> entries() const {
        std::istringstream in(text());
        std::vector<Json> found;
        for (std::string line; std::getline(in, line);) {
            found.push_back(Json::parse(line));
        }
        return found;
    }

private:
    static std::string make_directory() {
        std::string name = "/tmp/antsrun-jsonl.XXXXXX";
        return ::mkdtemp(name.data());
    }

    const std::string directory_ = make_directory();
    const std::string path_ = directory_ + "/lines";
    std::unique_ptr<LineFile> file_;
    JsonLines observer_;
};

}  // namespace

TEST_SUITE("report") {
    TEST_CASE("jsonl: a line for each job, at once") {
        Lines lines;
        CHECK(lines.text().empty());
        run(lines.observer(), 1, "good", success());
        CHECK(lines.entries().size() == 1);
        run(lines.observer(), 2, "bad", exit_with(3), 4);
        const auto entries = lines.entries();
        REQUIRE(entries.size() == 2);
        CHECK(lines.text().ends_with("}\n"));

        CHECK(entries[0]["seq"] == 1);
        CHECK(entries[0]["cause"].is_null());
        CHECK(entries[0]["exit_code"] == 0);
        CHECK(entries[0]["host"] == "anthill");
        CHECK(entries[1]["cause"] == "exit");
        CHECK(entries[1]["exit_code"] == 3);
        CHECK(entries[1]["slot"] == 4);
    }

    TEST_CASE("jsonl: the fields of failures[] and three more") {
        Lines lines;
        Outcome outcome = saying(crash(), "last words");
        outcome.stdout_bytes = 5'000'000'000;
        outcome.stderr_bytes = 10;
        run(lines.observer(), 1, "crash", outcome);

        Summary summary(1);
        run(summary, 1, "crash", outcome);
        Json expected = Json::parse(to_json(summary, facts(), JsonLayout::one_line))["failures"][0];
        expected["arguments"] = {"crash"};
        expected["stdout_bytes"] = 5'000'000'000;
        expected["stderr_bytes"] = 10;
        CHECK(lines.entries().front() == expected);
    }

    TEST_CASE("jsonl: texts are whole, and bytes of any kind are safe") {
        Lines lines;
        Job job = samples::job(1, "caf\xe9");
        job.arguments.emplace_back("\x1b[31m\n\xc2\x9b");
        const std::string command(100'000, 'c');
        lines.observer().on_finished({job, command, 1, success()});
        const Json entry = lines.entries().front();
        CHECK(entry["command"] == command);
        CHECK(entry["arguments"] == Json{"caf\\xe9", "\x1b[31m\n\xc2\x9b"});
        CHECK(entry["escaped"] == true);
        CHECK_FALSE(entry.contains("truncated"));
        CHECK(lines.text().find_first_of("\x1b\xc2") == std::string::npos);
    }
}

}  // namespace antsrun
