/// A name as an SQL identifier, quoted so that any characters are taken literally.
public func quotedIdentifier(_ name: String) -> String { quoted(name, by: "\"") }

/// A text as an SQL literal, for statements that take no parameters, such as ALTER ROLE. The same under any setting of
/// `standard_conforming_strings`.
public func quotedLiteral(_ text: String) -> String {
  text.contains("\\") ? " E" + quoted(text, by: "'", doublingBackslashes: true) : quoted(text, by: "'")
}

private func quoted(_ text: String, by quote: Unicode.Scalar, doublingBackslashes: Bool = false) -> String {
  var quoted = String.UnicodeScalarView()
  quoted.append(quote)
  for character in text.unicodeScalars {
    if character == quote || (doublingBackslashes && character == "\\") { quoted.append(character) }
    quoted.append(character)
  }
  quoted.append(quote)
  return String(quoted)
}
