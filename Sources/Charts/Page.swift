/// One HTML file with everything in it: nothing is fetched, and the browser is told not to.
package struct Page: Sendable {
  private let title: String
  private let lead: String
  private var body = Markup()
  private let footer: String
  private let isWide: Bool
  /// Parts that have an anchor.
  private var anchors: [(anchor: String, heading: String)] = []

  /// - Parameters:
  ///   - lead: what stands below the title.
  ///   - footer: what stands at the end.
  ///   - isWide: takes as much of the screen as a ``Board`` needs, rather than as a text does.
  package init(_ title: String, lead: String, footer: String, isWide: Bool = false) {
    self.title = title
    self.lead = lead
    self.footer = footer
    self.isWide = isWide
  }

  /// A part with a heading.
  /// - Parameter anchor: what leads to it; with two of them, a list of all stands at the top.
  package mutating func section(
    _ heading: String, anchor: String = "", _ content: (inout Markup) throws -> Void
  ) rethrows {
    if anchor.isEmpty {
      body.element("h2", text: heading)
    } else {
      body.element("h2", ["id": anchor], text: heading)
      anchors.append((anchor, heading))
    }
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
      html.element("body", ["class": isWide ? "boards" : ""]) { page in
        page.element("header") { header in
          header.element("h1", text: title)
          header.element("p", ["class": "lead"], text: lead)
        }
        if anchors.count > 1 {
          page.element("nav") { list in
            for (anchor, heading) in anchors { list.element("a", ["href": "#\(anchor)"], text: heading) }
          }
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
package struct TableCell: Sendable {
  fileprivate enum Kind: String, Sendable { case text, number, about }

  fileprivate let kind: Kind
  fileprivate let text: String
  fileprivate var colour: Style.Colour?
  /// Where it leads on the same page.
  fileprivate var anchor: String?

  package static func text(_ text: String) -> Self { Self(kind: .text, text: text) }
  package static func number(_ text: String) -> Self { Self(kind: .number, text: text) }
  /// A longer explanation.
  package static func about(_ text: String) -> Self { Self(kind: .about, text: text) }

  package func coloured(_ colour: Style.Colour?) -> Self {
    var cell = self
    cell.colour = colour
    return cell
  }

  package func leading(to anchor: String?) -> Self {
    var cell = self
    cell.anchor = anchor
    return cell
  }
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
                if rows.first?[place].kind == .number {
                  row.element("th", ["class": "number", "scope": "col"], text: heading)
                } else {
                  row.element("th", ["class": "text", "scope": "col"], text: heading)
                }
              }
            }
          }
        }
        table.element("tbody") { body in
          for cells in rows {
            body.element("tr") { row in
              for cell in cells {
                let colour = cell.colour.map { " tone\($0.rawValue)" } ?? ""
                row.element("td", ["class": cell.kind.rawValue + colour]) { place in
                  if let anchor = cell.anchor {
                    place.element("a", ["href": "#\(anchor)"], text: cell.text)
                  } else {
                    place.append(text: cell.text)
                  }
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
