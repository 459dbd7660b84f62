// Model files that were made to do harm: `score` and `serve` refuse each on one line that says what
// and where, `inspect` describes each, and none of them costs more than 200 MB or goes on for long.
// Nothing of them is executed.

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <zlib.h>

#include <algorithm>
#include <filesystem>
#include <functional>
#include <ostream>
#include <string>
#include <utility>
#include <vector>

#include "base/bytes.h"
#include "cli/process_test_util.h"

namespace clairscore {
namespace {

using namespace std::string_literals;
using testing::HasSubstr;
using testing::Not;

constexpr long kMostKibibytes = 200'000'000 / 1024;
/// Of processor time, after which a process is killed: a second is plenty for each where nothing
/// else is measured, so this only tells what never ends or is quadratic.
constexpr unsigned kMostSeconds = 30;

struct HostileModel {
  HostileModel(std::string its_name, std::string its_bytes, std::string its_refusal,
               std::string its_named)
      : name(std::move(its_name)),
        bytes([content = std::move(its_bytes)] { return content; }),
        refusal(std::move(its_refusal)),
        named(std::move(its_named)) {}
  /// A large one is made when it is wanted: the memory of this process is counted to the ones it
  /// starts.
  HostileModel(std::string its_name, std::function<std::string()> its_bytes,
               std::string its_refusal, std::string its_named)
      : name(std::move(its_name)),
        bytes(std::move(its_bytes)),
        refusal(std::move(its_refusal)),
        named(std::move(its_named)) {}

  std::string name;
  std::function<std::string()> bytes;  // TOUCH stands for the path of a file that must not appear
  std::string refusal;
  std::string named;  // by `inspect`: what Python would have called, or what is refused
};

void PrintTo(const HostileModel& model, std::ostream* out) {
  *out << model.name;
}

std::string repeated(std::string_view text, std::size_t count) {
  std::string out;
  for (std::size_t i = 0; i < count; ++i) out += text;
  return out;
}

std::string little_endian(std::uint64_t value, std::size_t bytes) {
  std::string out;
  for (std::size_t i = 0; i < bytes; ++i) out += static_cast<char>(value >> (8 * i) & 0xFFU);
  return out;
}

std::string short_text(const std::string& text) {
  return "\x8c"s + static_cast<char>(text.size()) + text;
}

/// 4000001 -> "4,000,001".
std::string grouped(std::uint64_t number) {
  std::string digits = std::to_string(number);
  for (std::size_t at = digits.size(); at > 3; at -= 3) digits.insert(at - 3, 1, ',');
  return digits;
}

/// `window`: 15 a zlib stream, 31 gzip, -15 bare deflate.
std::string deflated(const std::string& text, int window) {
  z_stream stream{};
  EXPECT_EQ(deflateInit2(&stream, 9, Z_DEFLATED, window, 9, Z_DEFAULT_STRATEGY), Z_OK);
  std::string out(deflateBound(&stream, text.size()), '\0');
  std::string input = text;
  stream.next_in = reinterpret_cast<Bytef*>(input.data());
  stream.avail_in = static_cast<uInt>(input.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  EXPECT_EQ(deflate(&stream, Z_FINISH), Z_STREAM_END);
  out.resize(stream.total_out);
  deflateEnd(&stream);
  return out;
}

/// A zip archive of one deflated entry, as skops writes them.
std::string archive(const std::string& name, const std::string& content) {
  const std::string data = deflated(content, -15);
  const auto crc =
      crc32(0, reinterpret_cast<const Bytef*>(content.data()), static_cast<uInt>(content.size()));
  const std::string common = little_endian(8, 2) + little_endian(0, 4) + little_endian(crc, 4) +
                             little_endian(data.size(), 4) + little_endian(content.size(), 4) +
                             little_endian(name.size(), 2) + little_endian(0, 2);
  const std::string local =
      "PK\x03\x04" + little_endian(20, 2) + little_endian(0, 2) + common + name;
  const std::string central = "PK\x01\x02" + little_endian(20, 2) + little_endian(20, 2) +
                              little_endian(0, 2) + common + little_endian(0, 2) +
                              little_endian(0, 2) + little_endian(0, 2) + little_endian(0, 4) +
                              little_endian(0, 4) + name;
  return local + data + central + "PK\x05\x06" + little_endian(0, 4) + little_endian(1, 2) +
         little_endian(1, 2) + little_endian(central.size(), 4) +
         little_endian(local.size() + data.size(), 4) + little_endian(0, 2);
}

std::string billion_laughs() {
  std::string pickle = "]q\x00"s;
  for (int level = 1; level < 200; ++level) {
    pickle += "0](" + repeated("h"s + static_cast<char>(level - 1), 10) + "eq"s +
              static_cast<char>(level);
  }
  return pickle + ".";
}

/// Tuples within tuples, after what is read before them.
std::string tower_of_tuples(std::string pickle) {
  constexpr std::size_t kLevels = 2'000'000;
  pickle.append(kLevels, '(').append(kLevels, 't').append(".");
  return pickle;
}

/// An integer of so many digits as LONG and INT write it, after what is read before it.
std::string digits(std::string pickle, std::string_view end) {
  pickle.append(5'000'000, '7').append(end);
  return pickle;
}

/// A pipeline whose last step is what a call would return.
std::string pipeline_around(const std::string& call) {
  return "\x80\x04\x8c\x10sklearn.pipeline\x8c\x08Pipeline\x93)\x81}\x8c\x05steps](\x8c\x01"
         "a"s +
         call + "\x86" + "esb.";
}

const std::vector<HostileModel>& hostile_models() {
  const std::string command = "S'touch TOUCH'\n";
  const std::string system = "cposix\nsystem\n(" + command + "tR";
  static const std::vector<HostileModel> kModels = {
      {"os_system", system + ".", "posix.system", "posix.system  (Python would call it)"},
      {"eval", "cbuiltins\neval\n(S'open(\"TOUCH\",\"w\")'\ntR.", "builtins.eval", "builtins.eval"},
      {"exec_of_python_2", "c__builtin__\nexec\n(S'open(\"TOUCH\",\"w\")'\ntR.", "builtins.exec",
       "builtins.exec"},
      {"getattr_of_import",
       "cbuiltins\ngetattr\n(c__builtin__\n__import__\n(S'os'\ntRS'system'\ntR(" + command + "tR.",
       "is not supported", "builtins.__import__"},
      {"subprocess_with_keywords",
       "\x80\x04" + short_text("subprocess") + short_text("Popen") + "\x93)}" + short_text("args") +
           short_text("true") + "s\x92.",
       "subprocess.Popen", "subprocess.Popen"},
      {"nested_pickle",
       "c_pickle\nloads\n(B" + little_endian(24, 4) + "cposix\nsystem\n(S'id'\ntR." + "tR.",
       "_pickle.loads", "_pickle.loads"},
      {"nested_in_a_pipeline", pipeline_around(system), "step a", "posix.system"},
      {"state_of_a_model", "csklearn.pipeline\nPipeline\n)\x81" + system + "b.",
       "without attribute", "posix.system"},
      {"joblib_array_of_objects",
       "cjoblib.numpy_pickle\nNumpyArrayWrapper\n)\x81}(" + short_text("subclass") +
           "cnumpy\nndarray\n" + short_text("shape") + "(I1\nt" + short_text("order") +
           short_text("C") + short_text("dtype") + "cnumpy\ndtype\n(S'O8'\nI0\nI1\ntR" +
           short_text("allow_mmap") + "\x89ub" + system + "..",
       "which is no model", "posix.system"},
      {"names_by_way_of_the_memo",
       "\x80\x04" + short_text("system") + "\x94" + short_text("posix") + "\x94" +
           "00h\x01h\x00\x93("s + command + "tR.",
       "posix.system", "posix.system"},
      {"names_in_text_escapes", "Vpos\\u0069x\nV\\u0073yst\\u0065m\n\x93(" + command + "tR.",
       "posix.system", "posix.system"},
      {"a_dotted_name",
       "\x80\x04" + short_text("sklearn.pipeline") + short_text("Pipeline.__init__.__globals__") +
           "\x93)R.",
       "Pipeline.__init__.__globals__", "Pipeline.__init__.__globals__"},
      {"a_dotted_module_of_numpy",
       "\x80\x04" + short_text("numpy") + short_text("f2py.crackfortran.myeval") + "\x93(" +
           short_text("1") + "tR.",
       "f2py.crackfortran.myeval", "f2py.crackfortran.myeval"},
      {"an_extension_code", "\x80\x02" + system + "0\x82\x01.", "EXT1", "posix.system"},
      {"a_long_extension_code", "\x80\x02\x84\x01\x00\x00\x00."s, "EXT4", "EXT4"},
      {"a_persistent_id", "\x80\x04" + system + "0Ptouch\n.", "PERSID", "posix.system"},
      {"a_persistent_id_from_the_stack", "\x80\x04" + system + "Q.", "BINPERSID", "posix.system"},
      {"a_persistent_id_and_nothing_else", "Ptouch\n.", "opcode PERSID", "protocol 0"},
      {"a_persistent_id_in_a_list", "(lp0\nPtouch\na.", "opcode PERSID", "5 of 14 bytes of pickle"},
      {"a_persistent_id_of_nothing", "NQ.", "opcode BINPERSID", "1 of 3 bytes of pickle"},
      {"an_instance_of_python_2", "(" + command + "iposix\nsystem\n.", "INST", "INST"},
      {"an_object_of_python_2", "(cposix\nsystem\n" + command + "o.", "OBJ", "posix.system"},
      {"out_of_band_buffer", "\x80\x05\x97.", "NEXT_BUFFER", "NEXT_BUFFER"},
      {"a_frame_that_lies", "\x80\x04\x95" + little_endian(5, 8) + system + ".", "frame", "frame"},
      {"a_frame_without_end", "\x80\x04\x95" + little_endian(0xFFFFFFFFFFFFFFFFU, 8) + system + ".",
       "frame", "frame"},
      {"a_memo_index_bomb", "\x80\x04Nr\xff\xff\xff\x7f."s, "memo", "memo"},
      {"a_memo_of_millions", [] { return "\x80\x04N" + repeated("\x94", 40'000'000) + "."; },
       "too many values", "too many values"},
      {"values_by_the_million", [] { return repeated("N0", 20'000'000) + "N."; }, "too many values",
       "too many values"},
      {"billion_laughs", billion_laughs(), "which is no model", "refused"},
      {"a_tower_of_lists", [] { return repeated("]", 3'000'000) + repeated("a", 2'999'999) + "."; },
       "no model", "refused"},
      {"a_tower_of_tuples", [] { return tower_of_tuples(""); }, "values nested too deeply",
       "10,000 of 4,000,001 bytes of pickle, 0 values"},
      {"a_tower_of_tuples_of_protocol_4", [] { return tower_of_tuples("\x80\x04"); },
       "values nested too deeply", "protocol 4"},
      {"a_call_below_a_tower_of_tuples", [=] { return tower_of_tuples(system + "0"); },
       "values nested too deeply", "would call posix.system"},
      {"a_tower_of_single_tuples", [] { return "N" + std::string(2'000'000, '\x85') + "."; },
       "which is no model", "((a tuple))"},
      {"an_integer_of_millions_of_bytes",
       [] {
         return "\x80\x04\x8b" + little_endian(5'000'000, 4) + std::string(5'000'000, 'w') + ".";
       },
       "which is no model", "model  an integer"},
      {"an_integer_of_millions_of_digits", [] { return digits("L", "L\n."); },
       "not a decimal number", "0 of 5,000,004 bytes of pickle, 0 values"},
      {"an_integer_of_millions_of_digits_in_text", [] { return digits("I", "\n."); },
       "not a decimal number", "at most 4300 digits"},
      {"a_call_before_an_integer_of_millions_of_digits",
       [=] { return digits(system + "0L", "L\n."); }, "not a decimal number",
       "would call posix.system"},
      {"a_length_that_lies", "\x80\x04\x8e" + little_endian(0x7FFFFFFFFFFFFFFFU, 8) + "x.", "byte ",
       "refused"},
      {"a_zlib_bomb", [] { return deflated(std::string(std::size_t{90} << 20U, 'N'), 15); },
       "more than 100 times", "more than 100 times"},
      {"a_gzip_bomb", [] { return deflated(std::string(std::size_t{90} << 20U, ']'), 31); },
       "more than 100 times", "more than 100 times"},
      {"a_skops_bomb",
       [] { return archive("schema.json", std::string(std::size_t{90} << 20U, '[')); },
       "schema.json", "schema.json"},
      {"a_skops_method",
       archive("schema.json", R"({"__class__": "system", "__module__": "posix", "__loader__":
 "MethodNode", "content": {}, "protocol": 2, "_skops_version": "0.10"})"),
       "posix.system", "posix.system"},
  };
  return kModels;
}

class HostileModelTest : public testing::TestWithParam<HostileModel> {
 protected:
  void SetUp() override {
    folder_ = std::filesystem::path(testing::TempDir()) / ("hostile_" + GetParam().name);
    std::filesystem::remove_all(folder_);
    std::filesystem::create_directories(folder_);
    std::string bytes = GetParam().bytes();
    const std::string touched = (folder_ / "touched").string();
    for (std::size_t at = bytes.find("TOUCH"); at != std::string::npos; at = bytes.find("TOUCH")) {
      bytes.replace(at, 5, touched);
    }
    // A command in a text of counted length would no longer fit its count: those hold no path.
    ASSERT_TRUE(write_file_atomically(folder_ / "model.pkl", as_bytes(bytes)));
  }
  void TearDown() override {
    EXPECT_FALSE(std::filesystem::exists(folder_ / "touched")) << "the pickle was executed";
    std::filesystem::remove_all(folder_);
  }

  Finished run(const std::vector<std::string>& arguments) const {
    const Finished ended = run_clairscore_within(kMostSeconds, arguments);
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
    EXPECT_LT(ended.peak_kibibytes, kMostKibibytes) << arguments[0];
#endif
    return ended;
  }

  void expect_refused(const std::vector<std::string>& arguments) const {
    const Finished ended = run(arguments);
    EXPECT_EQ(ended.exit_code, 3) << ended.err;
    EXPECT_EQ(ended.out, "");
    EXPECT_THAT(ended.err, testing::StartsWith("clairscore: "));
    EXPECT_EQ(std::count(ended.err.begin(), ended.err.end(), '\n'), 1) << ended.err;
    EXPECT_THAT(ended.err, HasSubstr(GetParam().refusal));
    EXPECT_THAT(ended.err, HasSubstr(model_path()));
  }

  std::string model_path() const { return (folder_ / "model.pkl").string(); }
  static std::string data_path() {
    return std::string(CLAIRSCORE_SOURCE_DIR) +
           "/tests/fixtures/reference/hub60/application_test.csv";
  }

  std::filesystem::path folder_;
};

TEST_P(HostileModelTest, IsRefusedByScore) {
  expect_refused({"score", "--model", model_path(), "--data", data_path()});
}

TEST_P(HostileModelTest, IsRefusedByServe) {
  expect_refused({"serve", "--model", model_path(), "--data", data_path(), "--port",
                  std::to_string(free_port()), "--api-port", std::to_string(free_port())});
}

TEST_P(HostileModelTest, IsDescribedByInspect) {
  const Finished text = run({"inspect", model_path()});
  EXPECT_EQ(text.exit_code, 3) << text.err;
  EXPECT_THAT(text.out, HasSubstr("model.pkl, " +
                                  grouped(std::filesystem::file_size(model_path())) + " bytes, "));
  EXPECT_THAT(text.out, HasSubstr("\nVerdict\n  refused: "));
  EXPECT_THAT(text.out, HasSubstr(GetParam().named));
  EXPECT_THAT(text.out, Not(HasSubstr("\x1b")));
  const Finished json = run({"inspect", "--json", model_path()});
  EXPECT_EQ(json.exit_code, 3) << json.err;
  for (const Finished* ended : {&text, &json}) {
    EXPECT_THAT(ended->err, testing::StartsWith("clairscore: "));
    EXPECT_EQ(std::count(ended->err.begin(), ended->err.end(), '\n'), 1) << ended->err;
  }
  EXPECT_THAT(json.out, HasSubstr("\"verdict\":\"refused\""));
}

INSTANTIATE_TEST_SUITE_P(All, HostileModelTest, testing::ValuesIn(hostile_models()),
                         [](const auto& model) { return model.param.name; });

}  // namespace
}  // namespace clairscore
