// SPDX-License-Identifier: Apache-2.0
import AmaruCore

extension HedgingPolicy {
  init(json: HedgingPolicyJSON, _ place: String) throws(RPCError) {
    let delay = try ServiceConfig.duration(json.hedgingDelay, "\(place).hedgingDelay") ?? .zero
    do throws(RPCError) {
      try self.init(
        maxAttempts: Int(json.maxAttempts), delay: delay,
        nonFatalCodes: Set(json.nonFatalStatusCodes.compactMap(StatusCode.init(json:))))
    } catch {
      throw ServiceConfig.bad("\(place): \(error.message)")
    }
  }
}

extension StatusCode {
  init?(json: StatusCodeJSON) { self.init(rawValue: Int(json.rawValue)) }
}
