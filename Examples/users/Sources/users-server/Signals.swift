// SPDX-License-Identifier: Apache-2.0
import Dispatch
import Glibc

/// SIGTERM and SIGINT, as a stream. `Server.run` does the same, but here the chat has to hear of it, too.
final class Signals {
  /// One element for each signal that came.
  let all: AsyncStream<Int32>
  private let sources: [any DispatchSourceSignal]

  /// Takes the signals from their default, which is to end the program.
  init() {
    let (all, continuation) = AsyncStream.makeStream(
      of: Int32.self, bufferingPolicy: .bufferingNewest(2))
    self.all = all
    sources = [SIGTERM, SIGINT].map { number in
      signal(number, SIG_IGN)
      let source = DispatchSource.makeSignalSource(signal: number, queue: .global())
      source.setEventHandler { continuation.yield(number) }
      source.resume()
      return source
    }
  }

  /// Listens no more; the signals stay without effect.
  func cancel() {
    for source in sources { source.cancel() }
  }
}
