// SPDX-License-Identifier: Apache-2.0
import AmaruCore
import AmaruTestSupport

/// Makes the dispatchers of a test, and shuts them down when it ends: idle runners would wait for good.
final class Dispatchers {
  let loop: ManualLoop
  private var made: [CallDispatcher] = []

  init(_ loop: ManualLoop) { self.loop = loop }

  func make(_ logger: Logger = .none) -> CallDispatcher {
    made.append(CallDispatcher(executor: loop, logger: logger))
    return made[made.count - 1]
  }

  deinit {
    for dispatcher in made { dispatcher.shutDown() }
    loop.runReadyJobs()
  }
}
