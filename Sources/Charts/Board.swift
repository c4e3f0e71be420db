/// Panels on a grid of 24 columns, as dashboards have them; below each other on a phone.
package struct Board: Sendable {
  /// A place on the grid: columns and rows from 0 on.
  package struct Place: Sendable, Equatable {
    package let x, y, width, height: Int

    /// Whatever is given, it lies on the grid.
    package init(x: Int, y: Int, width: Int, height: Int) {
      self.x = min(max(x, 0), 23)
      self.y = min(max(y, 0), 9_999)
      self.width = min(max(width, 1), 24 - self.x)
      self.height = min(max(height, 1), 100)
    }

    /// Of the content, in CSS pixels, on a page as wide as it gets.
    package var contentWidth: Double {
      Double(width) * Board.column + Double(width - 1) * Board.gap - 2 * Board.padding
    }
    package var contentHeight: Double {
      Double(height) * Board.row + Double(height - 1) * Board.gap - 2 * Board.padding
    }
  }

  static let (pageWidth, gap, row, padding) = (1_248.0, 8.0, 30.0, 12.0)
  static let column = (pageWidth - 23 * gap) / 24

  private var body = Markup()

  package init() {}

  /// A heading across the grid.
  package mutating func heading(_ text: String, at place: Place) {
    body.element("h3", ["class": "row", "style": "grid-row:\(place.y + 1)"], text: text)
  }

  /// - Parameter note: what it shows, in a sentence.
  package mutating func panel(
    _ title: String, note: String, at place: Place, _ content: (inout Markup) -> Void
  ) {
    let size = place.width <= 6 ? "panel small" : "panel"
    let style =
      "grid-column:\(place.x + 1)/span \(place.width);grid-row:\(place.y + 1)/span \(place.height);"
      + "--room:\(String(pixel: place.contentHeight))px"
    body.element("figure", ["class": size, "style": style]) { panel in
      panel.element("figcaption") { caption in
        caption.append(text: title)
        if !note.isEmpty { caption.element("small", text: note) }
      }
      content(&panel)
    }
  }

  package var markup: Markup {
    var markup = Markup()
    markup.element("div", ["class": "board"]) { $0.append(body) }
    return markup
  }

  static let css = """
    .boards main,.boards header,.boards footer,.boards nav{max-width:\(String(pixel: pageWidth + 32))px;padding-left:16px;padding-right:16px}
    nav{display:flex;flex-wrap:wrap;gap:4px 16px;margin:.8rem auto 0}
    a{color:var(--c0)}
    .board{display:grid;grid-template-columns:repeat(24,minmax(0,1fr));grid-auto-rows:minmax(\(String(pixel: row))px,auto);gap:\(String(pixel: gap))px}
    .board .row{grid-column:1/-1;margin:0;align-self:end}
    .board .panel{margin:0;background:var(--panel);border-radius:8px;padding:\(String(pixel: padding))px;min-width:0;--paper:var(--panel)}
    .panel figcaption{margin-bottom:.5rem;font-size:.95rem;line-height:1.3}
    .panel small{display:block;font-weight:400;color:var(--soft);font-size:.78rem;line-height:1.35}
    .panel .scroll{max-height:max(calc(var(--room) - 60px),7rem);overflow:auto;margin:0}
    .panel table{font-size:.82rem}
    .panel th{position:sticky;top:0;background:var(--panel)}
    .panel th,.panel td{padding:.22rem 1rem .22rem 0;white-space:nowrap}
    .panel .number+.text,.panel .number+.about{padding-left:.6rem}
    .panel td.about{white-space:normal;min-width:13rem;overflow-wrap:anywhere;color:inherit;font-size:inherit}
    .panel .figures{display:flex;flex-wrap:wrap;gap:4px 20px;margin:0}
    .panel dt{color:var(--soft);font-size:.8rem}
    .panel dd{margin:0;font-size:1.5rem;line-height:1.25;font-weight:600;font-variant-numeric:tabular-nums;}
    .panel .empty{color:var(--soft);margin:.6rem 0}
    .panel .fault{color:var(--c6);font-size:.85rem;overflow-wrap:anywhere}
    \(Style.Colour.allCases.map { ".tone\($0.rawValue),.tone\($0.rawValue) a{color:var(--c\($0.rawValue))}" }.joined())

    """

  /// On a tablet and on paper: figures three beside each other, all else below each other.
  static let mediumCSS = """
    @media (max-width:1000px),print{
    .board .panel,.board .row{grid-row:auto!important;grid-column:1/-1!important}
    .board .small{grid-column:span 8!important}
    .panel .scroll{max-height:24rem}
    }
    """

  /// On a phone: figures two beside each other, all else below each other.
  static let narrowCSS = """
    .board{grid-template-columns:repeat(2,minmax(0,1fr));grid-auto-rows:auto}
    .board .panel,.board .row{grid-row:auto!important;grid-column:1/-1!important}
    .board .small{grid-column:span 1!important}
    .panel .scroll{max-height:22rem}
    .panel dd{font-size:1.35rem}

    """
}

extension Markup {
  /// Figures of a panel: each with its name, where it has one, and its colour.
  package mutating func figures(_ figures: [(name: String, value: String, colour: Style.Colour?)]) {
    element("dl", ["class": "figures"]) { list in
      for figure in figures {
        list.element("div") { box in
          if !figure.name.isEmpty { box.element("dt", text: figure.name) }
          box.element("dd", ["class": figure.colour.map { "tone\($0.rawValue)" } ?? ""], text: figure.value)
        }
      }
    }
  }

  /// Two drawings of the same: for wide screens and paper, and for phones.
  package mutating func drawings(wide: any Chart, width: Double, narrow: any Chart) {
    append(wide.svg(width: width, class: "wide"))
    append(narrow.svg(width: 320, class: "narrow"))
  }
}
