// SPDX-License-Identifier: Apache-2.0
import AmaruCore
import AmaruProtobuf
import Testing

struct ErrorDetailTests {
  private let error = RPCError(
    .invalidArgument, "the amount is negative",
    attaching: Google_Rpc_BadRequest.with {
      $0.fieldViolations = [.with { $0.field = "amount" }]
    },
    Google_Rpc_RetryInfo.with { $0.retryDelay = .with { $0.seconds = 3 } })

  @Test func attachedMessagesAreFoundByTheirType() throws {
    #expect(try error.detail(Google_Rpc_BadRequest.self)?.fieldViolations.first?.field == "amount")
    #expect(try error.detail(Google_Rpc_RetryInfo.self)?.retryDelay?.seconds == 3)
    #expect(try error.detail(Google_Rpc_Help.self) == nil)
    #expect(error.details.map(\.typeUrl).first == "type.googleapis.com/google.rpc.BadRequest")
  }

  @Test func bytesThatAreNotTheTypeAreAnError() {
    var broken = error
    broken.details[0].value = [0xff]
    #expect(throws: DecodingError.self) { try broken.detail(Google_Rpc_BadRequest.self) }
  }

  @Test func aTypeIsKnownByWhatFollowsTheLastSlash() throws {
    var other = error
    other.details[1].typeUrl = "example.org/a/google.rpc.RetryInfo"
    #expect(try other.detail(Google_Rpc_RetryInfo.self)?.retryDelay?.seconds == 3)
    other.details[1].typeUrl = ""
    #expect(try other.detail(Google_Rpc_RetryInfo.self) == nil)
  }
}
