// SPDX-License-Identifier: Apache-2.0
//
// Times protobuf's C++ runtime on the message of amaru-codec-bench. Prints one line of JSON.
// Usage: codec_cpp MESSAGE-FILE

#include <google/protobuf/arena.h>
#include <google/protobuf/util/json_util.h>
#include <time.h>

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <fstream>
#include <iterator>
#include <string>

#include "bench.pb.h"

namespace {

uint64_t CpuNanoseconds() {
  timespec time;
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
  return uint64_t(time.tv_sec) * 1000000000 + uint64_t(time.tv_nsec);
}

// The best of many batches, per operation.
template <typename Operation>
double Best(Operation operation, int batch_size = 20000) {
  uint64_t best = UINT64_MAX;
  volatile size_t sink = 0;
  for (int batch = 0; batch < 25; ++batch) {
    uint64_t start = CpuNanoseconds();
    for (int i = 0; i < batch_size; ++i) sink = sink + operation();
    best = std::min(best, CpuNanoseconds() - start);
  }
  return double(best) / batch_size;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) return 64;
  std::ifstream file(argv[1], std::ios::binary);
  std::string bytes((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
  bench::Item item;
  if (!item.ParseFromString(bytes)) return 65;

  double fresh = Best([&] {
    bench::Item fresh_item;
    fresh_item.ParseFromString(bytes);
    return size_t(fresh_item.tags_size());
  });
  double arena = Best([&] {
    google::protobuf::Arena arena;
    auto* arena_item = google::protobuf::Arena::CreateMessage<bench::Item>(&arena);
    arena_item->ParseFromString(bytes);
    return size_t(arena_item->tags_size());
  });
  bench::Item reused_item;
  double reused = Best([&] {
    reused_item.ParseFromString(bytes);
    return size_t(reused_item.tags_size());
  });
  char buffer[4096];
  double encode = Best([&] {
    size_t size = item.ByteSizeLong();
    item.SerializeWithCachedSizesToArray(reinterpret_cast<uint8_t*>(buffer));
    return size;
  });
  double encode_string = Best([&] { return item.SerializeAsString().size(); });
  std::string json;
  if (!google::protobuf::util::MessageToJsonString(item, &json).ok()) return 66;
  double json_encode = Best(
      [&] {
        std::string text;
        (void)google::protobuf::util::MessageToJsonString(item, &text);
        return text.size();
      },
      2000);
  double json_decode = Best(
      [&] {
        bench::Item json_item;
        (void)google::protobuf::util::JsonStringToMessage(json, &json_item);
        return size_t(json_item.tags_size());
      },
      2000);
  printf(
      "{\"decode_ns\": %.1f, \"decode_arena_ns\": %.1f, \"decode_reused_ns\": %.1f, "
      "\"encode_ns\": %.1f, \"encode_array_ns\": %.1f, \"json_encode_ns\": %.1f, "
      "\"json_decode_ns\": %.1f}\n",
      fresh, arena, reused, encode, encode_string, json_encode, json_decode);
  return 0;
}
