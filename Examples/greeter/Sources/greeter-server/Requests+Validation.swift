// SPDX-License-Identifier: Apache-2.0
import Amaru

extension GreetRequest {
  /// - Throws: ``RPCError``, `INVALID_ARGUMENT`, when a field is outside its limits.
  func check() throws(RPCError) {
    try checkName(name)
    try language.check()
  }
}

extension GreetAgainRequest {
  /// How many greetings are wanted.
  var times: Int32 { count == 0 ? 3 : count }

  /// Returns the time between two greetings.
  /// - Throws: ``RPCError``, `INVALID_ARGUMENT`, when a field is outside its limits.
  func check() throws(RPCError) -> Duration {
    try checkName(name)
    try language.check()
    guard 1...1000 ~= times else {
      throw RPCError(field: "count", "count is \(count); it is 0 to 1000")
    }
    guard let interval else { return .zero }
    guard let duration = try? interval.swiftDuration(), .zero ... .seconds(60) ~= duration else {
      throw RPCError(field: "interval", "interval is \(interval.seconds) s; it is 0 s to 60 s")
    }
    return duration
  }
}

extension Language {
  fileprivate func check() throws(RPCError) {
    guard 0...3 ~= rawValue else {
      throw RPCError(field: "language", "language \(rawValue) is not known")
    }
  }

  /// The greeting in this language.
  func greeting(for name: String) -> String {
    switch self {
    case .spanish: "¡Hola, \(name)!"
    case .quechua: "Rimaykullayki, \(name)!"
    default: "Hello, \(name)!"
    }
  }
}

private func checkName(_ name: String) throws(RPCError) {
  let count = name.utf8.count
  guard 1...100 ~= count else {
    throw RPCError(field: "name", "name has \(count) bytes; it has 1 to 100")
  }
}

extension RPCError {
  /// `INVALID_ARGUMENT` for one field; the details are a `google.rpc.BadRequest`.
  fileprivate init(field: String, _ problem: String) {
    self.init(
      .invalidArgument, problem,
      attaching: Google_Rpc_BadRequest.with {
        $0.fieldViolations = [
          .with {
            $0.field = field
            $0.description = problem
          }
        ]
      })
  }
}
