// Tells several observers what it is told. Control thread only.
#pragma once

#include <vector>

#include "job/seams.hpp"

namespace antsrun {

class Observers : public Observer {
public:
    void add(Observer& observer) { all_.push_back(&observer); }
    void on_read(const Job& job) override {
        for (Observer* each : all_) {
            each->on_read(job);
        }
    }
    void on_input_end() override {
        for (Observer* each : all_) {
            each->on_input_end();
        }
    }
    void on_finished(const Finished& finished) override {
        for (Observer* each : all_) {
            each->on_finished(finished);
        }
    }
    void on_not_started(const Job& job) override {
        for (Observer* each : all_) {
            each->on_not_started(job);
        }
    }
    void on_skipped(const Job& job) override {
        for (Observer* each : all_) {
            each->on_skipped(job);
        }
    }

private:
    std::vector<Observer*> all_;
};

}  // namespace antsrun
