// A text is read twice: as addresses go (a scheme, slashes, a user, a colon, the password, an '@', the host)
// and as pairs of a name and a value. Both read it with its percent-escapes undone, since what escapes a
// scheme escapes what follows it; `origin_` leads back to the bytes that are hidden.
//
// A message puts an address among words of its own, so that where a password ends must be guessed: at the
// last '@' before a blank. If there is no '@' before the blank, and what follows the colon is no port, the
// password may hold the blank. Exact parsing, as libpq does it, would show a part of a password whose '@' was
// not escaped.
#include "base/passwords.h"

#include <algorithm>
#include <array>
#include <optional>
#include <vector>

namespace aforro {
namespace {

constexpr std::string_view kBlank = " \t\r\n";
constexpr std::string_view kHidden = "***";
constexpr std::size_t kMaxNumberBytes = 64;

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
bool is_name_character(char c) {
  return is_letter(c) || is_digit(c) || c == '_' || c == '-' || c == '.' || c == '+';
}

std::optional<int> hex_digit(char c) {
  if (is_digit(c)) return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return std::nullopt;
}

std::string small_letters(std::string_view text) {
  std::string small(text);
  for (char& c : small) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  return small;
}

// As our own messages say what an address is like.
bool is_pattern(std::string_view user_on) {
  return user_on.starts_with("USER:PASSWORD@HOST:PORT/NAME") ||
         user_on.starts_with("user:password@host:port/name");
}

class Reader {
 public:
  explicit Reader(std::string_view text) : text_(text) {
    for (std::size_t i = 0; i < text.size(); ++i) {
      origin_.push_back(i);
      const auto high = text[i] == '%' && i + 2 < text.size() ? hex_digit(text[i + 1]) : std::nullopt;
      const auto low = high ? hex_digit(text[i + 2]) : std::nullopt;
      plain_ += low ? static_cast<char>(*high * 16 + *low) : text[i];
      if (low) i += 2;
    }
    origin_.push_back(text.size());
  }

  std::string without_passwords() {
    for (std::size_t i = 0; i < plain_.size(); ++i) {
      if (plain_[i] == '=') i = behind_pair(i);
    }
    for (std::size_t i = 0; i < plain_.size(); ++i) {
      if (plain_[i] == ':') i = behind_address(i);
    }
    std::sort(passwords_.begin(), passwords_.end());
    std::string shown;
    std::size_t from = 0;
    for (auto next = passwords_.begin(); next != passwords_.end();) {
      shown += text_.substr(from, origin_[next->begin] - from);
      shown += kHidden;
      std::size_t end = next->end;
      for (; next != passwords_.end() && next->begin <= end; ++next) end = std::max(end, next->end);
      from = origin_[end];
    }
    return shown += text_.substr(from);
  }

 private:
  // What has no blank in it.
  struct Run {
    std::size_t begin;
    std::size_t end;
    std::optional<std::size_t> last_at;  // the last '@'

    std::optional<std::size_t> at_behind(std::size_t place) const {
      return last_at && *last_at >= place ? last_at : std::nullopt;
    }
  };

  // From that place on. The last one is kept: a text may be a single run that is all colons.
  const Run& run_from(std::size_t begin) {
    if (begin >= run_.begin && begin < run_.end) return run_;
    const std::size_t end = std::min(plain_.find_first_of(kBlank, begin), plain_.size());
    const std::size_t found = std::string_view(plain_).substr(begin, end - begin).rfind('@');
    run_ = {begin, end, found == std::string::npos ? std::nullopt : std::optional(begin + found)};
    return run_;
  }

  // Where the next '@' or end of a line is, the end of the text if there is none; the last is kept, too.
  std::size_t next_at(std::size_t from) {
    if (from < next_at_from_ || from > next_at_) {
      next_at_ = std::min(plain_.find_first_of("@\n", from), plain_.size());
      next_at_from_ = from;
    }
    return next_at_;
  }

  std::size_t begin_of_name(std::size_t end) const {
    while (end > 0 && is_name_character(plain_[end - 1])) --end;
    return end;
  }

  // Returns the last place of what was hidden.
  std::size_t hide(std::size_t begin, std::size_t end) {
    if (begin < end) passwords_.push_back({begin, end});
    return std::max(begin, end) - 1;
  }

  bool is_port(std::size_t at) const {
    static constexpr std::string_view kBehind = " \t\r\n/?#,;.:!)]}>'\"`";
    const std::size_t end = std::min(plain_.find_first_not_of("0123456789", at), plain_.size());
    return end - at <= 5 && (end == plain_.size() || kBehind.find(plain_[end]) != kBehind.npos);
  }

  // Each returns the last place that need not be read any more: of a password that was found at the sign, or
  // the sign itself.
  std::size_t behind_address(std::size_t colon) {
    const std::size_t begin = begin_of_name(colon);
    if (begin == colon) return colon;
    const std::size_t slashes = colon + 1;
    const std::size_t user = std::min(plain_.find_first_not_of("/\\", slashes), plain_.size());
    return user > slashes ? behind_user(user) : behind_bare_user(begin, colon);
  }

  std::size_t behind_user(std::size_t user) {
    const Run run = run_from(user);
    const std::string_view address = std::string_view(plain_).substr(user, run.end - user);
    std::size_t host = 0;
    if (address.starts_with('[') && !run.at_behind(user)) {
      const std::string_view number = address.substr(0, kMaxNumberBytes);  // of an IPv6 host
      host = std::min(number.find(']'), number.size());
    }
    const std::size_t found = address.find(':', host);
    if (found == std::string_view::npos || is_pattern(address)) return user - 1;
    const std::size_t colon = user + found;
    if (const auto at = run.at_behind(colon)) return hide(colon + 1, *at);
    if (run.at_behind(user) || is_port(colon + 1)) return colon;
    const std::size_t next = next_at(run.end);
    if (next == plain_.size() || plain_[next] != '@') return hide(colon + 1, run.end);
    return hide(colon + 1, *run_from(next).last_at);
  }

  // user:password@host, without a scheme. A quote behind the host, say, is no address: much has a colon in
  // it.
  std::size_t behind_bare_user(std::size_t user, std::size_t colon) {
    static constexpr std::string_view kBefore = " \t\r\n\"'`=(,<";
    static constexpr std::string_view kBehind = " \t\r\n/:";
    if (user > 0 && kBefore.find(plain_[user - 1]) == kBefore.npos) return colon;
    const std::string name = small_letters(std::string_view(plain_).substr(user, colon - user));
    const auto at = run_from(colon).at_behind(colon);
    if (!at || name == "mailto" || name == "file" || is_pattern(std::string_view(plain_).substr(user)))
      return colon;
    std::size_t end = *at + 1;
    while (end < plain_.size() && is_name_character(plain_[end])) ++end;
    const bool is_host = end > *at + 1 && (end == plain_.size() || kBehind.find(plain_[end]) != kBehind.npos);
    return is_host ? hide(colon + 1, *at) : colon;
  }

  std::size_t behind_pair(std::size_t sign) {
    std::size_t end = sign;
    while (end > 0 && (plain_[end - 1] == ' ' || plain_[end - 1] == '\t')) --end;
    const std::string name =
        small_letters(std::string_view(plain_).substr(begin_of_name(end), end - begin_of_name(end)));
    static constexpr std::array<std::string_view, 5> kNames{"password", "passwd", "passphrase", "pwd",
                                                            "pass"};
    if (std::none_of(kNames.begin(), kNames.end(),
                     [&](std::string_view each) { return name.ends_with(each); }))
      return sign;
    const std::size_t value = plain_.find_first_not_of(" \t", sign + 1);
    if (value >= plain_.size()) return sign;
    return plain_[value] == '"' || plain_[value] == '\'' ? behind_quoted(value) : behind_bare(value);
  }

  std::size_t behind_quoted(std::size_t value) {
    for (std::size_t i = value + 1; i < plain_.size(); ++i) {
      if (plain_[i] == '\\') {
        ++i;
      } else if (plain_[i] == plain_[value]) {
        if (i + 1 == plain_.size() || plain_[i + 1] != plain_[value]) return hide(value + 1, i);
        ++i;  // two of them stand for one
      }
    }
    return hide(value + 1, plain_.size());
  }

  // To the next blank, or the next name with a value.
  std::size_t behind_bare(std::size_t value) {
    std::size_t end = value;
    for (; end < plain_.size() && kBlank.find(plain_[end]) == kBlank.npos; ++end) {
      if (plain_[end] == '\\') ++end;
      if (end >= plain_.size() || (plain_[end] != '&' && plain_[end] != ';')) continue;
      std::size_t next = end + 1;
      while (next < plain_.size() && (is_name_character(plain_[next]) || plain_[next] == ' ')) ++next;
      if (next > end + 1 && next < plain_.size() && plain_[next] == '=') break;
    }
    return hide(value, std::min(end, plain_.size()));
  }

  struct Part {
    std::size_t begin;
    std::size_t end;

    friend auto operator<=>(const Part&, const Part&) = default;
  };

  std::string_view text_;
  std::string plain_;                // without percent-escapes
  std::vector<std::size_t> origin_;  // of each byte of `plain_` in `text_`, and of its end
  std::vector<Part> passwords_;      // of `plain_`
  Run run_{0, 0, std::nullopt};
  std::size_t next_at_from_ = 1;  // none yet
  std::size_t next_at_ = 0;
};

}  // namespace

std::string without_passwords(std::string_view text) {
  if (text.find_first_of(":=%") == std::string_view::npos) return std::string(text);
  return Reader(text).without_passwords();
}

}  // namespace aforro
