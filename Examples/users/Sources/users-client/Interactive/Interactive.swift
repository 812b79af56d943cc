// SPDX-License-Identifier: Apache-2.0
import Amaru
import Glibc
import LineEditing
import Signals
import UsersAPI

/// The interactive mode: at a terminal with editing, elsewhere with plain lines, one command each.
struct Interactive {
  private enum Event: Sendable {
    case typed([UInt8])
    /// A command is done; whether to go on.
    case done(Bool)
    case ended
  }

  /// Keys that are typed while a command runs count for the next line.
  private static let maxKeysAhead = 4096
  private static let maxLineBytes = 65_536

  private let target: String
  private let screen: Screen
  private let rooms = RoomNames()
  private let session: Session
  private let input = Input()

  init(_ users: UserServiceClient, target: String) {
    self.target = target
    let home = getenv("HOME").map { "\(String(cString: $0))/.amaru-users-swift" }
    let file = getenv("USERS_HISTORY").map { String(cString: $0) } ?? home
    let history = History(path: Terminal.isThere ? file : nil)
    screen = Screen(LineEditor(prompt: "users> ", history: history))
    session = Session(users, screen: screen, rooms: rooms)
  }

  /// Reads commands and carries them out until `quit`, the end of the input, or one of the signals, which
  /// are watched at a terminal only.
  /// - Returns: Whether all went well; at a terminal always, for there a person has seen it.
  func run(until signals: AsyncStream<Int32>?) async -> Bool {
    screen.print("talking to \(target.printable); `help` lists the commands")
    if let signals, let terminal = Terminal() {
      await runAtTerminal(until: signals)
      terminal.restore()
      await session.leave()
      return true
    }
    let isWhole = await runPlain()
    await session.leave()
    let hasFailed = await session.hasFailed
    return isWhole && !hasFailed
  }

  private func runAtTerminal(until signals: AsyncStream<Int32>) async {
    let (events, continuation) = AsyncStream.makeStream(of: Event.self)
    let ends = Task { for await _ in signals { continuation.yield(.ended) } }
    defer { ends.cancel() }
    let reader = Task {
      while let bytes = await input.next() { continuation.yield(.typed(bytes)) }
      continuation.yield(.ended)
    }
    defer { reader.cancel() }
    var decoder = KeyDecoder()
    var ahead: [Key] = []
    var running: Task<Void, Never>?
    screen.prompt()
    for await event in events {
      switch event {
      case .ended:
        running?.cancel()
        return screen.print("")
      case .typed(let bytes):
        for key in decoder.keys(bytes) {
          if running != nil, key == .control("c") {
            running?.cancel()
          } else if ahead.count < Self.maxKeysAhead {
            ahead.append(key)
          }
        }
      case .done(let goesOn):
        guard goesOn else { return }
        running = nil
        screen.prompt()
      }
      while running == nil, !ahead.isEmpty {
        switch screen.press(ahead.removeFirst(), complete: rooms.completions) {
        case .ended: return
        case .entered(let line) where line.contains(where: { !$0.isWhitespace }):
          running = Task { continuation.yield(.done(await session.carryOut(line))) }
        default: break
        }
      }
    }
  }

  /// - Returns: Whether the input could be read to its end.
  private func runPlain() async -> Bool {
    var buffered: [UInt8] = []
    while let bytes = await input.next() {
      buffered += bytes
      while let end = buffered.firstIndex(of: UInt8(ascii: "\n")) {
        let line = buffered[..<end]
        buffered.removeSubrange(...end)
        guard await session.carryOut(line) else { return true }
      }
      guard buffered.count <= Self.maxLineBytes else {
        screen.print("a line has more than \(Self.maxLineBytes) bytes; giving up")
        return false
      }
    }
    if !buffered.isEmpty { _ = await session.carryOut(buffered[...]) }
    return true
  }
}
