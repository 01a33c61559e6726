#include "expand/placeholder.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdint>
#include <utility>

#include <fmt/format.h>

#include "base/pattern.hpp"

namespace antsrun {
namespace {

// ---- What can be done to an argument. Everything is about its last part, behind the last slash.

std::size_t base_begin(std::string_view path) {
    const auto slash = path.rfind('/');
    return slash == std::string_view::npos ? 0 : slash + 1;
}

std::string base(std::string_view path) { return std::string(path.substr(base_begin(path))); }

// Of the extensions the last `count`, as one: where their dot is; npos if there are fewer.
std::size_t extension_begin(std::string_view path, int count) {
    const std::size_t begin = base_begin(path);
    std::size_t dot = path.size();
    for (int i = 0; i < count; ++i) {
        dot = dot == 0 ? std::string_view::npos : path.rfind('.', dot - 1);
        if (dot == std::string_view::npos || dot < begin) {
            return std::string_view::npos;
        }
    }
    return dot;
}

std::string without_extensions(std::string_view path, int count) {
    return std::string(path.substr(0, extension_begin(path, count)));
}

std::string extensions(std::string_view path, int count) {
    const auto dot = extension_begin(path, count);
    return dot == std::string_view::npos ? "" : std::string(path.substr(dot + 1));
}

// As dirname(1) has it.
std::string directory(std::string_view path) {
    const auto strip = [&] {
        while (path.size() > 1 && path.ends_with('/')) {
            path.remove_suffix(1);
        }
    };
    strip();
    const auto slash = path.rfind('/');
    if (slash == std::string_view::npos) {
        return ".";
    }
    path = path.substr(0, slash + 1);
    strip();
    return std::string(path);
}

std::string parent(std::string_view path) {
    const auto slash = path.rfind('/');
    return slash == std::string_view::npos ? "" : std::string(path.substr(0, slash));
}

struct Change {
    std::string_view name;
    std::string (*apply)(std::string_view);
};

// Longer names first: "{x//}" is no "{x/}" of a column "x/".
constexpr auto kChanges = std::to_array<Change>({
    {"//", directory},
    {"/.", [](std::string_view s) { return without_extensions(base(s), 1); }},
    {"/", base},
    {".", [](std::string_view s) { return without_extensions(s, 1); }},
});

constexpr auto kPlusChanges = std::to_array<Change>({
    {"/...", [](std::string_view s) { return without_extensions(base(s), 3); }},
    {"/..", [](std::string_view s) { return without_extensions(base(s), 2); }},
    {"+...", [](std::string_view s) { return extensions(s, 3); }},
    {"+..", [](std::string_view s) { return extensions(s, 2); }},
    {"+.", [](std::string_view s) { return extensions(s, 1); }},
    {"+/", parent},
    {"...", [](std::string_view s) { return without_extensions(s, 3); }},
    {"..", [](std::string_view s) { return without_extensions(s, 2); }},
});

const Change* find_change(std::string_view name) {
    const auto is_it = [&](const Change& change) { return change.name == name; };
    if (const auto* it = std::find_if(kChanges.begin(), kChanges.end(), is_it);
        it != kChanges.end()) {
        return &*it;
    }
    const auto* it = std::find_if(kPlusChanges.begin(), kPlusChanges.end(), is_it);
    return it != kPlusChanges.end() ? &*it : nullptr;
}

std::string replaced_all(std::string_view text, std::string_view from, std::string_view to) {
    std::string result;
    for (auto at = text.find(from); at != std::string_view::npos; at = text.find(from)) {
        result += text.substr(0, at);
        result += to;
        text.remove_prefix(at + from.size());
    }
    return result += text;
}

std::string replaced_first(std::string text, std::string_view from, std::string_view to) {
    const auto at = text.find(from);
    return at == std::string::npos ? text : text.replace(at, from.size(), to);
}

// ---- Reading them

constexpr std::string_view kRemovePrefix = "#";
constexpr std::string_view kRemoveSuffix = "%";
constexpr std::string_view kReplace = "s";
constexpr std::string_view kReplaceAll = "gs";

// {##} {0#} {0%} {#pre} {%suf} {/a/b} {//a/b}
std::optional<Placeholder> read_plus(std::string_view body) {
    Placeholder found;
    if (body == "##" || body == "0#" || body == "0%") {
        found.kind = body == "##"   ? Placeholder::Kind::total
                     : body == "0#" ? Placeholder::Kind::seq_padded
                                    : Placeholder::Kind::slot_padded;
        return found;
    }
    if (body.size() > 1 && (body[0] == '#' || body[0] == '%')) {
        found.change = body[0] == '#' ? kRemovePrefix : kRemoveSuffix;
        found.operand = body.substr(1);
        return found;
    }
    const std::size_t begin = body.starts_with("//") ? 2 : 1;
    const auto slash = body.find('/', begin + 1);
    if (body.starts_with('/') && slash != std::string_view::npos) {
        found.change = begin == 2 ? kReplaceAll : kReplace;
        found.operand = body.substr(begin, slash - begin);
        found.replacement = body.substr(slash + 1);
        return found;
    }
    return std::nullopt;
}

// The end of `body` that is a change; empty if none is.
template <std::size_t N>
std::string_view change_at_end(std::string_view body, const std::array<Change, N>& changes) {
    for (const Change& change : changes) {
        if (body.ends_with(change.name)) {
            return change.name;
        }
    }
    return {};
}

// {2} {-1/.}: `body` without its change is a number other than 0.
bool read_position(std::string_view number, int& position) {
    const char* const end = number.data() + number.size();
    const auto [stop, error] = std::from_chars(number.data(), end, position);
    return error == std::errc{} && stop == end && position != 0;
}

std::optional<Placeholder> read_body(std::string_view body, const PlaceholderConfig& config) {
    Placeholder found;
    if (body == "#" || body == "%") {
        found.kind = body == "#" ? Placeholder::Kind::seq : Placeholder::Kind::slot;
        return found;
    }
    for (const bool plus : {true, false}) {
        if (plus && !config.plus) {
            continue;
        }
        found.change = plus ? change_at_end(body, kPlusChanges) : change_at_end(body, kChanges);
        const std::string_view rest = body.substr(0, body.size() - found.change.size());
        const bool is_all = rest.empty() && !found.change.empty();
        if (is_all || read_position(rest, found.position)) {
            return found;
        }
    }
    if (config.plus) {
        if (auto plus = read_plus(body)) {
            return plus;
        }
    }
    const bool may_be_name = config.named && !body.empty() &&
                             body.find_first_of("{} \t\n;|&\"'") == std::string_view::npos;
    if (may_be_name) {
        found.name = body;  // the change, if there is one, is found with the names
        found.change = {};
        return found;
    }
    return std::nullopt;
}

// An own one: its name, or with a position in it: {NAME} as {2NAME}.
std::optional<FoundPlaceholder> read_rewrite(std::string_view text, const Rewrite& rewrite) {
    FoundPlaceholder found;
    found.placeholder.rewrite = &rewrite;
    if (text.starts_with(rewrite.name)) {
        found.length = rewrite.name.size();
        return found;
    }
    const std::string_view rest = std::string_view(rewrite.name).substr(1);
    if (!rewrite.name.starts_with('{') || !text.starts_with('{')) {
        return std::nullopt;
    }
    const auto digits_end = text.find_first_not_of("-0123456789", 1);
    if (digits_end == std::string_view::npos || !text.substr(digits_end).starts_with(rest) ||
        !read_position(text.substr(1, digits_end - 1), found.placeholder.position)) {
        return std::nullopt;
    }
    found.length = digits_end + rest.size();
    return found;
}

// Column names: `name`, or `name` and a change.
struct NamedColumn {
    std::size_t index = 0;
    std::string_view change;
};

std::optional<NamedColumn> find_named(const std::string& name, const Job& job) {
    if (job.names == nullptr) {
        return std::nullopt;
    }
    const auto index_of = [&](std::string_view wanted) -> std::optional<std::size_t> {
        const auto it = std::find(job.names->begin(), job.names->end(), wanted);
        return it == job.names->end()
                   ? std::nullopt
                   : std::optional(static_cast<std::size_t>(it - job.names->begin()));
    };
    if (const auto index = index_of(name)) {
        return NamedColumn{*index, {}};
    }
    for (const std::string_view change :
         {change_at_end(name, kPlusChanges), change_at_end(name, kChanges)}) {
        const auto index = index_of(std::string_view(name).substr(0, name.size() - change.size()));
        if (index && !change.empty()) {
            return NamedColumn{*index, change};
        }
    }
    return std::nullopt;
}

std::string apply(std::string_view change, const Placeholder& placeholder,
                  const std::string& argument) {
    const std::string& operand = placeholder.operand;
    if (change == kRemovePrefix) {
        return argument.starts_with(operand) ? argument.substr(operand.size()) : argument;
    }
    if (change == kRemoveSuffix) {
        return argument.ends_with(operand) ? argument.substr(0, argument.size() - operand.size())
                                           : argument;
    }
    if (change == kReplace) {
        return replaced_first(argument, operand, placeholder.replacement);
    }
    if (change == kReplaceAll) {
        return replaced_all(argument, operand, placeholder.replacement);
    }
    const Change* const known = find_change(change);
    return known != nullptr ? known->apply(argument) : argument;
}

}  // namespace

Result<Rewrite> parse_rewrite(const std::string& text) {
    const auto wrong = [&](std::string_view why) {
        return Error{fmt::format("--rpl '{}': {} (expected 'NAME s/REGEX/TEXT/')", text, why), 0};
    };
    const auto blank = text.find_first_of(" \t");
    const auto begin = text.find_first_not_of(" \t", blank);
    if (blank == 0 || begin == std::string::npos) {
        return wrong("a name and what it does are needed");
    }
    if (text[begin] != 's' || begin + 1 >= text.size()) {
        return wrong("unknown operation");
    }
    const char separator = text[begin + 1];
    const auto middle = text.find(separator, begin + 2);
    const auto end = middle == std::string::npos ? middle : text.find(separator, middle + 1);
    if (end == std::string::npos) {
        return wrong("unfinished");
    }
    Rewrite rewrite;
    rewrite.name = text.substr(0, blank);
    rewrite.to = text.substr(middle + 1, end - middle - 1);
    bool ignore_case = false;
    for (const char flag : text.substr(end + 1)) {
        if (flag == 'g' || flag == 'i') {
            (flag == 'g' ? rewrite.all : ignore_case) = true;
        } else if (flag != ';' && flag != ' ') {
            return wrong(fmt::format("unknown flag '{}'", flag));
        }
    }
    auto from = compile_pattern(text.substr(begin + 2, middle - begin - 2), ignore_case);
    if (!from) {
        return wrong(from.error().what);
    }
    rewrite.from = std::move(*from);
    return rewrite;
}

std::optional<FoundPlaceholder> read_placeholder(std::string_view text,
                                                 const PlaceholderConfig& config) {
    if (text.empty()) {
        return std::nullopt;
    }
    for (const Rewrite& rewrite : config.rewrites) {
        if (auto found = read_rewrite(text, rewrite)) {
            return found;
        }
    }
    if (text.starts_with(config.item)) {
        return FoundPlaceholder{{}, config.item.size()};
    }
    if (text.front() != '{') {
        return std::nullopt;
    }
    const auto end = text.find('}');
    if (end == std::string_view::npos) {
        return std::nullopt;
    }
    auto placeholder = read_body(text.substr(1, end - 1), config);
    if (!placeholder) {
        return std::nullopt;
    }
    return FoundPlaceholder{std::move(*placeholder), end + 1};
}

std::string changed(const Placeholder& placeholder, const std::string& argument) {
    if (placeholder.rewrite != nullptr) {
        const Rewrite& rewrite = *placeholder.rewrite;
        const auto how = rewrite.all ? std::regex_constants::format_default
                                     : std::regex_constants::format_first_only;
        return std::regex_replace(argument, rewrite.from, rewrite.to, how);
    }
    return placeholder.change.empty() ? argument : apply(placeholder.change, placeholder, argument);
}

std::optional<std::string> single_value(const Placeholder& placeholder, const Job& job) {
    if (!placeholder.name.empty()) {
        const auto column = find_named(placeholder.name, job);
        if (!column) {
            return std::nullopt;
        }
        const bool is_missing = column->index >= job.arguments.size();
        return is_missing ? "" : apply(column->change, placeholder, job.arguments[column->index]);
    }
    const auto count = static_cast<std::int64_t>(job.arguments.size());
    const std::int64_t position = placeholder.position;
    const std::int64_t index = position > 0 ? position - 1 : count + position;
    if (index < 0 || index >= count) {
        return std::nullopt;
    }
    return changed(placeholder, job.arguments[static_cast<std::size_t>(index)]);
}

}  // namespace antsrun
