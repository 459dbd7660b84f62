#include "pickle/unpickle.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "pickle/opcodes.h"
#include "pickle/test_support.h"

namespace clairscore::pickle {
namespace {

using namespace std::string_literals;
using testing::HasSubstr;
using testing::StartsWith;

struct Case {
  std::string pickle;
  std::string expected;
};

void expect_all(const std::vector<Case>& cases) {
  for (const Case& one : cases) {
    EXPECT_EQ(read(one.pickle), one.expected) << testing::PrintToString(one.pickle);
  }
}

// ---- What each opcode makes, by hand

TEST(Opcodes, Constants) {
  expect_all({{"N.", "None"},
              {"I00\n.", "False"},
              {"I01\n.", "True"},
              {"\x80\x02\x88.", "True"},
              {"\x80\x02\x89.", "False"}});
}

TEST(Opcodes, Integers) {
  expect_all({
      {"I0\n.", "0"},
      {"I-7\n.", "-7"},
      {"I1\n.", "1"},
      {"I9223372036854775807\n.", "9223372036854775807"},
      {"L12L\n.", "12"},
      {"L-12L\n.", "-12"},
      {"L12\n.", "12"},
      {"L9223372036854775808L\n.", "integer of 9 bytes"},
      {"L-9223372036854775808L\n.", "-9223372036854775808"},
      {"L-9223372036854775809L\n.", "integer of 9 bytes"},
      {"J\xff\xff\xff\x7f.", "2147483647"},
      {"J\x00\x00\x00\x80."s, "-2147483648"},
      {"J\xff\xff\xff\xff.", "-1"},
      {"K\xff.", "255"},
      {"M\x00\xff."s, "65280"},
      {"\x80\x02\x8a\x00."s, "0"},
      {"\x80\x02\x8a\x01\x80.", "-128"},
      {"\x80\x02\x8a\x02\x80\x00."s, "128"},
      {"\x80\x02\x8a\x08\xff\xff\xff\xff\xff\xff\xff\x7f.", "9223372036854775807"},
      {"\x80\x02\x8a\x09\x00\x00\x00\x00\x00\x00\x00\x80\x00."s, "integer of 9 bytes"},
      {"\x80\x02\x8a\x0a\xfe\xff\xff\xff\xff\xff\xff\xff\xff\xff.", "-2"},
      {"\x80\x02\x8b\x02\x00\x00\x00\x00\x01."s, "256"},
  });
}

TEST(Opcodes, Floats) {
  expect_all({{"F1.5\n.", "1.5"},
              {"F-1e+308\n.", "-1e+308"},
              {"Fnan\n.", "nan"},
              {"F-inf\n.", "-inf"},
              {"F5e-324\n.", "5e-324"},
              {"G\x3f\xf8\x00\x00\x00\x00\x00\x00."s, "1.5"},
              {"G\x80\x00\x00\x00\x00\x00\x00\x00."s, "-0.0"}});
}

TEST(Opcodes, Strings) {
  expect_all({
      {"Vplain\n.", "'plain'"},
      {"Va\\u000ab\\U0001f600\xe9\n.", "'a\nb\xf0\x9f\x98\x80\xc3\xa9'"},
      {"V\\\\u0041\n.", "'\\\\u0041'"},
      {"V\\ud800\n.", "'\xed\xa0\x80'"},
      {"X\x02\x00\x00\x00\xc3\xa9."s, "'\xc3\xa9'"},
      {"\x80\x04\x8c\x01"
       "a.",
       "'a'"},
      {"\x80\x04\x8d\x01\x00\x00\x00\x00\x00\x00\x00"
       "a."s,
       "'a'"},
      {"S'single'\n.", "'single'"},
      {"S\"double\"\n.", "'double'"},
      {"S'\\\\\\'\\\"\\n\\r\\t\\x41'\n.", "'\\'\"\n\r\tA'"},
      {"S'\\xff'\n.", "b'\xff'"},
      {"T\x01\x00\x00\x00"
       "a."s,
       "'a'"},
      {"U\x01\xff.", "b'\xff'"},
  });
}

TEST(Opcodes, Bytes) {
  expect_all({{"\x80\x03"
               "B\x01\x00\x00\x00\xff."s,
               "b'\xff'"},
              {"\x80\x03"
               "C\x00."s,
               "b''"},
              {"\x80\x04\x8e\x01\x00\x00\x00\x00\x00\x00\x00x."s, "b'x'"},
              {"\x80\x05\x96\x01\x00\x00\x00\x00\x00\x00\x00y."s, "b'y'"}});
}

TEST(Opcodes, Containers) {
  expect_all({
      {").", "()"},
      {"(t.", "()"},
      {"(I1\nI2\nt.", "(1, 2)"},
      {"\x80\x02N\x85.", "(None)"},
      {"\x80\x02K\x01K\x02\x86.", "(1, 2)"},
      {"\x80\x02K\x01K\x02K\x03\x87.", "(1, 2, 3)"},
      {"].", "[]"},
      {"(I1\nl.", "[1]"},
      {"]K\x01"
       "a.",
       "[1]"},
      {"](K\x01K\x02"
       "e.",
       "[1, 2]"},
      {"](e.", "[]"},
      {"}.", "{}"},
      {"(K\x01K\x02"
       "d.",
       "{1: 2}"},
      {"}K\x01K\x02s.", "{1: 2}"},
      {"}(K\x01K\x02K\x03K\x04u.", "{1: 2, 3: 4}"},
      {"}(u.", "{}"},
      {"\x80\x04\x8f(K\x01K\x02\x90.", "set(1, 2)"},
      {"\x80\x04(K\x01\x91.", "set(1)"},
  });
}

TEST(Opcodes, StackAndMemo) {
  expect_all({
      {"K\x01K\x02"
       "0.",
       "1"},
      {"K\x01(0.", "1"},
      {"K\x01(K\x02K\x03"
       "1.",
       "1"},
      {"K\x01"
       "2\x86.",
       "(1, 1)"},
      {"K\x05p0\n0g0\n.", "5"},
      {"K\x05q\x00"
       "0h\x00."s,
       "5"},
      {"K\x05q\x01"
       "0h\x01.",
       "5"},
      {"K\x05r\x00\x00\x00\x00"
       "0j\x00\x00\x00\x00."s,
       "5"},
      {"\x80\x04K\x05\x94K\x06\x94h\x00\x87."s, "(5, 6, 5)"},
      // A later PUT to the same place wins.
      {"K\x05q\x00K\x06q\x00h\x00\x87."s, "(5, 6, 6)"},
  });
}

TEST(Opcodes, NamesAndObjects) {
  expect_all({
      {"cos\nsystem\n.", "os.system"},
      {"\x80\x04\x8c\x02os\x8c\x06system\x93.", "os.system"},
      {"cos\nsystem\n(Vtrue\ntR.", "os.system('true')"},
      {"\x80\x02"
       "cm\nC\n)\x81.",
       "m.C()"},
      {"\x80\x02"
       "cm\nC\n)\x81N"
       "b.",
       "m.C(); None"},
      {"\x80\x02"
       "cm\nC\n)\x81}K\x01K\x02sb.",
       "m.C(); {1: 2}"},
      {"\x80\x04\x8c\x01m\x8c\x01"
       "C\x93)}\x8c\x01k\x88s\x92.",
       "m.C(; **{'k': True})"},
      {"cm\nC\n)RK\x01"
       "a(K\x02K\x03"
       "eK\x04K\x05s(K\x06K\x07u.",
       "m.C()[1, 2, 3]{4: 5, 6: 7}"},
      {"\x80\x04\x8c\x01m\x8c\x01"
       "C\x93)R(K\x01\x90.",
       "m.C()[1]"},
      // A call of what a call makes.
      {"cm\nf\n)R(K\x01tR.", "<m.f()>(1)"},
  });
}

// What Python 2 names and calls, as Python 3 names and makes it.
TEST(Opcodes, OldSpellingsLookLikeNewOnes) {
  expect_all({
      {"c__builtin__\nxrange\n.", "builtins.range"},
      {"c__builtin__\nunicode\n.", "builtins.str"},
      {"c__builtin__\nlong\n.", "builtins.int"},
      {"c__builtin__\nset\n.", "builtins.set"},
      {"c__builtin__\nset\n((I1\nI2\nltR.", "set(1, 2)"},
      {"c__builtin__\nset\n)R.", "set()"},
      {"c__builtin__\nfrozenset\n((lt\x52.", "set()"},
      {"c__builtin__\nbytes\n)R.", "b''"},
      {"c_codecs\nencode\n(V\xe9\nVlatin1\ntR.", "b'\xe9'"},
      {"c__builtin__\nbytearray\n(V\xe9\nVlatin-1\ntR.", "b'\xe9'"},
      {"\x80\x03"
       "cbuiltins\nbytearray\nC\x01x\x85R.",
       "b'x'"},
      {"ccopy_reg\n_reconstructor\n(cm\nC\nc__builtin__\nobject\nNtR.", "m.C()"},
      {"ccopy_reg\n_reconstructor\n(cm\nC\nc__builtin__\nlist\n(I1\nltR.", "m.C()[1]"},
      {"ccopy_reg\n_reconstructor\n(cm\nC\nc__builtin__\ndict\n(I1\nI2\ndtR.", "m.C(){1: 2}"},
      {"ccopy_reg\n__newobj__\n(cm\nC\nI1\ntR.", "m.C(1)"},
      // From protocol 3 on, those names mean what they say.
      {"\x80\x03"
       "c__builtin__\nset\n)R.",
       "__builtin__.set()"},
      // What does not fit stays a call.
      {"c__builtin__\nset\n(I1\ntR.", "builtins.set(1)"},
      {"c_codecs\nencode\n(Va\nVrot13\ntR.", "_codecs.encode('a', 'rot13')"},
      {"ccopy_reg\n_reconstructor\n(cm\nC\nc__builtin__\nfloat\nF1\ntR.",
       "copyreg._reconstructor(m.C, builtins.float, 1.0)"},
  });
  EXPECT_THAT(read("c_codecs\nencode\n(V\\u0100\nVlatin1\ntR."), HasSubstr("U+00FF"));
}

TEST(Opcodes, Frames) {
  expect_all({
      {"\x80\x04\x95\x02\0\0\0\0\0\0\0N."s, "None"},
      {"\x80\x04\x95\x01\0\0\0\0\0\0\0N\x95\x02\0\0\0\0\0\0\0"
       "0]\x95\x01\0\0\0\0\0\0\0."s,
       "[]"},
      {"\x80\x04\x95\0\0\0\0\0\0\0\0N."s, "None"},
      // Large byte strings stand between frames.
      {"\x80\x04\x95\x01\0\0\0\0\0\0\0]C\x01x\x95\x02\0\0\0\0\0\0\0"
       "a."s,
       "[b'x']"},
  });
}

// ---- Refusals

struct Refusal {
  std::string pickle;
  std::string what;    // part of the message
  std::uint64_t byte;  // the offset it names
  ErrorCode code = ErrorCode::kInput;
};

void expect_refused(const std::vector<Refusal>& cases) {
  for (const Refusal& one : cases) {
    SCOPED_TRACE(testing::PrintToString(one.pickle));
    const auto graph = parse(one.pickle);
    ASSERT_FALSE(graph) << repr(root(**graph));
    EXPECT_THAT(graph.error().what, HasSubstr(one.what));
    EXPECT_EQ(graph.error().where, "test.pkl, byte " + std::to_string(one.byte));
    EXPECT_EQ(graph.error().code, one.code);
  }
}

TEST(Refusals, OpcodesThatReachOutsideTheFile) {
  expect_refused({
      {"Pid\n.", "PERSID", 0},
      {"NQ.", "BINPERSID", 1},
      {"\x80\x02\x82\x01.", "EXT1", 2},
      {"\x80\x02\x83\x01\x00."s, "EXT2", 2},
      {"\x80\x02\x84\x01\x00\x00\x00."s, "EXT4", 2},
      {"(im\nC\n.", "INST", 1},
      {"(cm\nC\no.", "OBJ", 6},
      {"\x80\x05\x97.", "NEXT_BUFFER", 2},
      {"\x80\x05N\x98.", "READONLY_BUFFER", 3},
  });
}

TEST(Refusals, BytesThatAreNoOpcode) {
  for (const int byte : {0x00, 0x01, 0x41, 0x7a, 0x99, 0xff}) {
    std::string pickle = "N";
    pickle += static_cast<char>(byte);
    const auto graph = parse(pickle + ".");
    ASSERT_FALSE(graph) << byte;
    EXPECT_THAT(graph.error().what, HasSubstr("is not a pickle opcode"));
    EXPECT_EQ(graph.error().where, "test.pkl, byte 1");
  }
}

TEST(Refusals, Ends) {
  expect_refused({
      {"N.N.", "2 bytes after the end of the pickle", 2},
      {"N", "without STOP", 1},
      {"K", "ends within an opcode", 0},
      {"X\xff\xff\xff\xff"
       "a.",
       "ends within an opcode", 0},
      {"\x80\x04\x8d\xff\xff\xff\xff\xff\xff\xff\xff"
       "a.",
       "ends within an opcode", 2},
      {"Vno end of line", "a line without an end", 0},
      {".", "STOP with 0 values", 0},
      {"NN.", "STOP with 2 values", 2},
      {"N(.", "STOP with an open MARK", 2},
      {"\x80\x06N.", "pickle protocol 6", 0},
  });
  EXPECT_THAT(read(""), StartsWith("an empty file, test.pkl"));
}

TEST(Refusals, Frames) {
  expect_refused({
      {"\x80\x04\x95\x05\0\0\0\0\0\0\0N."s, "a frame of 5 bytes where 2 are left", 2},
      {"\x80\x04\x95\xff\xff\xff\xff\xff\xff\xff\xffN.", "a frame of", 2},
      {"\x80\x04\x95\x01\0\0\0\0\0\0\0K\x01."s, "straddles the end of its frame", 11},
      {"\x80\x04\x95\x03\0\0\0\0\0\0\0\x8c\x05"
       "abcde."s,
       "straddles the end of its frame", 11},
      {"\x80\x04\x95\x03\0\0\0\0\0\0\0Vab\n."s, "a line without an end", 11},
      {"\x80\x04\x95\x01\0\0\0\0\0\0\0Vab\n."s, "a line without an end", 11},
      {"\x80\x04\x95\x0c\0\0\0\0\0\0\0\x95\x02\0\0\0\0\0\0\0N.N"s, "a frame within a frame", 11},
      {"\x80\x04\x95\x03\0\0\0\0\0\0\0N.N"s, "STOP before the end of its frame", 12},
  });
}

TEST(Refusals, StackAndMemo) {
  expect_refused({
      {"0.", "an empty stack", 0},
      {"2.", "an empty stack", 0},
      {"a.", "an empty stack", 0},
      {"Na.", "an empty stack", 1},
      {"\x85.", "an empty stack", 0},
      {"NN\x87.", "an empty stack", 2},
      {"N(\x85.", "an empty stack", 2},
      {"R.", "an empty stack", 0},
      {"q\x00."s, "an empty stack", 0},
      {"\x94.", "an empty stack", 0},
      {"t.", "needs a MARK", 0},
      {"1.", "needs a MARK", 0},
      {"e.", "needs a MARK", 0},
      {"u.", "needs a MARK", 0},
      {"(N"
       "e.",
       "without a container", 2},
      {"](("
       "Ne.",
       "without a container", 4},
      {"(NNu.", "without a container", 3},
      {"h\x00."s, "memo index 0 where nothing was put", 0},
      {"Nq\x01h\x00."s, "memo index 0 where nothing was put", 3},
      {"j\xff\xff\xff\xff.", "memo index 4294967295 where nothing was put", 0},
      {"gx\n.", "a memo index that is not a number", 0},
      {"g-1\n.", "a memo index that is not a number", 0},
      {"Np4294967295\n.", "memo index 4294967295 is far beyond", 1},
      {"Nr\xff\xff\xff\x7f.", "memo index 2147483647 is far beyond", 1},
  });
}

TEST(Refusals, ValuesOfTheWrongKind) {
  expect_refused({
      {"Na"
       ".",
       "an empty stack", 1},
      {"NNa.", "items added to None", 2},
      {")Na.", "items added to a tuple", 2},
      {"}Na.", "items added to a dict", 2},
      {"](N\x90.", "items added to a list", 3},
      {"\x8fNa.", "items added to a set", 2},
      {"]NNs.", "entries set on a list", 3},
      {"NNNs.", "entries set on None", 3},
      {"}(Nu.", "a key without a value", 3},
      {"(Nd.", "a key without a value", 2},
      {"NN\x93.", "STACK_GLOBAL of something that is not two strings", 2},
      {"Va\nN\x93.", "STACK_GLOBAL of something that is not two strings", 4},
      {"V\nVa\n\x93.", "a class without a name", 5},
      {"c\na\n.", "a class without a name", 0},
      {"c\xff\na\n.", "a class without a name", 0},
      {fmt::format("cm\n{}\n.", std::string(5000, 'C')), "an endless class name", 0},
      {fmt::format("V{}\nVm\n\x93.", std::string(5000, 'C')), "an endless class name", 5005},
      {"N)R.", "a call of None", 2},
      {"cm\nC\nNR.", "arguments that are not a tuple: None", 6},
      {"cm\nC\n]\x81.", "arguments that are not a tuple: a list", 6},
      {"cm\nC\n)N\x92.", "keyword arguments that are not a dict", 7},
      {"cm\nC\nNb.", "a state for the name m.C", 6},
      {"]Nb.", "a state for a list", 2},
      {"cm\nC\n)RNbNb.", "a second state", 10},
      {"Ix\n.", "not a decimal number", 0},
      {"I\n.", "not a decimal number", 0},
      {"L1x\n.", "not a decimal number", 0},
      {"F\n.", "a float that is not a number", 0},
      {"F1.5x\n.", "a float that is not a number", 0},
      {"Sabc\n.", "not a quoted literal", 0},
      {"S'\n.", "not a quoted literal", 0},
      {"S'a\"\n.", "not a quoted literal", 0},
      {"S'\\'\n.", "not a quoted literal", 0},
      {"S'\\xz1'\n.", "not a quoted literal", 0},
      {"S'\\q'\n.", "not a quoted literal", 0},
      {"V\\u12\n.", "a malformed escape", 0},
      {"V\\uzzzz\n.", "a malformed escape", 0},
      {"V\\U00110000\n.", "a malformed escape", 0},
      {"X\x01\x00\x00\x00\xff."s, "not UTF-8", 0},
      {"X\x02\x00\x00\x00\xc0\x80."s, "not UTF-8", 0},
      {"X\x04\x00\x00\x00\xf4\x90\x80\x80."s, "not UTF-8", 0},
      {"X\x01\x00\x00\x00\xc3."s, "not UTF-8", 0},
      {fmt::format("L{}\n.", std::string(4301, '9')), "not a decimal number", 0},
  });
}

TEST(Refusals, FilesOfAnotherFormat) {
  EXPECT_THAT(read("ZF0x100"), HasSubstr("joblib before 0.10"));
  EXPECT_THAT(read("PK\x03\x04rest"), HasSubstr("no directory at the end of the archive"));
  EXPECT_EQ(read("<!DOCTYPE html>"),
            "a page of HTML or XML and not a pickle, test.pkl, a pickle or a joblib file");
  EXPECT_EQ(read("\x89PNG\r\n"),
            "a PNG picture and not a pickle, test.pkl, a pickle or a joblib file");
  EXPECT_THAT(read("version https://git-lfs.github.com/spec/v1\noid sha256:00\n"),
              HasSubstr("a Git LFS pointer and not the file it points to"));
  EXPECT_EQ(read("hello world\nand more"),
            "a text file and not a pickle, beginning 'hello world': memo index 101 where nothing "
            "was put, test.pkl, byte 0, a pickle of protocol 0 to 5 or a joblib file");
  EXPECT_THAT(read("customer,âge\r\n1,2\r\n3,4\r\n"),
              HasSubstr("a text file and not a pickle, beginning 'customer,âge': "));
  EXPECT_THAT(read("{\n\t\"model\": [1, 2]\n}\n"),
              HasSubstr("a text file and not a pickle, beginning '{': "));
  EXPECT_THAT(read("hello\0world"s), HasSubstr("not a pickle, or a damaged one: "));
  // A pickle of protocol 0 is text, but a damaged one is a pickle; a whole one is no other file.
  EXPECT_THAT(read("(S'id'\nios\nsystem\n."), StartsWith("opcode INST"));
  EXPECT_THAT(read("(S'id'\nios\nsystem\n"),
              HasSubstr("not a pickle, or a damaged one: opcode INST"));
  EXPECT_THAT(read("ccopy_reg\n_reconstructor\n(cmodels\nMine\nc__builtin__\nobject\nNtR"),
              HasSubstr("the pickle ends without STOP"));
  EXPECT_THAT(read("ccopy_reg\n_reconstructor\n(cmodels\nMine\nc__builtin__\nobject\nNtR"),
              HasSubstr("not a pickle, or a damaged one: "));
}

// Every proper beginning of a pickle is refused, at whatever byte it ends.
TEST(Refusals, TruncationAtEveryByte) {
  const std::string body =
      "\x8c\x01m\x94\x8c\x01"
      "C\x94\x93\x94)\x81\x94}\x94(\x8c\x01"
      "a\x94K\x01\x8c\x01"
      "b\x94]\x94(G?\xf8\0\0\0\0\0\0N\x88"
      "e\x8c\x01"
      "c\x94h\x00\x8c\x01"
      "d\x94"
      "C\x03xyz\x94u\x62."s;
  const std::string in_frame =
      "\x80\x04\x95"s + static_cast<char>(body.size()) + "\0\0\0\0\0\0\0"s + body;
  const std::string in_text =
      "ccopy_reg\n_reconstructor\np0\n(cm\nC\np1\nc__builtin__\nobject\np2\nNtp3\nRp4\n(dp5\n"
      "Va\np6\nI1\nsVb\np7\n(lp8\nF1.5\naNaI01\nasVc\nVm\nsVd\nS'xyz'\nsb.";
  const std::string expected = "m.C(); {'a': 1, 'b': [1.5, None, True], 'c': 'm', 'd': ";
  for (const std::string& whole : {in_frame, "\x80\x04" + body, in_text}) {
    EXPECT_THAT(read(whole), StartsWith(expected));
    for (std::size_t length = 0; length < whole.size(); ++length) {
      const auto graph = parse(whole.substr(0, length));
      ASSERT_FALSE(graph) << length;
      EXPECT_EQ(graph.error().code, ErrorCode::kInput) << length;
      EXPECT_THAT(graph.error().where, StartsWith("test.pkl")) << length;
      EXPECT_FALSE(graph.error().what.empty());
    }
  }
}

// ---- Values

TEST(Values, AnswerNothingWhereTheKindDoesNotFit) {
  const auto graph = parsed("(N)]}I7\nF1.5\nVtext\ncm\nC\ncm\nC\n)Rt.");
  const Value all = root(*graph);
  for (std::size_t i = 0; i < all.size(); ++i) {
    const Value value = all.at(i);
    SCOPED_TRACE(repr(value));
    EXPECT_EQ(value.is_none(), i == 0);
    EXPECT_FALSE(value.boolean());
    EXPECT_EQ(value.integer().has_value(), i == 4);
    EXPECT_EQ(value.number().has_value(), i == 4 || i == 5);
    EXPECT_EQ(value.string().has_value(), i == 6);
    EXPECT_FALSE(value.bytes());
    EXPECT_EQ(value.size(), 0U);
    EXPECT_EQ(value.entry_count(), 0U);
    EXPECT_FALSE(value.get("key"));
    EXPECT_EQ(value.module(), i == 7 ? "m" : "");
    EXPECT_EQ(value.name(), i == 7 ? "C" : "");
    EXPECT_EQ(value.qualified_name(), i >= 7 ? "m.C" : "");
    EXPECT_EQ(value.is_global("m", "C"), i == 7);
    EXPECT_EQ(value.callable().id() == value.id(), i != 8);
    EXPECT_EQ(value.arguments().id() == value.id(), i != 8);
    EXPECT_FALSE(value.state());
    EXPECT_FALSE(value.keywords());
    EXPECT_FALSE(value.attribute("key"));
    EXPECT_EQ(value.raw_array(), nullptr);
  }
}

TEST(Values, NameTheirOffset) {
  const auto graph = parsed("(K\x01Vtwo\nt.");
  EXPECT_EQ(root(*graph).at(0).offset(), 1U);
  EXPECT_EQ(root(*graph).at(1).where(), "test.pkl, byte 3");
}

TEST(Values, DescribeThemselves) {
  const auto graph = parsed("(NI01\nI7\nF1.5\nVtext\nS'\\xff'\n)]}cm\nC\ncm\nC\n)Rcm\nC\n)R)Rt.");
  std::vector<std::string> texts;
  for (std::size_t i = 0; i < root(*graph).size(); ++i) {
    texts.push_back(root(*graph).at(i).describe());
  }
  EXPECT_EQ(texts, (std::vector<std::string>{"None", "a bool", "an integer", "a float", "a string",
                                             "a byte string", "a tuple", "a list", "a dict",
                                             "the name m.C", "an object of m.C", "an object"}));
}

TEST(Values, ALongNameIsCutInMessages) {
  const auto graph = parsed(fmt::format("cm\n{}\n.", std::string(4000, 'C')));
  EXPECT_LT(root(*graph).describe().size(), 300U);
  EXPECT_EQ(root(*graph).qualified_name().size(), 4002U);
}

// "a.b" + "c" and "a" + "b.c" are different things to Python; only the first is ever listed.
TEST(Values, ADottedNameNeverLooksLikeAListedOne) {
  const auto graph = parsed(
      "\x80\x04\x8c\x01"
      "a\x8c\x03"
      "b.c\x93.");
  EXPECT_EQ(root(*graph).qualified_name(), "a:b.c");
  EXPECT_FALSE(root(*graph).is_global("a.b", "c"));
}

TEST(Values, AStateMayBeADictAndSlots) {
  const auto graph = parsed("cm\nC\n)R(}Va\nI1\ns}Vb\nI2\nstb.");
  EXPECT_EQ(root(*graph).attribute("a").value().integer(), 1);
  EXPECT_EQ(root(*graph).attribute("b").value().integer(), 2);
  const auto slots = parsed("cm\nC\n)R(N}Vb\nI2\nstb.");
  EXPECT_EQ(root(*slots).attribute("b").value().integer(), 2);
  const auto other = parsed("cm\nC\n)R(I1\nI2\nI3\ntb.");
  EXPECT_FALSE(root(*other).attribute("b"));
  EXPECT_EQ(root(*other).state().value().size(), 3U);
}

TEST(Dicts, ARepeatedKeyStaysInPlaceAndTakesTheLastValue) {
  EXPECT_EQ(read("}(Va\nI1\nVb\nI2\nVa\nI3\nu."), "{'a': 3, 'b': 2}");
  EXPECT_EQ(read("}(I1\nI1\nF1\nI2\nI1\nI3\nF1\nI4\nu."), "{1: 3, 1.0: 4}");
  EXPECT_EQ(read("cm\nC\n)R(Va\nI1\nVa\nI3\nu."), "m.C(){'a': 3}");
}

TEST(Dicts, LargeOnesFindEveryKey) {
  std::string pickle = "}(I0\nI-1\n";
  constexpr int count = 2000;
  for (int i = 0; i < count; ++i) {
    // Keys in no order, half of them set twice.
    const std::string key = fmt::format("V{}key\n", i * 7919 % count);
    if (i % 2 == 0) pickle += key + "N";
    pickle += key + "I" + std::to_string(i) + "\n";
  }
  const auto graph = parsed(pickle + "u.");
  const Value dict = root(*graph);
  EXPECT_EQ(dict.entry_count(), count + 1U);
  for (int i = 0; i < count; ++i) {
    const auto found = dict.get(std::to_string(i * 7919 % count) + "key");
    ASSERT_TRUE(found) << i;
    EXPECT_EQ(found->integer(), i);
  }
  for (const char* none : {"", "0", "0ke", "0key0", "9999key", "zzz"}) EXPECT_FALSE(dict.get(none));
}

// ---- What tells a refused pickle from another file

TEST(Recognized, OpcodesUpToTheLastByte) {
  for (const auto& bytes :
       {"N."s, "Pname\n."s, "(((t."s, "I99x\n."s, "cos\nsystem\n(S'x'\ntR."s, "imodule\nname\n."s,
        "U\x02..."s, "\x8c\x01.."s, "X\x02\x00\x00\x00NN."s,
        "\x8d\x01\x00\x00\x00\x00\x00\x00\x00.."s, "\x80\x04\x95\x01\x00\x00\x00\x00\x00\x00\x00."s,
        "G12345678J1234M12K1h1j1234\x82"
        "1."s}) {
    EXPECT_TRUE(is_opcodes_to_stop(as_bytes(bytes))) << bytes;
  }
  for (const auto& bytes :
       {""s, "N"s, "N.N"s, "Pname."s, "cos\nsystem."s, "U\x03.."s, "U"s, "X\x02\x00."s,
        "X\xff\xff\xff\xffNN."s, "\x8d\xff\xff\xff\xff\xff\xff\xff\xffN."s, "G1234567."s, "J123"s,
        "{\"a\": 1}."s, "SK_ID_CURR,TARGET\n1,2\n"s, "\x7f."s}) {
    EXPECT_FALSE(is_opcodes_to_stop(as_bytes(bytes))) << bytes;
  }
}

TEST(Recognized, TellsWhereTheReadingStopped) {
  const auto so_far = [](const std::string& bytes) {
    return unpickle_so_far(as_bytes(bytes), nullptr, "test.pkl");
  };
  const ReadSoFar read = so_far("N.");
  EXPECT_FALSE(read.error.has_value());
  EXPECT_FALSE(read.stopped_at.has_value());

  const ReadSoFar persistent = so_far("Pname\n.");
  EXPECT_TRUE(persistent.recognized);
  EXPECT_EQ(persistent.stopped_at, 0U);
  EXPECT_EQ(persistent.error.value().what, "opcode PERSID: an object kept outside the file");

  const ReadSoFar text = so_far("Particulars of the loan\n");
  EXPECT_FALSE(text.recognized);
  EXPECT_THAT(text.error.value().what, testing::StartsWith("a text file and not a pickle"));

  const ReadSoFar cut = so_far("\x80\x04NX\x05"s);
  EXPECT_TRUE(cut.recognized);
  EXPECT_EQ(cut.stopped_at, 3U);
  EXPECT_EQ(so_far("N.NN").stopped_at, 2U);
  EXPECT_FALSE(so_far("").recognized);
  // Within the objects of an array of joblib's, not at the BUILD before them.
  const std::string array =
      "cjoblib.numpy_pickle\nNumpyArrayWrapper\n)R}(Vshape\n(I1\ntVdtype\ncnumpy\ndtype\n(S'O8'"
      "\nI0\n"
      "I1\ntRVorder\nVC\nub";
  EXPECT_EQ(so_far(array + "NQ.N.").stopped_at, array.size() + 1);
}

}  // namespace
}  // namespace clairscore::pickle
