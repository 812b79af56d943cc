// SPDX-License-Identifier: Apache-2.0

/// Why a request is not taken: the status of the answer, and a line of text for a person. The connection is closed
/// after it, for nobody knows where a next request would begin.
struct HTTP1Refusal: Error, Equatable {
  let status: Int
  let text: String

  init(_ status: Int, _ text: String) {
    self.status = status
    self.text = text
  }

  // The request line (RFC 9112 3).
  static let requestLine = HTTP1Refusal(
    400, "The first line is not a method, a target and a version with single spaces.")
  static let target = HTTP1Refusal(400, "The request's target is malformed.")
  static let longTarget = HTTP1Refusal(414, "The request's target is too long.")
  static let version = HTTP1Refusal(505, "This server speaks HTTP/1.1 and HTTP/2.")
  static let connect = HTTP1Refusal(501, "This server is no proxy: CONNECT is not for it.")

  // Lines and fields (RFC 9112 2.2 and 5).
  static let lineEnd = HTTP1Refusal(400, "A line ends without CRLF.")
  static let fieldName = HTTP1Refusal(400, "A field's name is malformed.")
  static let fieldValue = HTTP1Refusal(400, "A field's value has a control character.")
  static let folding = HTTP1Refusal(400, "A field is folded over several lines.")
  static let manyFields = HTTP1Refusal(431, "The header list is over the limit.")
  static let host = HTTP1Refusal(400, "Host is missing, repeated or malformed.")
  static let expectation = HTTP1Refusal(417, "The only expectation that is met is 100-continue.")

  // The length of the body (RFC 9112 6).
  static let contentLength = HTTP1Refusal(400, "Content-Length is repeated or no number.")
  static let twoLengths = HTTP1Refusal(
    400, "The body's length is given twice, or in a way that HTTP/1.0 does not have.")
  static let transferCoding = HTTP1Refusal(501, "The only transfer coding is chunked.")

  // Chunks (RFC 9112 7.1).
  static let chunkSize = HTTP1Refusal(400, "A chunk's size is malformed.")
  static let chunkExtensions = HTTP1Refusal(400, "The chunk extensions are over the limit.")
  static let chunkEnd = HTTP1Refusal(400, "A chunk does not end where its size says.")

  static let trailer = HTTP1Refusal(
    400, "A trailer says where the request goes, ends, or what follows.")

  static let tooSlow = HTTP1Refusal(408, "The request came too slowly.")
}
