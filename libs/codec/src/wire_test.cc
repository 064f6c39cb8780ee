#include "bellwether/codec/wire.h"

#include <gmock/gmock.h>

#include <random>
#include <string>

#include "bellwether/core/limits.h"
#include "bellwether/v1/ingestion_service.pb.h"
#include "libs/codec/testing/messages.h"

namespace bellwether::codec {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

// A request of three readings, whose second has `text` in the place of its ref.
std::string Batch(const std::string& text) {
  v1::RecordReadingsRequest request;
  for (int i = 0; i < 3; ++i) *request.add_readings() = testing::ReadingMessage();
  request.mutable_readings(1)->set_ref(std::string(text.size(), '~'));
  request.set_validate_only(true);
  std::string bytes = request.SerializeAsString();
  return bytes.replace(bytes.find(std::string(text.size(), '~')), text.size(), text);
}

std::vector<std::string> Told(const Violations& violations) {
  std::vector<std::string> told;
  for (const Violation& v : violations) told.push_back(v.field + " " + NameOf(v.reason));
  return told;
}

TEST(WireTest, WhatCanBeReadIsAsItWasSent) {
  v1::RecordReadingsRequest request;
  EXPECT_THAT(ReadLeniently(Batch("caf\xc3\xa9~"), &request), IsEmpty());
  EXPECT_EQ(request.readings(1).ref(), "caf\xc3\xa9~");
  EXPECT_THAT(ReadLeniently("", &request), IsEmpty());
  EXPECT_EQ(request.readings_size(), 0);
}

TEST(WireTest, ATextThatIsNotUtf8IsNamedAndMended) {
  v1::RecordReadingsRequest request;
  const Violations wrong = ReadLeniently(Batch("caf\xe9~~"), &request);
  EXPECT_THAT(Told(wrong), ElementsAre("readings[1].ref TEXT_NOT_ALLOWED"));
  EXPECT_THAT(wrong[0].message, HasSubstr("is not UTF-8"));
  EXPECT_THAT(wrong[0].message, HasSubstr("caf<0xE9>"));
  ASSERT_EQ(request.readings_size(), 3);
  EXPECT_EQ(request.readings(1).ref(), "caf?~~");
  EXPECT_EQ(request.readings(2).ref(), testing::ReadingMessage().ref());
}

TEST(WireTest, WhatIsNoMessageIsNamedWithItsByte) {
  v1::RecordReadingsRequest request;
  std::string bytes = Batch("~~~~");
  bytes.resize(bytes.size() - 3);  // The last field, and the end of the last reading.
  Violations wrong = ReadLeniently(bytes, &request);
  EXPECT_THAT(Told(wrong), ElementsAre(" NOT_A_MESSAGE"));
  EXPECT_THAT(wrong[0].message, HasSubstr("RecordReadingsRequest"));
  EXPECT_EQ(request.readings_size(), 0);
  wrong = ReadLeniently("\x0a\x02\x0a\x7f", &request);  // A reading whose council is longer than it.
  EXPECT_THAT(Told(wrong), ElementsAre("readings[0] NOT_A_MESSAGE"));
  EXPECT_THAT(wrong[0].message, HasSubstr("byte 2 of 4"));
}

TEST(WireTest, WrongItemsDoNoHarmToTheOthers) {
  std::string bytes = Batch("caf\xe9") + std::string("\x0a\x02\x0a\x7f", 4) + Batch("~~~~");
  v1::RecordReadingsRequest request;
  std::vector<WrongItem> wrong;
  EXPECT_THAT(ReadItemsLeniently(bytes, v1::RecordReadingsRequest::kReadingsFieldNumber, &request, &wrong), IsEmpty());
  ASSERT_EQ(request.readings_size(), 7);
  EXPECT_TRUE(request.validate_only());
  ASSERT_THAT(wrong, SizeIs(2));
  EXPECT_EQ(wrong[0].place, 1);
  EXPECT_THAT(Told(wrong[0].violations), ElementsAre("ref TEXT_NOT_ALLOWED"));
  EXPECT_EQ(wrong[1].place, 3);
  EXPECT_THAT(Told(wrong[1].violations), ElementsAre(" NOT_A_MESSAGE"));
  EXPECT_EQ(request.readings(3).ByteSizeLong(), 0);
  EXPECT_EQ(request.readings(6).SerializeAsString(), request.readings(0).SerializeAsString());
  wrong.clear();
  EXPECT_THAT(Told(ReadItemsLeniently(Batch("~~~~") + "\x0a", 1, &request, &wrong)), ElementsAre(" NOT_A_MESSAGE"));
  EXPECT_EQ(request.readings_size(), 0);
}

TEST(WireTest, NoMoreIsToldThanACallTells) {
  v1::Catalogue catalogue;
  std::string bytes;
  for (int i = 0; i < 1000; ++i) bytes += "\x0a\x01\xff";  // Its council, again and again.
  EXPECT_THAT(ReadLeniently(bytes, &catalogue), SizeIs(core::limits::kViolationsTold));
  EXPECT_EQ(catalogue.council(), "?");
}

TEST(WireTest, TwoBytesCanTakeAHundred) {
  std::string bytes;
  for (int i = 0; i < 100'000; ++i) bytes += std::string("\x0a\x00", 2);  // A reading that says nothing.
  v1::StreamReadingsRequest frame;
  ASSERT_TRUE(frame.ParseFromString(bytes));
  const size_t footprint = Footprint(*frame.GetDescriptor(), bytes, SIZE_MAX);
  EXPECT_GT(footprint, 50 * bytes.size());
  EXPECT_GT(footprint, frame.SpaceUsedLong() / 2);
  EXPECT_LT(footprint, frame.SpaceUsedLong() * 2);
  EXPECT_LT(Footprint(*frame.GetDescriptor(), bytes, 1000), 2000);
}

// Whatever bytes come: what protobuf takes is taken, what it does not take is named, and what is then read can be
// written.
TEST(WireTest, EveryFaultIsNamed) {
  std::mt19937 random(20261129);  // NOLINT: the same bytes each time.
  const std::string seed = Batch("caf\xc3\xa9");
  int refused = 0;
  for (int i = 0; i < 20'000; ++i) {
    std::string bytes = seed;
    for (unsigned n = random() % 4; n > 0; --n) bytes[random() % bytes.size()] = static_cast<char>(random());
    if (random() % 8 == 0) bytes.resize(random() % bytes.size());
    v1::RecordReadingsRequest plain;
    v1::RecordReadingsRequest lenient;
    const bool parsed = plain.ParseFromString(bytes);
    refused += parsed ? 0 : 1;
    const Violations wrong = ReadLeniently(bytes, &lenient);
    EXPECT_EQ(wrong.empty(), parsed);
    if (!parsed && wrong.front().reason == Reason::kTextNotAllowed) {
      EXPECT_TRUE(plain.ParseFromString(lenient.SerializeAsString()));
    }
    if (!parsed && wrong.front().message.find("byte") == std::string::npos) {
      EXPECT_EQ(wrong.front().reason, Reason::kTextNotAllowed) << "a fault that was not found";
    }
    std::vector<WrongItem> items;
    const Violations beside = ReadItemsLeniently(bytes, 1, &lenient, &items);
    EXPECT_EQ(beside.empty() && items.empty(), parsed);
    if (parsed) {
      EXPECT_EQ(lenient.SerializeAsString(), plain.SerializeAsString());
    }
  }
  EXPECT_GT(refused, 1000);
}

}  // namespace
}  // namespace bellwether::codec
