// The source files of the product, for tests that hold the code itself to rules. Functions without state.
#pragma once

#include <filesystem>
#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

namespace aforro::test {

struct SourceFile {
  std::string path;  // from the root of the sources: lib/shop/order.h
  std::string text;
};

// Headers and bodies in these folders and those below them.
std::vector<SourceFile> sources_below(const std::filesystem::path& root,
                                      std::initializer_list<std::string_view> folders);

// The folder that a file belongs to: "shop" for lib/shop/order.h, "app" for app/main.cpp.
std::string part_of(const std::string& path);

// The texts of a file's string literals, in order; those that stand beside each other are one. Comments have
// none.
std::vector<std::string> string_literals(std::string_view source);

// One below the other, as a test reports them.
std::string listed(const std::vector<std::string>& complaints);

}  // namespace aforro::test
