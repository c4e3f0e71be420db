import CCurl
import Dispatch
import Secrets

#if canImport(Glibc)
  import Glibc
#endif

/// Posts and sends by libcurl, each on a thread of a queue of its own, so that nobody else waits for a receiver. Gives up after
/// ten seconds, and at once when its task is cancelled.
package struct Sender: Sendable {
  private static let isReady = curl_global_init(Int(CURL_GLOBAL_DEFAULT)) == CURLE_OK
  private static let queue = DispatchQueue(label: "bourse.alerts", attributes: .concurrent)

  package init() {}

  package func post(_ request: WebRequest) async throws {
    let status = try await perform { curl in
      var list: UnsafeMutablePointer<curl_slist>?
      for header in request.headers { list = curl_slist_append(list, header) }
      bourse_curl_text(curl, CURLOPT_URL, request.url)
      bourse_curl_text(curl, CURLOPT_PROTOCOLS_STR, "http,https")
      bourse_curl_list(curl, CURLOPT_HTTPHEADER, list)
      bourse_curl_number(curl, CURLOPT_POSTFIELDSIZE, request.body.utf8.count)
      bourse_curl_text(curl, CURLOPT_COPYPOSTFIELDS, request.body)
      return (list, nil)
    }
    guard (200..<300).contains(status) else { throw DeliveryError("the receiver answered with status \(status)") }
  }

  /// - Parameter time: seconds since 1970.
  package func send(_ letter: Letter, by server: MailServer, at time: Int) async throws {
    guard MailServer.isAddress(letter.to) else { throw DeliveryError("the address is none of e-mail") }
    let text = letter.bytes(from: server.from, at: time)
    _ = try await perform { curl in
      let list = curl_slist_append(nil, letter.to)
      bourse_curl_text(curl, CURLOPT_URL, server.url)
      bourse_curl_text(curl, CURLOPT_PROTOCOLS_STR, "smtp,smtps")
      bourse_curl_number(curl, CURLOPT_USE_SSL, Int(server.isLocal ? CURLUSESSL_TRY.rawValue : CURLUSESSL_ALL.rawValue))
      bourse_curl_text(curl, CURLOPT_MAIL_FROM, "<\(server.from)>")
      bourse_curl_list(curl, CURLOPT_MAIL_RCPT, list)
      if let user = server.user, let password = server.password {
        bourse_curl_text(curl, CURLOPT_USERNAME, user)
        bourse_curl_text(curl, CURLOPT_PASSWORD, String(decoding: password.bytes, as: UTF8.self))
      }
      let file = tmpfile()
      guard let file, fwrite(text, 1, text.utf8.count, file) == text.utf8.count else { return (list, file) }
      rewind(file)
      bourse_curl_upload(curl, file, text.utf8.count)
      return (list, file)
    }
  }

  private typealias Resources = (list: UnsafeMutablePointer<curl_slist>?, file: UnsafeMutablePointer<FILE>?)

  /// - Parameter prepare: sets the options, and returns what is freed when all is over.
  /// - Returns: the status of the answer.
  private func perform(_ prepare: @escaping @Sendable (UnsafeMutableRawPointer) -> Resources) async throws -> Int {
    let stop = Stop()
    let (code, status) = await withTaskCancellationHandler {
      await withCheckedContinuation { continuation in
        Self.queue.async { continuation.resume(returning: Self.transfer(stop, prepare)) }
      }
    } onCancel: {
      stop.now()
    }
    guard code == CURLE_OK else {
      // Not curl's own words, in which the address may be.
      throw DeliveryError(String(cString: curl_easy_strerror(code)))
    }
    return status
  }

  private static func transfer(_ stop: Stop, _ prepare: (UnsafeMutableRawPointer) -> Resources) -> (CURLcode, Int) {
    guard isReady, let handle = curl_easy_init() else { return (CURLE_FAILED_INIT, 0) }
    defer { curl_easy_cleanup(handle) }
    bourse_curl_number(handle, CURLOPT_NOSIGNAL, 1)
    bourse_curl_number(handle, CURLOPT_CONNECTTIMEOUT_MS, 5_000)
    bourse_curl_number(handle, CURLOPT_TIMEOUT_MS, 10_000)
    bourse_curl_number(handle, CURLOPT_FOLLOWLOCATION, 0)
    bourse_curl_text(handle, CURLOPT_NOPROXY, "localhost,127.0.0.1,::1")
    let resources = prepare(handle)
    defer {
      curl_slist_free_all(resources.list)
      if let file = resources.file { fclose(file) }
    }
    var seen = 0
    return withUnsafeMutablePointer(to: &seen) { seen in
      bourse_curl_watch(handle, seen, stop.flag)
      let code = curl_easy_perform(handle)
      return (code, bourse_curl_status(handle))
    }
  }

  /// A number that another thread reads until the transfer is over.
  private final class Stop: @unchecked Sendable {
    let flag = UnsafeMutablePointer<Int32>.allocate(capacity: 1)

    init() { flag.initialize(to: 0) }
    deinit { flag.deallocate() }
    func now() { bourse_curl_stop(flag) }
  }
}
