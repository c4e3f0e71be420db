/// One HTML file with everything in it: nothing is fetched, and the browser is told not to.
package struct Page: Sendable {
  private let title: String
  private let lead: String
  private var body = Markup()
  private let footer: String

  /// - Parameters:
  ///   - lead: what stands below the title.
  ///   - footer: what stands at the end.
  package init(_ title: String, lead: String, footer: String) {
    self.title = title
    self.lead = lead
    self.footer = footer
  }

  /// A part with a heading.
  package mutating func section(_ heading: String, _ content: (inout Markup) throws -> Void) rethrows {
    body.element("h2", text: heading)
    try content(&body)
  }

  /// What stands before the first heading.
  package mutating func opening(_ content: (inout Markup) throws -> Void) rethrows { try content(&body) }

  package var html: String {
    var markup = Markup()
    markup.verbatim("<!DOCTYPE html>\n")
    markup.element("html", ["lang": "en"]) { html in
      html.element("head") { head in
        head.verbatim(
          "<meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width,initial-scale=1\">"
            + "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none';style-src 'unsafe-inline';"
            + "script-src 'unsafe-inline'\">")
        head.element("title", text: title)
        head.element("style") { $0.verbatim("\n" + Style.css) }
      }
      html.verbatim("\n")
      html.element("body") { page in
        page.element("header") { header in
          header.element("h1", text: title)
          header.element("p", ["class": "lead"], text: lead)
        }
        page.element("main") { $0.append(body) }
        page.element("footer", text: footer)
        page.element("script") { $0.verbatim("\n" + Style.script + "\n") }
      }
    }
    return markup.text + "\n"
  }
}

/// A cell of a ``Markup/table(_:_:class:)``.
package enum TableCell: Sendable {
  case text(String)
  case number(String)
  /// A longer explanation.
  case about(String)
}

extension Markup {
  /// Key figures side by side.
  package mutating func tiles(_ tiles: [(name: String, value: String, note: String)]) {
    element("dl", ["class": "tiles"]) { list in
      for tile in tiles {
        list.element("div", ["class": "tile"]) { box in
          box.element("dt", text: tile.name)
          box.element("dd") { value in
            value.append(text: tile.value)
            if !tile.note.isEmpty { value.element("small", text: tile.note) }
          }
        }
      }
    }
  }

  /// A table that scrolls sideways where it is too wide.
  ///
  /// - Parameters:
  ///   - headings: of the columns; empty for none.
  ///   - kind: `stats` for name, value and explanation, which stand below each other on a phone.
  package mutating func table(_ headings: [String], _ rows: [[TableCell]], class kind: String = "") {
    element("div", ["class": "scroll"]) { box in
      box.element("table", ["class": kind]) { table in
        if !headings.isEmpty {
          table.element("thead") { head in
            head.element("tr") { row in
              for (place, heading) in headings.enumerated() {
                if case .number = rows.first?[place] {
                  row.element("th", ["class": "number", "scope": "col"], text: heading)
                } else {
                  row.element("th", ["scope": "col"], text: heading)
                }
              }
            }
          }
        }
        table.element("tbody") { body in
          for cells in rows {
            body.element("tr") { row in
              for cell in cells {
                switch cell {
                case .text(let text): row.element("td", ["class": "text"], text: text)
                case .number(let text): row.element("td", ["class": "number"], text: text)
                case .about(let text): row.element("td", ["class": "about"], text: text)
                }
              }
            }
          }
        }
      }
    }
  }

  package mutating func paragraph(_ text: String, class kind: String = "") {
    element("p", ["class": kind], text: text)
  }

  /// Text as it is typed.
  package mutating func code(_ text: String) {
    element("pre") { $0.element("code", text: text) }
  }

  /// What opens when it is asked for.
  package mutating func details(_ summary: String, _ content: (inout Markup) -> Void) {
    element("details") { details in
      details.element("summary", text: summary)
      content(&details)
    }
  }
}
