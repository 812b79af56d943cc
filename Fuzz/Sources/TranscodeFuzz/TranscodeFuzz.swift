// SPDX-License-Identifier: Apache-2.0

import Amaru
import AmaruCore
import AmaruProtocols

/// Gives an arbitrary request to the rules of `rules.proto`: the first line is `METHOD /path?query`, the rest the body.
///
/// Whatever is accepted is a message that the request's type can read, and the fields of the path are in it as the path has them.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
  let input = UnsafeBufferPointer(start: start, count: count)
  let line = input.prefix { $0 != 0x0a }
  let head = String(decoding: line, as: UTF8.self)
  let method = head.prefix { $0 != " " }
  let target = head.dropFirst(method.count + 1)
  let path = target.prefix { $0 != "?" }
  guard
    case .found(let binding, let segments) = bindings.match(String(path), method: String(method))
  else { return 0 }
  let body = Array(input.dropFirst(line.count + 1))
  do throws(RPCError) {
    let transcoding = try Transcoding(
      binding, segments: segments, query: target.dropFirst(path.count + 1), contentType: "text/x")
    check(transcoding, try transcoding.message(body), binding.input.fullName)
  } catch {
    precondition(error.code == .invalidArgument && !error.message.isEmpty, "\(error)")
    precondition(error.message.utf8.count < 2000, "an error repeats the input")
  }
  return 0
}

private let bindings: HTTPBindings = {
  let methods = [
    LibraryMethods.getBook.descriptor, LibraryMethods.createBook.descriptor,
    LibraryMethods.updateBook.descriptor, LibraryMethods.replaceBook.descriptor,
    LibraryMethods.cancelLoan.descriptor, LibraryMethods.search.descriptor,
    LibraryMethods.download.descriptor, LibraryMethods.upload.descriptor,
  ]
  guard let bindings = try? HTTPBindings(methods.map { Handler($0) { _ in } }) else {
    preconditionFailure("the rules are broken")
  }
  return bindings
}()

private func check(_ transcoding: Transcoding, _ message: [UInt8], _ type: String) {
  switch type {
  case "rules.GetBookRequest": check(transcoding, message, as: GetBookRequest.self)
  case "rules.CreateBookRequest": check(transcoding, message, as: CreateBookRequest.self)
  case "rules.UpdateBookRequest": check(transcoding, message, as: UpdateBookRequest.self)
  case "rules.Book": check(transcoding, message, as: Book.self)
  case "rules.Query": check(transcoding, message, as: Query.self)
  default: check(transcoding, message, as: UploadRequest.self)
  }
}

private func check<M: AmaruProtobuf.Message>(
  _ transcoding: Transcoding, _ bytes: [UInt8], as type: M.Type
) {
  let message: M
  if transcoding.codec == .json {
    // The body alone may be anything; what the path has must be readable without it.
    let fields = transcoding.overlay?.fields ?? []
    guard (try? M(decoding: fields)) != nil else {
      preconditionFailure("the fields of the path cannot be read")
    }
    guard let read = try? M(json: bytes) else { return }
    guard let added = try? M(decoding: read.encoded() + fields) else {
      preconditionFailure("the fields of the path cannot be added")
    }
    message = added
  } else {
    guard let read = try? M(decoding: bytes) else {
      preconditionFailure("our own message is refused")
    }
    message = read
  }
  precondition(message.unknownFields.isEmpty, "a field is unknown")
  if transcoding.sentCodec == .json, let text = try? message.json() { _ = transcoding.body(text) }
}
