#include "expand/template.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include <fmt/format.h>

#include "base/quote.hpp"

namespace antsrun {
namespace {

using Quoting = ShellPlace::Quoting;

// Words that are code wherever a command may begin. All others that are have special characters.
constexpr auto kKeywords = std::to_array<std::string_view>({
    "case",      "coproc", "do",     "done",    "elif",     "else",  "end",
    "esac",      "fi",     "for",    "foreach", "function", "if",    "in",
    "nocorrect", "repeat", "select", "then",    "time",     "until", "while",
});

bool is_safe_bare(std::string_view value) {
    return is_bare_word(value) &&
           std::find(kKeywords.begin(), kKeywords.end(), value) == kKeywords.end();
}

constexpr std::size_t kBetweenWords = static_cast<std::size_t>(-1);

std::string padded(std::uint64_t number, std::uint64_t most) {
    return fmt::format("{:0{}}", number, std::to_string(most).size());
}

bool is_for_all(const Placeholder& placeholder) {
    return placeholder.kind == Placeholder::Kind::argument && placeholder.position == 0 &&
           placeholder.name.empty();
}

}  // namespace

Template::Template(TemplateConfig config)
    : config_(std::make_shared<const TemplateConfig>(std::move(config))) {}

Template Template::parse_text(std::string_view text, TemplateConfig config) {
    Template result(std::move(config));
    while (!text.empty()) {
        auto found = read_placeholder(text, result.config_->placeholders);
        const std::size_t length = found ? found->length : 1;
        if (found) {
            Piece piece;
            piece.text = text.substr(0, length);
            piece.is_value = true;
            piece.placeholder = std::move(found->placeholder);
            result.pieces_.push_back(std::move(piece));
        } else {
            result.add_text(text.substr(0, length), 0);
        }
        text.remove_prefix(length);
    }
    return result;
}

Result<Template> Template::parse_command(std::string_view text, TemplateConfig config) {
    Template result(std::move(config));
    result.is_command_ = true;
    ShellPlace place;
    while (!text.empty()) {
        auto found = read_placeholder(text, result.config_->placeholders);
        const std::size_t word = place.word();
        const std::size_t length = found ? found->length : place.advance(text);
        if (found) {
            const auto added = result.add_value(std::move(*found), text.substr(0, length), place);
            if (!added) {
                return added.error();
            }
            place.pass_value();
        } else {
            result.add_text(text.substr(0, length), place.word() == word ? word : kBetweenWords);
        }
        text.remove_prefix(length);
    }
    result.settle_styles(place);
    const bool is_in_quotes = place.quoting() != Quoting::plain;
    if (result.may_append() && (is_in_quotes || place.why_not() != nullptr)) {
        return Error{fmt::format("the command has no placeholder, and the arguments cannot be "
                                 "appended {}",
                                 is_in_quotes ? "in an unfinished quote" : place.why_not()),
                     0};
    }
    return result;
}

void Template::add_text(std::string_view text, std::size_t word) {
    if (pieces_.empty() || pieces_.back().is_value || pieces_.back().word != word) {
        pieces_.emplace_back();
        pieces_.back().word = word;
    }
    pieces_.back().text += text;
}

Result<bool> Template::add_value(FoundPlaceholder found, std::string_view spelling,
                                 const ShellPlace& place) {
    const bool may_be_text = !found.placeholder.name.empty();  // no column may have this name
    if (const char* why = place.why_not(); why != nullptr) {
        if (may_be_text) {
            add_text(spelling, place.word());
            return true;
        }
        return Error{fmt::format("'{}' cannot stand {}", spelling, why), 0};
    }
    Piece piece;
    piece.text = spelling;
    piece.is_value = true;
    piece.placeholder = std::move(found.placeholder);
    piece.word = place.word();
    switch (place.quoting()) {
        case Quoting::plain: piece.style = Style::plain; break;
        case Quoting::single_quoted: piece.style = Style::single_quoted; break;
        case Quoting::double_quoted:
            piece.style =
                place.is_after_variable() ? Style::double_quoted_apart : Style::double_quoted;
            break;
    }
    pieces_.push_back(std::move(piece));
    return true;
}

// What can only be said once all was read: which values need no quotes, and which are commands.
void Template::settle_styles(const ShellPlace& place) {
    for (Piece& piece : pieces_) {
        if (piece.style == Style::plain && place.is_harmless(piece.word)) {
            piece.style = Style::bare_if_safe;
        }
    }
    std::size_t first = 0;
    while (first < pieces_.size() && !pieces_[first].is_value &&
           pieces_[first].text.find_first_not_of(" \t") == std::string::npos) {
        ++first;
    }
    const bool is_whole_word =
        first < pieces_.size() && pieces_[first].is_value &&
        pieces_[first].style != Style::single_quoted &&
        (first + 1 == pieces_.size() || pieces_[first + 1].word != pieces_[first].word);
    if (is_whole_word && pieces_[first].placeholder.kind == Placeholder::Kind::argument) {
        pieces_[first].style = Style::as_it_is;
    }
}

bool Template::takes_arguments() const {
    return std::any_of(pieces_.begin(), pieces_.end(), [](const Piece& piece) {
        return piece.is_value && piece.placeholder.kind == Placeholder::Kind::argument;
    });
}

// There may be jobs for which it has no placeholder.
bool Template::may_append() const {
    return std::all_of(pieces_.begin(), pieces_.end(), [](const Piece& piece) {
        return !piece.is_value || !piece.placeholder.name.empty();
    });
}

// Placeholders of any kind, columns of another input not counted.
bool Template::has_placeholder(const Job& job) const {
    return std::any_of(pieces_.begin(), pieces_.end(), [&](const Piece& piece) {
        return piece.is_value &&
               (piece.placeholder.name.empty() || single_value(piece.placeholder, job).has_value());
    });
}

std::string Template::render(const Job& job, int slot) const {
    std::string line;
    std::size_t begin = 0;
    while (begin < pieces_.size()) {
        const std::size_t end = end_of_word(begin);
        if (config_->several == Several::repeated && repeats(begin, end)) {
            for (const std::string& argument : job.arguments) {
                line += &argument == job.arguments.data() ? "" : " ";
                render_pieces(begin, end, {job, slot, {&argument, 1}}, line);
            }
        } else {
            render_pieces(begin, end, {job, slot, job.arguments}, line);
        }
        begin = end;
    }
    if (is_command_ && !has_placeholder(job)) {
        for (const std::string& argument : job.arguments) {
            line += ' ';
            put(argument, Style::bare_if_safe, line);
        }
    }
    return line;
}

std::size_t Template::end_of_word(std::size_t piece) const {
    const std::size_t word = pieces_[piece].word;
    while (piece < pieces_.size() && pieces_[piece].word == word) {
        ++piece;
    }
    return piece;
}

bool Template::repeats(std::size_t begin, std::size_t end) const {
    return std::any_of(pieces_.begin() + static_cast<std::ptrdiff_t>(begin),
                       pieces_.begin() + static_cast<std::ptrdiff_t>(end), [](const Piece& piece) {
                           return piece.is_value && is_for_all(piece.placeholder);
                       });
}

void Template::render_pieces(std::size_t begin, std::size_t end, const Context& context,
                             std::string& line) const {
    for (std::size_t i = begin; i < end; ++i) {
        if (pieces_[i].is_value) {
            render_value(pieces_[i], context, line);
        } else {
            line += pieces_[i].text;
        }
    }
}

void Template::render_value(const Piece& piece, const Context& context, std::string& line) const {
    using Kind = Placeholder::Kind;
    const Placeholder& placeholder = piece.placeholder;
    const std::uint64_t seq = context.job.seq;
    const auto slot = static_cast<std::uint64_t>(context.slot);
    const auto slots = static_cast<std::uint64_t>(config_->slots);
    switch (placeholder.kind) {
        case Kind::seq: line += std::to_string(seq); return;
        case Kind::slot: line += std::to_string(slot); return;
        case Kind::total: line += std::to_string(context.job.total); return;
        case Kind::seq_padded: line += padded(seq, context.job.total); return;
        case Kind::slot_padded: line += padded(slot, slots); return;
        case Kind::argument: break;
    }
    if (is_for_all(placeholder)) {
        for (const std::string& argument : context.arguments) {
            line += &argument == context.arguments.data() ? "" : " ";
            put(changed(placeholder, argument), piece.style, line);
        }
        return;
    }
    if (const auto value = single_value(placeholder, context.job)) {
        put(*value, piece.style, line);
    } else if (!placeholder.name.empty()) {
        line += piece.text;  // no column has this name
    }
}

void Template::put(std::string_view value, Style style, std::string& line) {
    switch (style) {
        case Style::as_it_is: line += value; return;
        case Style::bare_if_safe:
            if (is_safe_bare(value)) {
                line += value;
                return;
            }
            [[fallthrough]];
        case Style::plain:
            line += '\'';
            append_single_quoted(value, line);
            line += '\'';
            return;
        case Style::single_quoted: append_single_quoted(value, line); return;
        case Style::double_quoted:
            if (is_bare_word(value) || value.empty()) {
                line += value;
                return;
            }
            [[fallthrough]];
        case Style::double_quoted_apart:
            line += "\"'";
            append_single_quoted(value, line);
            line += "'\"";
            return;
    }
}

}  // namespace antsrun
