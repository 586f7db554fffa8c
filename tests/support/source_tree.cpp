#include "support/source_tree.h"

#include <fstream>
#include <iterator>

namespace aforro::test {

namespace fs = std::filesystem;

std::vector<SourceFile> sources_below(const fs::path& root, std::initializer_list<std::string_view> folders) {
  std::vector<SourceFile> files;
  for (const std::string_view folder : folders) {
    if (!fs::exists(root / folder)) continue;
    for (const fs::directory_entry& entry : fs::recursive_directory_iterator(root / folder)) {
      const fs::path& path = entry.path();
      if (path.extension() != ".h" && path.extension() != ".cpp") continue;
      std::ifstream in(path, std::ios::binary);
      files.push_back({path.lexically_relative(root).generic_string(),
                       std::string(std::istreambuf_iterator<char>(in), {})});
    }
  }
  return files;
}

std::string part_of(const std::string& path) {
  const fs::path parts(path);
  auto part = parts.begin();
  if (*part == "lib") ++part;
  return part->string();
}

std::vector<std::string> string_literals(std::string_view source) {
  std::vector<std::string> literals;
  bool goes_on = false;  // nothing but space since the last one ended
  for (std::size_t i = 0; i < source.size(); ++i) {
    const std::string_view rest = source.substr(i);
    if (rest.starts_with("//")) {
      i = std::min(source.find('\n', i), source.size());
    } else if (rest.starts_with("R\"(")) {
      const std::size_t end = std::min(source.find(")\"", i), source.size());
      literals.emplace_back(source.substr(i + 3, end - i - 3));
      i = end + 1;
      goes_on = false;
    } else if (rest.starts_with('\'') && rest.size() > 2) {
      i += rest[1] == '\\' ? 3 : 2;  // a character, which may be a quotation mark; or digits apart
      if (source[std::min(i, source.size() - 1)] != '\'') i -= 2;
      goes_on = false;
    } else if (rest.starts_with('"')) {
      if (!goes_on) literals.emplace_back();
      for (++i; i < source.size() && source[i] != '"'; ++i) {
        if (source[i] == '\\') ++i;
        literals.back() += i < source.size() ? source[i] : ' ';
      }
      goes_on = true;
    } else if (rest.front() != ' ' && rest.front() != '\n') {
      goes_on = false;
    }
  }
  return literals;
}

std::string listed(const std::vector<std::string>& complaints) {
  std::string text;
  for (const std::string& complaint : complaints) text += "\n  " + complaint;
  return text;
}

}  // namespace aforro::test
