#include "loadgen/campaign/prove_server.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <map>
#include <nlohmann/json.hpp>
#include <sstream>
#include <stdexcept>

#include <fmt/format.h>

#include "loadgen/environment/children.h"
#include "loadgen/environment/error.h"
#include "loadgen/environment/postgres.h"

namespace loadgen {
namespace {

namespace fs = std::filesystem;

constexpr std::chrono::minutes kBuildTime{10};

std::string read(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) throw std::runtime_error("cannot read " + path.string());
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

void write(const fs::path& path, const std::string& text) {
  std::ofstream file(path, std::ios::binary | std::ios::trunc);
  if (!(file << text)) throw std::runtime_error("cannot write " + path.string());
}

// File (from reference_server/) to its text with all edits of the mutant.
std::map<std::string, std::string> changed_files(const Mutant& mutant, const MutantBench& bench) {
  std::map<std::string, std::string> files;
  for (const Edit& edit : mutant.edits) {
    auto [file, first] = files.try_emplace(edit.file);
    if (first) file->second = read(fs::path(bench.source_root) / "reference_server" / edit.file);
    file->second = edited(file->second, edit);
  }
  return files;
}

void copy_sql(const fs::path& from, const fs::path& to) {
  fs::create_directory(to);
  for (const auto& entry : fs::directory_iterator(from)) {
    if (entry.path().extension() == ".sql") fs::copy_file(entry.path(), to / entry.path().filename());
  }
}

void shell(const std::string& command, const std::string& log_file) {
  ChildOptions options;
  options.command = {"/bin/sh", "-c", command};
  options.log_file = log_file;
  run_to_end(std::move(options), kBuildTime);
}

// The build's own command for one file, with another input and another output.
std::string compile_command(const nlohmann::json& commands, const std::string& source,
                            const std::string& input, const std::string& output) {
  for (const auto& each : commands) {
    if (each.value("file", "") != source) continue;
    std::string command = each.value("command", "");
    const auto at = command.rfind(" -o ");
    if (at == std::string::npos) break;
    // Warnings are no errors here: what an edit leaves unused, or without parentheses, is the edit's
    // business.
    return fmt::format("{} -w -MF {}.d -o {} -c {}", command.substr(0, at), output, output, input);
  }
  throw std::runtime_error("the build does not know " + source);
}

// The last command that ninja would run for the server, with our objects first and our output.
std::string link_command(const std::string& commands, const std::string& objects, const std::string& output) {
  const auto end = commands.find_last_not_of('\n');
  const auto begin = commands.rfind('\n', end);
  std::string command = commands.substr(begin == std::string::npos ? 0 : begin + 1, end - begin);
  const std::string mark = " -o hustle-server ";
  const auto at = command.find(mark);
  if (at == std::string::npos) throw std::runtime_error("the build's link command is not understood");
  return command.replace(at, mark.size(), fmt::format(" {} -o {} ", objects, output));
}

// `sources`: file (from reference_server/) to its text.
std::string build(const std::map<std::string, std::string>& sources, const MutantBench& bench,
                  const std::string& scratch) {
  const fs::path folder =
      bench.build_folder.empty() ? fs::path(bench.server).parent_path() : fs::path(bench.build_folder);
  std::vector<std::string> parts{read(bench.server)};
  for (const auto& [file, text] : sources) parts.insert(parts.end(), {file, text});
  const std::string key = fingerprint(parts);
  const fs::path result = fs::path(cache_directory()) / ("mutant-" + key);
  if (fs::exists(result)) return result.string();
  if (!fs::exists(folder / "build.ninja")) {
    throw std::runtime_error("mutants of kind source need the build: no build.ninja in " + folder.string());
  }
  const std::string log = scratch + "/build.log";
  const auto ninja = [&](const std::string& arguments, const std::string& into) {
    shell(fmt::format("ninja -C '{}' {} > '{}'", folder.string(), arguments, into), log);
    return read(into);
  };
  const auto compilations =
      nlohmann::json::parse(ninja("-t compdb", scratch + "/compilations.json"), nullptr, false);
  const std::string commands = ninja("-t commands hustle-server", scratch + "/commands");
  std::string objects;
  for (const auto& [file, text] : sources) {
    const std::string source = (fs::path(bench.source_root) / "reference_server" / file).string();
    const std::string input = scratch + "/" + fs::path(file).filename().string();
    const std::string object = input + ".o";
    write(input, text);
    shell(fmt::format("cd '{}' && {}", folder.string(), compile_command(compilations, source, input, object)),
          log);
    objects += (objects.empty() ? "" : " ") + object;
  }
  const std::string linked = scratch + "/linked";
  shell(fmt::format("cd '{}' && {}", folder.string(), link_command(commands, objects, linked)), log);
  fs::create_directories(result.parent_path());
  const std::string complete = result.string() + ".part";
  fs::copy_file(linked, complete, fs::copy_options::overwrite_existing);
  fs::rename(complete, result);
  return result.string();
}

}  // namespace

MutantServer::MutantServer(const Mutant& mutant, const MutantBench& bench) : folder_("/tmp") {
  const fs::path root = fs::path(bench.source_root) / "reference_server";
  const fs::path here = folder_.path();
  copy_sql(root / "migrations", here / "migrations");
  copy_sql(root / "sql", here / "sql");
  std::map<std::string, std::string> sources;
  for (const auto& [file, text] : changed_files(mutant, bench)) {
    if (fs::path(file).extension() == ".sql") {
      write(here / file, text);
    } else {
      sources.emplace(file, text);
    }
  }
  const std::string server = sources.empty() ? bench.server : build(sources, bench, folder_.path());
  if (!mutant.overlay.empty()) {
    write(here / "migrations" / "9999999999000_overlay.sql",
          read(fs::path(bench.source_root) / "tests" / "mutants" / mutant.overlay));
  }
  // The server takes its folders from the environment, whoever starts it and with whatever flags.
  write(program(),
        fmt::format("#!/bin/sh\nHUSTLE_SQL='{0}/sql' HUSTLE_MIGRATIONS='{0}/migrations' exec '{1}' \"$@\"\n",
                    here.string(), server));
  fs::permissions(program(), fs::perms::owner_all);
}

}  // namespace loadgen
