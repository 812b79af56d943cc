// SPDX-License-Identifier: Apache-2.0
import AmaruTestSupport
import Testing

@testable import Amaru

struct AccessLogTests {
  private static func text(_ record: LogRecord, _ name: String) -> String? {
    for field in record.fields where field.name == name {
      switch field.value {
      case .text(let text): return text
      case .integer(let number): return String(number)
      case .number(let number): return "\(number)"
      }
    }
    return nil
  }

  private static func log(_ records: Notes<LogRecord>) -> AccessLog {
    AccessLog(.records { records.add($0) })
  }

  @Test func aCallIsOneLineWithWhatIsToBeKnownOfIt() async throws {
    let records = Notes<LogRecord>()
    let ids = Notes<String>()
    let service = TestService(
      .unary(TestMethods.unary) { request, context in
        ids.add(context.callID)
        return request
      })
    try await withServer(service, { $0.accessLog = Self.log(records) }) { _, port in
      let client = try client(port)
      _ = client.call("Unary", "hello", [Field("user-agent", "test/1 \u{e9}")])
      _ = client.call("Unary", "again")
    }
    let size = "\(Text("hello").encoded().count)"
    #expect(records.count == 2)
    guard let first = records.all.first else { return }
    #expect(records.all.map { Self.text($0, "call_id") } == ids.all)
    #expect(Set(ids.all).count == 2)
    #expect(Self.text(first, "method") == "test.v1.Test/Unary")
    #expect(Self.text(first, "peer")?.hasPrefix("ipv4:127.0.0.1:") == true)
    #expect(Self.text(first, "code") == "OK")
    #expect(Self.text(first, "received_messages") == "1")
    #expect(Self.text(first, "sent_messages") == "1")
    #expect(Self.text(first, "received_bytes") == size)
    #expect(Self.text(first, "sent_bytes") == size)
    #expect(Self.text(first, "user_agent")?.hasPrefix("test/1 ") == true)
    #expect(Double(Self.text(first, "duration_ms") ?? "") ?? -1 >= 0)
    #expect(Self.text(first, "error") == nil)
  }

  @Test func theServersOwnLinesGoTheSameWayUnlessTheyAreSentElsewhere() {
    let (calls, others) = (Notes<LogRecord>(), Notes<LogRecord>())
    var options = ServerOptions()
    options.accessLog = Self.log(calls)
    options.logger.log(.info, "one")
    #expect(calls.all.map(\.message) == ["one"])
    options.logger = .records { others.add($0) }
    options.logger.log(.info, "two")
    #expect(calls.count == 1)
    #expect(others.all.map(\.message) == ["two"])
  }

  @Test func failuresAndRefusalsAreLinesToo() async throws {
    let records = Notes<LogRecord>()
    let service = TestService(
      .unary(TestMethods.unary) { _, _ in throw RPCError(.notFound, "no\nsuch") })
    try await withServer(service, { $0.accessLog = Self.log(records) }) { _, port in
      let client = try client(port)
      _ = client.call("Unary", "x")
      _ = client.call("/no.Such/" + String(repeating: "m", count: 1000), "x")
    }
    #expect(records.all.map { Self.text($0, "code") } == ["NOT_FOUND", "UNIMPLEMENTED"])
    #expect(records.all.first.flatMap { Self.text($0, "error") } == "no\nsuch")
    #expect(records.all.map(\.message) == ["call", "call refused"])
    let method = records.all.last.flatMap { Self.text($0, "method") } ?? ""
    #expect(method.hasPrefix("/no.Such/m") && method.utf8.count < 270)
  }
}
