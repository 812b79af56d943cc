// SPDX-License-Identifier: Apache-2.0
// The client of the comparison on gRPC C++, with its callback API: calls Get over one connection, and prints as JSON
// what that took. Usage: client HOST:PORT CONCURRENCY SECONDS
#include <grpcpp/grpcpp.h>

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "echo.grpc.pb.h"

using echo::Msg;

namespace {

const char kText[] = "the winged serpent of the andes speaks swift and python, at once";

uint64_t now() {
  timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return time.tv_sec * 1000000000ull + time.tv_nsec;
}

double cpu_us() {
  timespec time;
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
  return time.tv_sec * 1e6 + time.tv_nsec / 1e3;
}

// One caller: the next call begins when the one before has ended.
struct Caller {
  echo::Echo::Stub* stub;
  uint64_t end;
  std::mutex* mutex;
  std::condition_variable* done;
  int* running;
  std::vector<uint32_t> latencies;
  std::unique_ptr<grpc::ClientContext> context;
  Msg request, response;
  uint64_t started = 0;

  void next() {
    context = std::make_unique<grpc::ClientContext>();
    started = now();
    stub->async()->Get(context.get(), &request, &response, [this](grpc::Status status) {
      if (!status.ok() || response.text() != kText) std::exit(1);
      const uint64_t after = now();
      latencies.push_back(static_cast<uint32_t>(std::min<uint64_t>(after - started, UINT32_MAX)));
      if (after < end) return next();
      std::lock_guard<std::mutex> lock(*mutex);
      if (--*running == 0) done->notify_one();
    });
  }
};

std::vector<uint32_t> run(echo::Echo::Stub* stub, int concurrency, double seconds) {
  std::mutex mutex;
  std::condition_variable done;
  int running = concurrency;
  std::vector<std::unique_ptr<Caller>> callers;
  const uint64_t end = now() + static_cast<uint64_t>(seconds * 1e9);
  for (int i = 0; i < concurrency; i++) {
    auto caller = std::make_unique<Caller>();
    caller->stub = stub;
    caller->end = end;
    caller->mutex = &mutex;
    caller->done = &done;
    caller->running = &running;
    caller->request.set_text(kText);
    callers.push_back(std::move(caller));
  }
  for (auto& caller : callers) caller->next();
  std::unique_lock<std::mutex> lock(mutex);
  done.wait(lock, [&] { return running == 0; });
  std::vector<uint32_t> all;
  for (auto& caller : callers)
    all.insert(all.end(), caller->latencies.begin(), caller->latencies.end());
  return all;
}

}  // namespace

int main(int count, char** arguments) {
  if (count != 4) {
    std::fprintf(stderr, "usage: client HOST:PORT CONCURRENCY SECONDS\n");
    return 2;
  }
  const int concurrency = std::atoi(arguments[2]);
  const double seconds = std::atof(arguments[3]);
  auto stub = echo::Echo::NewStub(
      grpc::CreateChannel(arguments[1], grpc::InsecureChannelCredentials()));
  run(stub.get(), concurrency, seconds / 5);
  const double before = cpu_us();
  const uint64_t started = now();
  auto latencies = run(stub.get(), concurrency, seconds);
  const double elapsed = (now() - started) / 1e9;
  const double cpu = cpu_us() - before;
  std::sort(latencies.begin(), latencies.end());
  const size_t calls = latencies.size();
  std::printf("{\"calls\": %zu, \"cpu_us\": %f, \"per_second\": %f, \"p50_us\": %f, \"p99_us\": %f}\n",
              calls, cpu / calls, calls / elapsed, latencies[calls / 2] / 1e3,
              latencies[calls * 99 / 100] / 1e3);
}
