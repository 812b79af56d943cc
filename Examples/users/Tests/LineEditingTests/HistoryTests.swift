// SPDX-License-Identifier: Apache-2.0
import Glibc
import Testing

@testable import LineEditing

final class HistoryTests {
  private let path: String

  init() {
    path = "/tmp/users-history-\(getpid())-\(UInt64.random(in: 0 ... .max))"
  }

  deinit { unlink(path) }

  private func all(_ history: History) -> [String] {
    var history = history
    var lines: [String] = []
    while let line = history.older(than: "") { lines.insert(line, at: 0) }
    return lines
  }

  @Test func linesAreThereAgainAtTheNextStart() {
    var history = History(path: path)
    history.add("get 1")
    history.add("list")
    #expect(all(History(path: path)) == ["get 1", "list"])
  }

  @Test func onlyItsOwnerMayReadTheFile() {
    var history = History(path: path)
    history.add("say secret")
    var status = stat()
    #expect(stat(path, &status) == 0)
    #expect(status.st_mode & 0o777 == 0o600)
  }

  @Test func theOldestLineGoesWhenOneMoreThanTheLimitComes() {
    var history = History()
    for number in 0...History.maxLines { history.add("\(number)") }
    #expect(all(history) == (1...History.maxLines).map(String.init))
  }

  @Test func aFileThatHasGrownIsCutAtTheNextStart() {
    var history = History(path: path)
    for number in 0...2 * History.maxLines { history.add("\(number)") }
    #expect(all(History(path: path)).first == "\(History.maxLines + 1)")
    var status = stat()
    #expect(stat(path, &status) == 0)
    #expect(status.st_size < 5 * History.maxLines + 1)
  }

  @Test func aFileThatCannotBeUsedCountsAsEmpty() {
    var history = History(path: "/no/such/folder/history")
    history.add("get 1")
    #expect(all(history) == ["get 1"])
  }
}
