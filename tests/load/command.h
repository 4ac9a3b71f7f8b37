// hustle as its user runs it, with a folder of its own for what it leaves.
#pragma once

#include <gtest/gtest.h>

#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>

#include "tests/execution/shell.h"

namespace load_test {

using loadgen::Ran;
using Json = nlohmann::json;

Ran hustle(const std::string& arguments);

// A machine under other load may make the measurement invalid (5): that is the instrument's business, and the
// test's only to see that it says so.
void expect_code(const Ran& ran, int expected);

class OutFolder : public testing::Test {
 protected:
  OutFolder();
  ~OutFolder() override;

  std::string file(const std::string& name) const;  // of the only run in it
  Json report() const;
  void clear() const;

  std::filesystem::path out_;
};

}  // namespace load_test
