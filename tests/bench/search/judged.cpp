#include "judged.h"

#include <zlib.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <fstream>
#include <functional>
#include <iterator>
#include <memory>
#include <stdexcept>

#include "base/csv.h"

namespace aforro::bench {
namespace {

std::string contents(const std::string& name) {
  // Reads what is not packed as it is.
  const std::unique_ptr<gzFile_s, int (*)(gzFile)> file(gzopen(name.c_str(), "rb"), gzclose);
  if (!file) throw std::runtime_error("can't open " + name);
  std::string text;
  std::array<char, 1 << 16> buffer{};
  for (int got = 0; (got = gzread(file.get(), buffer.data(), buffer.size())) != 0;) {
    if (got < 0) throw std::runtime_error("can't read " + name);
    text.append(buffer.data(), static_cast<std::size_t>(got));
  }
  return text;
}

using Table = std::vector<std::map<std::string, std::string>>;

Table read_table(const std::string& name, char separator) {
  const std::string text = contents(name);
  CsvReader reader(text, separator);
  CsvRecord record;
  if (!reader.next(record)) throw std::runtime_error(name + " is empty");
  const std::vector<std::string> columns = record.fields;
  Table table;
  while (reader.next(record)) {
    auto& row = table.emplace_back();
    for (std::size_t i = 0; i < std::min(columns.size(), record.fields.size()); ++i)
      row[columns[i]] = record.fields[i];
  }
  return table;
}

double gain(int grade) { return std::exp2(grade) - 1; }
double discount(std::size_t rank) { return 1 / std::log2(static_cast<double>(rank) + 2); }

}  // namespace

std::vector<CatalogueProduct> read_catalogue(const std::string& file) {
  std::vector<CatalogueProduct> products;
  for (auto& row : read_table(file, ',')) {
    const std::string& brand = row["brand"];
    const std::string& category = row["category_derived"].empty() ? row["category"] : row["category_derived"];
    products.push_back({.id = row["product_id"],
                        .title = row["title"],
                        .description = row["description"] + (brand.empty() ? "" : "\n" + brand),
                        .category = category.empty() ? "Things" : category});
  }
  return products;
}

std::vector<JudgedQuery> read_judged(const std::string& queries, const std::string& grades,
                                     const std::string& typos) {
  std::map<std::string, JudgedQuery> by_id;
  for (auto& row : read_table(queries, '\t')) by_id[row["query_id"]].text = row["query"];
  for (auto& row : read_table(grades, '\t')) {
    const auto query = by_id.find(row["query_id"]);
    if (query != by_id.end()) query->second.grades[row["product_id"]] = std::stoi(row["grade"]);
  }
  if (!typos.empty()) {
    for (auto& row : read_table(typos, '\t')) {
      const auto query = by_id.find(row["query_id"]);
      if (query != by_id.end())
        query->second.mistyped.push_back({row["typed_query"], row["kind"] == "attested"});
    }
  }
  std::vector<JudgedQuery> judged;
  for (auto& [id, query] : by_id) {
    const bool is_useful = std::any_of(query.grades.begin(), query.grades.end(),
                                       [](const auto& grade) { return grade.second > 0; });
    if (is_useful) judged.push_back(std::move(query));
  }
  return judged;
}

double ndcg(const JudgedQuery& query, const std::vector<std::string>& found, std::size_t depth) {
  double sum = 0;
  for (std::size_t rank = 0; rank < std::min(depth, found.size()); ++rank) {
    const auto grade = query.grades.find(found[rank]);
    if (grade != query.grades.end()) sum += gain(grade->second) * discount(rank);
  }
  std::vector<int> best;
  for (const auto& [product, grade] : query.grades) best.push_back(grade);
  std::sort(best.begin(), best.end(), std::greater<>());
  double ideal = 0;
  for (std::size_t rank = 0; rank < std::min(depth, best.size()); ++rank)
    ideal += gain(best[rank]) * discount(rank);
  return ideal > 0 ? sum / ideal : 0;
}

double ndcg_of_judged(const JudgedQuery& query, const std::vector<std::string>& found) {
  std::vector<std::string> judged;
  std::copy_if(found.begin(), found.end(), std::back_inserter(judged),
               [&](const std::string& product) { return query.grades.contains(product); });
  return ndcg(query, judged);
}

Recall recall(const JudgedQuery& query, const std::vector<std::string>& found) {
  double wanted = 0;
  double there = 0;
  for (const auto& [product, grade] : query.grades) {
    if (grade < 2) continue;
    ++wanted;
    const auto end = found.begin() + static_cast<std::ptrdiff_t>(std::min<std::size_t>(100, found.size()));
    if (std::find(found.begin(), end, product) != end) ++there;
  }
  return {.share = wanted > 0 ? there / wanted : 0, .counts = wanted > 0};
}

}  // namespace aforro::bench
