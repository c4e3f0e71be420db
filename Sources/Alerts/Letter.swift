import FoundationEssentials

#if canImport(Glibc)
  import Glibc
#endif

/// An e-mail as it goes to a server (RFC 5322): text of one part, in base64, so that nothing in it is taken for anything else.
package struct Letter: Sendable, Equatable {
  package let to: String
  package let subject: String
  package let text: String
  /// The stable part of its identifier.
  package let id: String

  package init(to: String, subject: String, text: String, id: String) {
    self.to = to
    self.subject = subject
    self.text = text
    self.id = id
  }

  /// A token of `identity.outbox`.
  package init(kind: String, to: String, username: String, token: String, until: String, number: Int64) {
    let isReset = kind == "reset_password"
    self.init(
      to: to, subject: isReset ? "Reset your password" : "Verify your address",
      text: """
        \(isReset ? "Somebody, most likely you, has asked for a new password of" : "This address was given for") the user \
        \(username) of Bourse.

        Your token, which counts until \(until):

        \(token)

        \(isReset
          ? "Give it with a new password: SELECT identity.reset_password('…token…', '…password…')."
          : "Give it to show that the address is yours: SELECT identity.verify_email('…token…').")
        If that was not you, do nothing.
        """, id: "letter-\(number)")
  }

  package func bytes(from: String, at time: Int) -> String {
    let lines = [
      "Date: \(Self.date(time))", "From: \(from)", "To: \(to)", "Subject: \(Self.encoded(subject))",
      "Message-ID: <\(id)@bourse>", "Auto-Submitted: auto-generated", "MIME-Version: 1.0",
      "Content-Type: text/plain; charset=utf-8", "Content-Transfer-Encoding: base64", "",
    ]
    let body = Data(text.utf8).base64EncodedString(options: [
      .lineLength76Characters, .endLineWithCarriageReturn, .endLineWithLineFeed,
    ])
    return (lines + [body]).joined(separator: "\r\n") + "\r\n"
  }

  /// As it is, or in encoded words (RFC 2047) of whole characters.
  private static func encoded(_ text: String) -> String {
    if text.count <= 60, text.utf8.allSatisfy({ $0 >= 0x20 && $0 < 0x7f }) { return text }
    var words: [String] = []
    var word = ""
    for character in text.prefix(200) {
      if word.utf8.count + String(character).utf8.count > 39 {
        words.append(word)
        word = ""
      }
      word.append(character)
    }
    words.append(word)
    return words.map { "=?utf-8?B?\(Data($0.utf8).base64EncodedString())?=" }.joined(separator: "\r\n ")
  }

  private static func date(_ seconds: Int) -> String {
    var time = time_t(seconds)
    var parts = tm()
    gmtime_r(&time, &parts)
    let days = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"]
    let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
    func two(_ number: Int32) -> String { (number < 10 ? "0" : "") + "\(number)" }
    return "\(days[Int(parts.tm_wday)]), \(two(parts.tm_mday)) \(months[Int(parts.tm_mon)]) \(1900 + parts.tm_year) "
      + "\(two(parts.tm_hour)):\(two(parts.tm_min)):\(two(parts.tm_sec)) +0000"
  }
}
