// Streamed batches in every form of protocols.md §1.6.
#include "loadgen/side/json_lines.h"

#include <gtest/gtest.h>

namespace loadgen {
namespace {

using Answers = std::vector<std::string>;

TEST(JsonLines, EverythingInTheHead) {
  EXPECT_EQ(read_json_lines(R"({"0":[[{"result":{"data":"pong"}}]],"1":[[{"error":{"code":-32001}}]]})"
                            "\n"),
            (Answers{R"({"result":{"data":"pong"}})", R"({"error":{"code":-32001}})"}));
}

TEST(JsonLines, OneLineForEachCallInAnyOrder) {
  EXPECT_EQ(read_json_lines(R"({"0":[[0],[null,0,0]],"1":[[0],[null,0,1]]})"
                            "\n"
                            R"([1,0,[[{"result":{"data":"B"}}]]])"
                            "\n"
                            R"([0,0,[[{"result":{"data":"A"}}]]])"
                            "\n"),
            (Answers{R"({"result":{"data":"A"}})", R"({"result":{"data":"B"}})"}));
}

TEST(JsonLines, NestedAsTheLibraryNestsThem) {
  EXPECT_EQ(read_json_lines(R"({"0":[[0],[null,0,1]]})"
                            "\n"
                            R"([1,0,[[{"result":0}],["result",0,3]]])"
                            "\n"
                            R"([3,0,[[{"data":0}],["data",0,4]]])"
                            "\n"
                            R"([4,0,[["pong"]]])"
                            "\n"),
            (Answers{R"({"result":{"data":"pong"}})"}));
}

TEST(JsonLines, WhatTheClientWouldNotUnderstandIsNoAnswer) {
  for (const char* body : {"", "[]\n", "{}\n", R"([{"result":{"data":1}}])",
                           R"({"0":[[{"result":{"data":1}}]]})",       // the line has no end
                           "{\"0\":[[0],[null,0,1]]}\n",               // a promise that is not kept
                           "{\"0\":[[0],[null,0,1]]}\n[1,1,[[1]]]\n",  // and one that is broken
                           "{\"0\":[[0],[null,0,0]]}\n[0,0,[[0],[null,0,0]]]\n", "nonsense\n"})
    EXPECT_EQ(read_json_lines(body), std::nullopt) << body;
}

}  // namespace
}  // namespace loadgen
