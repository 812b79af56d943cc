// SPDX-License-Identifier: Apache-2.0

import GoldenHiding
import Testing

/// Messages named `String`, `Message` or `Error` beside the code that needs those of Swift.
struct HidingTests {
  @Test func typesThatHideTheRuntimeWork() throws {
    let message = Message.with { message in
      message.string = .with { $0.value = "s" }
      message.errors = [.with { $0.type = TypeMessage() }]
      message.tasks = ["t": Task()]
      message.reader = Reader()
    }
    #expect(try Message(decoding: message.encoded()) == message)
    let shadow = Shadow.with { shadow in
      shadow.error = .with { $0.inner = .with { $0.outer = Error() } }
    }
    #expect(try Shadow(decoding: shadow.encoded()) == shadow)
  }
}
