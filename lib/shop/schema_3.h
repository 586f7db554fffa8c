// The step from version 2 of the shop's schema to version 3: texts are folded by another rule (marks are
// letters in most scripts, see base/text.h), so every key and all words are made anew; SKUs are searched, and
// so are single characters of Chinese, Japanese and Korean titles.
#pragma once

#include <span>

#include "sql/schema.h"

namespace aforro::shop {

// Two names that were different by the old rule and are the same by the new one (ᾳ and α) are kept apart: the
// one whose key changes gets " (2)", or the next number that is free, behind it.
std::span<const sql::Migration> steps_to_version_3();

}  // namespace aforro::shop
