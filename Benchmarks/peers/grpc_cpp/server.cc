// SPDX-License-Identifier: Apache-2.0
// The echo service of the comparison on gRPC C++, with its callback API: its fastest.
#include <grpcpp/grpcpp.h>

#include <cstdlib>
#include <iostream>
#include <sstream>
#include <string>
#include <vector>

#include "echo.grpc.pb.h"

using echo::Msg;
using grpc::CallbackServerContext;
using grpc::Status;

namespace {

std::vector<std::string> expand(const std::string& text) {
  const std::string prefix = "repeat:";
  if (text.compare(0, prefix.size(), prefix) == 0) {
    const size_t colon = text.find(':', prefix.size());
    if (colon != std::string::npos) {
      const int count = std::atoi(text.c_str() + prefix.size());
      return std::vector<std::string>(count > 0 ? count : 0, text.substr(colon + 1));
    }
  }
  std::vector<std::string> words;
  std::istringstream stream(text);
  for (std::string word; stream >> word;) words.push_back(word);
  return words;
}

class Expander : public grpc::ServerWriteReactor<Msg> {
 public:
  explicit Expander(const Msg* request) : texts_(expand(request->text())) { next(); }
  void OnWriteDone(bool ok) override { ok ? next() : Finish(Status::CANCELLED); }
  void OnDone() override { delete this; }

 private:
  void next() {
    if (at_ == texts_.size()) return Finish(Status::OK);
    message_.set_text(texts_[at_++]);
    StartWrite(&message_);
  }
  std::vector<std::string> texts_;
  size_t at_ = 0;
  Msg message_;
};

class Collector : public grpc::ServerReadReactor<Msg> {
 public:
  explicit Collector(Msg* response) : response_(response) { StartRead(&message_); }
  void OnReadDone(bool ok) override {
    if (!ok) {
      response_->set_text(std::move(joined_));
      return Finish(Status::OK);
    }
    if (count_++ > 0) joined_ += ' ';
    joined_ += message_.text();
    StartRead(&message_);
  }
  void OnDone() override { delete this; }

 private:
  Msg* response_;
  Msg message_;
  std::string joined_;
  size_t count_ = 0;
};

class Updater : public grpc::ServerBidiReactor<Msg, Msg> {
 public:
  Updater() { StartRead(&message_); }
  void OnReadDone(bool ok) override { ok ? StartWrite(&message_) : Finish(Status::OK); }
  void OnWriteDone(bool ok) override { ok ? StartRead(&message_) : Finish(Status::CANCELLED); }
  void OnDone() override { delete this; }

 private:
  Msg message_;
};

class EchoService final : public echo::Echo::CallbackService {
  grpc::ServerUnaryReactor* Get(CallbackServerContext* context, const Msg* request,
                                Msg* response) override {
    response->set_text(request->text());
    auto* reactor = context->DefaultReactor();
    reactor->Finish(Status::OK);
    return reactor;
  }
  grpc::ServerWriteReactor<Msg>* Expand(CallbackServerContext*, const Msg* request) override {
    return new Expander(request);
  }
  grpc::ServerReadReactor<Msg>* Collect(CallbackServerContext*, Msg* response) override {
    return new Collector(response);
  }
  grpc::ServerBidiReactor<Msg, Msg>* Update(CallbackServerContext*) override {
    return new Updater;
  }
};

}  // namespace

int main(int count, char** arguments) {
  const std::string address = std::string("127.0.0.1:") + (count > 1 ? arguments[1] : "0");
  EchoService service;
  grpc::ServerBuilder builder;
  int port = 0;
  builder.AddListeningPort(address, grpc::InsecureServerCredentials(), &port);
  builder.RegisterService(&service);
  auto server = builder.BuildAndStart();
  if (!server) return 1;
  std::cout << "listening on 127.0.0.1:" << port << std::endl;
  server->Wait();
}
