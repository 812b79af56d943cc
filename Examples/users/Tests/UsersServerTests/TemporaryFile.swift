// SPDX-License-Identifier: Apache-2.0
import Glibc

/// A path in a folder of its own, which goes away with this value.
final class TemporaryFile {
  let path: String
  private let folder: String

  struct CannotMakeFolder: Error {}

  init() throws {
    var template = Array("/tmp/users-test-XXXXXX".utf8CString)
    guard let made = mkdtemp(&template) else { throw CannotMakeFolder() }
    folder = String(cString: made)
    path = folder + "/users.db"
  }

  deinit {
    for suffix in ["", "-wal", "-shm"] { unlink(path + suffix) }
    rmdir(folder)
  }
}
