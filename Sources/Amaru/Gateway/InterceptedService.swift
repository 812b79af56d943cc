// SPDX-License-Identifier: Apache-2.0
import AmaruCore

/// A service inside the interceptors of its gateway.
struct InterceptedService: Service {
  let handlers: [Handler]

  init(_ service: any Service, _ interceptors: [any Interceptor]) {
    handlers = service.handlers.map { $0.intercepted(by: interceptors) }
  }
}
