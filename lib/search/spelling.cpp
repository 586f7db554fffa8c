#include "search/spelling.h"

#include <algorithm>
#include <array>
#include <bit>
#include <limits>
#include <tuple>
#include <utility>

namespace aforro::search {
namespace {

constexpr std::size_t kLongest = 36;  // characters of what is compared; words have 32 at most

// The characters of a text, up to one more than is compared, without memory of their own.
class CodePoints {
 public:
  explicit CodePoints(std::string_view text) {
    for (std::size_t i = 0; i < text.size() && size_ < points_.size();) {
      const auto first = static_cast<unsigned char>(text[i]);
      const std::size_t bytes = first < 0x80 ? 1 : first < 0xE0 ? 2 : first < 0xF0 ? 3 : 4;
      char32_t point = bytes == 1 ? first : first & (0x7FU >> bytes);
      for (std::size_t k = 1; k < bytes && i + k < text.size(); ++k) {
        point = (point << 6) | (static_cast<unsigned char>(text[i + k]) & 0x3FU);
      }
      points_[size_++] = point;
      i += bytes;
    }
  }
  std::u32string_view view() const { return {points_.data(), size_}; }

 private:
  std::array<char32_t, kLongest + 1> points_;
  std::size_t size_ = 0;
};

// Bits 0 to 25: letters that are there; 26 to 51: those that are there twice; the others share twelve.
std::uint64_t signature_of(std::u32string_view points) {
  std::uint64_t signature = 0;
  for (const char32_t point : points) {
    if (point >= 'a' && point <= 'z') {
      const std::uint64_t bit = std::uint64_t{1} << (point - 'a');
      signature |= (signature & bit) != 0 ? bit << 26 : bit;
    } else {
      signature |= std::uint64_t{1} << (52 + point % 12);
    }
  }
  return signature;
}

// The last row of the table of distances, each row of which has `word.size()` + 1 places.
using Row = std::array<std::uint8_t, 40>;

}  // namespace

struct Spelling::Bucket {
  std::vector<std::uint64_t> signatures;
  std::vector<std::uint32_t> ends;  // of the words in `bytes`
  std::string bytes;

  std::string_view word(std::size_t i) const {
    const std::uint32_t begin = i == 0 ? 0 : ends[i - 1];
    return std::string_view(bytes).substr(begin, ends[i] - begin);
  }
};

std::size_t slips(std::u32string_view typed, std::u32string_view word, std::size_t most) {
  if (typed.size() > kLongest || word.size() > kLongest) return typed == word ? 0 : most + 1;
  Row two_before{};
  Row before{};
  Row row{};
  for (std::size_t j = 0; j <= word.size(); ++j) before[j] = static_cast<std::uint8_t>(j);
  for (std::size_t i = 1; i <= typed.size(); ++i) {
    row[0] = static_cast<std::uint8_t>(i);
    std::uint8_t least = row[0];
    for (std::size_t j = 1; j <= word.size(); ++j) {
      const int differs = typed[i - 1] == word[j - 1] ? 0 : 1;
      int best = std::min({before[j] + 1, row[j - 1] + 1, before[j - 1] + differs});
      if (i > 1 && j > 1 && typed[i - 1] == word[j - 2] && typed[i - 2] == word[j - 1]) {
        best = std::min(best, two_before[j - 2] + 1);
      }
      row[j] = static_cast<std::uint8_t>(best);
      least = std::min(least, row[j]);
    }
    if (least > most) return most + 1;
    two_before = before;
    before = row;
  }
  return std::min<std::size_t>(before[word.size()], most + 1);
}

// A single slip can be taken to stand where the two first differ.
bool has_beginning_with_slip(std::u32string_view typed, std::u32string_view word) {
  if (word.starts_with(typed)) return false;
  const auto differing = std::mismatch(typed.begin(), typed.end(), word.begin(), word.end());
  typed.remove_prefix(static_cast<std::size_t>(differing.first - typed.begin()));
  word.remove_prefix(static_cast<std::size_t>(differing.second - word.begin()));
  if (word.starts_with(typed.substr(1))) return true;  // a character too many
  if (word.empty()) return false;
  const std::u32string_view behind = word.substr(1);
  if (behind.starts_with(typed) || behind.starts_with(typed.substr(1))) return true;  // missing, or another
  return typed.size() > 1 && word.size() > 1 && typed[0] == word[1] && typed[1] == word[0] &&
         word.substr(2).starts_with(typed.substr(2));
}

std::size_t slips_allowed(std::size_t characters) { return characters < 3 ? 0 : characters < 7 ? 1 : 2; }

Spelling::Spelling() : buckets_(kMaxCharacters + 1) {}
Spelling::~Spelling() = default;

void Spelling::catch_up(sql::Connection& connection) {
  std::int64_t last = 0;
  {
    const SharedLock lock(mutex_);
    last = last_;
  }
  std::vector<std::pair<std::int64_t, std::string>> fresh;
  connection.query("SELECT id, word FROM vocabulary WHERE id > $1 ORDER BY id", {last},
                   [&](const sql::Row& row) { fresh.emplace_back(row.integer(0), row.text(1)); });
  if (fresh.empty()) return;
  const Lock lock(mutex_);
  for (const auto& [id, word] : fresh) {
    if (id <= last_) continue;  // another thread was faster
    last_ = id;
    const CodePoints of_word(word);
    const std::u32string_view points = of_word.view();
    if (points.empty() || points.size() > kMaxCharacters) continue;
    Bucket& bucket = buckets_[points.size()];
    bucket.bytes += word;
    bucket.ends.push_back(static_cast<std::uint32_t>(bucket.bytes.size()));
    bucket.signatures.push_back(signature_of(points));
  }
}

template <class Judge>
void Spelling::for_each_similar(std::uint64_t signature, int bits, std::size_t shortest, std::size_t longest,
                                bool is_beginning, Judge judge) const {
  const SharedLock lock(mutex_);
  for (std::size_t length = shortest; length <= std::min(longest, kMaxCharacters); ++length) {
    const Bucket& bucket = buckets_[length];
    for (std::size_t i = 0; i < bucket.signatures.size(); ++i) {
      // Of a beginning, only what it has and the word has not counts.
      const std::uint64_t differing =
          is_beginning ? signature & ~bucket.signatures[i] : signature ^ bucket.signatures[i];
      if (std::popcount(differing) <= bits) judge(bucket.word(i));
    }
  }
}

std::vector<Spelling::Near> Spelling::near(std::string_view typed, std::size_t most_slips) const {
  const CodePoints of_typed(typed);
  const std::u32string_view points = of_typed.view();
  std::vector<Near> found;
  const std::size_t shortest = points.size() > most_slips ? points.size() - most_slips : 1;
  for_each_similar(signature_of(points), static_cast<int>(2 * most_slips), shortest,
                   points.size() + most_slips, false, [&](std::string_view word) {
                     const std::size_t far = slips(points, CodePoints(word).view(), most_slips);
                     if (far > 0 && far <= most_slips) found.push_back({std::string(word), far});
                   });
  std::sort(found.begin(), found.end(), [](const Near& a, const Near& b) {
    return std::tie(a.slips, a.word) < std::tie(b.slips, b.word);
  });
  if (found.size() > kMaxNear) found.resize(kMaxNear);
  return found;
}

std::vector<std::string> Spelling::with_beginning_near(std::string_view typed) const {
  const CodePoints of_typed(typed);
  const std::u32string_view points = of_typed.view();
  std::vector<std::string> found;
  for_each_similar(signature_of(points), 1, std::max<std::size_t>(points.size(), 2) - 1,
                   std::numeric_limits<std::size_t>::max(), true, [&](std::string_view word) {
                     if (has_beginning_with_slip(points, CodePoints(word).view())) found.emplace_back(word);
                   });
  std::sort(found.begin(), found.end(), [](const std::string& a, const std::string& b) {
    return a.size() != b.size() ? a.size() < b.size() : a < b;
  });
  if (found.size() > kMaxNear) found.resize(kMaxNear);
  return found;
}

}  // namespace aforro::search
