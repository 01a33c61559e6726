// Several sources as one: records of each, side by side. What was read is given out as soon as the
// order allows, so a slow source holds back only what needs it, and a billion combinations cost no
// more memory than the sources that are gone through more than once.
//
// A record that has a problem passes it on to every combination it is part of. Control thread only.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <vector>

#include "job/seams.hpp"

namespace antsrun {

// Puts two records side by side.
class Joiner {
public:
    // The fields of `left`, then those of `right`, with their names. If `left` has fewer fields
    // than names, it is filled up with empty ones; if it has more, these have empty names. So the
    // names of `right` stay at its fields.
    Record join(Record left, const Record& right);

private:
    const Names& join_names(const Record& left, const Record& right);

    // The last result and what it was made of: mostly the next one is the same.
    Names left_;
    std::size_t left_fields_ = 0;
    Names right_;
    Names joined_;
};

// Every record of `left` with every one of `right`, which changes faster. `right` is kept in memory
// once it was read, `left` is not.
class Product : public RecordSource {
public:
    Product(std::unique_ptr<RecordSource> left, std::unique_ptr<RecordSource> right);

    ants::Task<std::optional<Record>> next() override;
    std::string error() const override;

private:
    const std::unique_ptr<RecordSource> left_;
    const std::unique_ptr<RecordSource> right_;
    Joiner joiner_;

    std::optional<Record> left_record_;
    std::vector<Record> kept_;  // of `right_`
    bool has_read_right_ = false;
    std::size_t next_kept_ = 0;
    bool is_over_ = false;
};

// The first record of `left` with the first of `right`, and so on until one of them ends.
class Linked : public RecordSource {
public:
    Linked(std::unique_ptr<RecordSource> left, std::unique_ptr<RecordSource> right);

    ants::Task<std::optional<Record>> next() override;
    std::string error() const override;

private:
    const std::unique_ptr<RecordSource> left_;
    const std::unique_ptr<RecordSource> right_;
    Joiner joiner_;
    bool is_over_ = false;
};

// The first records of all sources, the second ones, and so on until the longest ends. The others
// start over, so they are kept in memory. A source without records ends it all.
class InStep : public RecordSource {
public:
    explicit InStep(std::vector<std::unique_ptr<RecordSource>> sources);

    ants::Task<std::optional<Record>> next() override;
    std::string error() const override;

private:
    struct Member {
        std::unique_ptr<RecordSource> source;
        Joiner joiner;  // to the members before it
        bool has_ended = false;
        Record current;
        std::vector<Record> kept;
    };

    ants::Task<> advance(Member& member);
    Record join_current();

    std::vector<Member> members_;
    std::size_t open_;  // members that have not ended
    std::size_t row_ = 0;
    bool is_over_ = false;
};

}  // namespace antsrun
