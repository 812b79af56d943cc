// SPDX-License-Identifier: Apache-2.0
import Amaru
import Synchronization

/// What became of the calls. Any thread.
final class Outcome: Sendable {
  private struct Contents {
    var counts: [String: [String: Int]] = [:]
    var failed: [Int] = []
    var messages: [String: Int] = [:]
    var longestOverrun = Duration.zero
  }

  private let contents = Mutex(Contents())

  /// The call of `method` with this number has ended with `code` after `time` of `timeout`.
  func note(
    _ number: Int, _ method: String, _ code: String, after time: Duration, of timeout: Duration,
    message: String? = nil
  ) {
    contents.withLock { contents in
      contents.counts[method, default: [:]][code, default: 0] += 1
      if code != "OK" { contents.failed.append(number) }
      contents.longestOverrun = max(contents.longestOverrun, time - timeout)
      if let message, contents.messages.count < 20 { contents.messages[message, default: 0] += 1 }
    }
  }

  /// `{"Once": {"OK": 1}, "Again": {...}, "failed": [7], "overrun_ms": 0, "messages": {...}}`, in one line.
  var json: String {
    contents.withLock { contents in
      var all = Google_Protobuf_Struct()
      for (method, counts) in contents.counts { all.fields[method] = Self.value(counts) }
      all.fields["messages"] = Self.value(contents.messages)
      all.fields["failed"] = .with { value in
        value.kind = .listValue(
          .with { list in
            list.values = contents.failed.map { number in
              .with { $0.kind = .numberValue(Double(number)) }
            }
          })
      }
      all.fields["overrun_ms"] = .with {
        let parts = contents.longestOverrun.components
        $0.kind = .numberValue(Double(parts.seconds) * 1000 + Double(parts.attoseconds / 1_000_000_000_000_000))
      }
      return (try? all.jsonString()) ?? "{}"
    }
  }

  private static func value(_ counts: [String: Int]) -> Google_Protobuf_Value {
    .with { value in
      value.kind = .structValue(
        .with { inner in
          for (name, count) in counts {
            inner.fields[name] = .with { $0.kind = .numberValue(Double(count)) }
          }
        })
    }
  }
}
