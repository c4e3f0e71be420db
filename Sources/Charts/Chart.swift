/// What can be drawn as SVG.
package protocol Chart: Sendable {
  /// What it shows, in a few words.
  var title: String { get }
  /// The same in a sentence or two for who cannot see it: figures, not colours.
  var summary: String { get }
  /// Draws it. The element `svg` is given; sizes are in CSS pixels, so that texts are as large as everywhere on the page.
  func draw(width: Double, into markup: inout Markup)
  /// How high it is at a width.
  func height(width: Double) -> Double
  /// What a pointer over it shows, as JSON; empty for nothing.
  func hover(width: Double) -> String
}

extension Chart {
  package func hover(width: Double) -> String { "" }

  /// One `svg` for a page that has ``Style/css``.
  package func svg(width: Double, class name: String = "") -> Markup {
    var markup = Markup()
    let hover = hover(width: width)
    let box = "0 0 \(String(pixel: width)) \(String(pixel: height(width: width)))"
    let kind = name.isEmpty ? "chart" : "chart \(name)"
    let content = { (markup: inout Markup) in
      if !summary.isEmpty { markup.element("desc", text: summary) }
      draw(width: width, into: &markup)
    }
    if hover.isEmpty {
      markup.element("svg", ["class": kind, "viewBox": box, "role": "img", "aria-label": title], content)
    } else {
      markup.element(
        "svg", ["class": kind, "viewBox": box, "role": "img", "aria-label": title, "data-hover": hover], content)
    }
    return markup
  }

  /// A `figure` for a page that has ``Style/css``: one drawing for wide screens and paper, one for phones.
  ///
  /// - Parameters:
  ///   - narrowChart: what phones see, when it is not the same chart.
  ///   - note: what stands below the drawing, and what in its place on a phone.
  package func figure(
    wide: Double = 920, narrow: Double = 360, narrowChart: (any Chart)? = nil, note: String = "",
    narrowNote: String = ""
  ) -> Markup {
    var markup = Markup()
    markup.element("figure") { figure in
      figure.element("figcaption", text: title)
      figure.append(svg(width: wide, class: "wide"))
      figure.append((narrowChart ?? self).svg(width: narrow, class: "narrow"))
      if !narrowNote.isEmpty { figure.element("p", ["class": "note narrow"], text: narrowNote) }
      if !note.isEmpty { figure.element("p", ["class": narrowNote.isEmpty ? "note" : "note wide"], text: note) }
    }
    return markup
  }

  /// A file of its own, with its style in it.
  package func standalone(width: Double = 920) -> String {
    var markup = Markup()
    let height = height(width: width)
    markup.element(
      "svg",
      [
        "xmlns": "http://www.w3.org/2000/svg", "class": "chart", "width": String(pixel: width),
        "height": String(pixel: height), "viewBox": "0 0 \(String(pixel: width)) \(String(pixel: height))",
        "role": "img",
      ]
    ) { svg in
      svg.element("title", text: title)
      if !summary.isEmpty { svg.element("desc", text: summary) }
      svg.element("style") { $0.verbatim(Style.colours + Style.drawing) }
      svg.element("rect", ["class": "paper", "width": "100%", "height": "100%"])
      draw(width: width, into: &svg)
    }
    return markup.text + "\n"
  }
}

extension Markup {
  mutating func text(_ text: String, x: Double, y: Double, class name: String, anchor: String = "start") {
    element(
      "text", ["class": name, "x": String(pixel: x), "y": String(pixel: y), "text-anchor": anchor], text: text)
  }

  mutating func line(x1: Double, y1: Double, x2: Double, y2: Double, class name: String) {
    element(
      "line",
      [
        "class": name, "x1": String(pixel: x1), "y1": String(pixel: y1), "x2": String(pixel: x2),
        "y2": String(pixel: y2),
      ])
  }

  /// A rectangle, with what a pointer over it shows.
  mutating func rectangle(
    x: Double, y: Double, width: Double, height: Double, class name: String, title: String = ""
  ) {
    let attributes: KeyValuePairs<StaticString, String> = [
      "class": name, "x": String(pixel: x), "y": String(pixel: y), "width": String(pixel: max(width, 0)),
      "height": String(pixel: max(height, 0)),
    ]
    if title.isEmpty {
      element("rect", attributes)
    } else {
      element("rect", attributes) { $0.element("title", text: title) }
    }
  }
}

/// About how wide a text of a chart is.
func textWidth(_ text: String) -> Double {
  var width = 0.0
  for character in text {
    switch character {
    case ".", ",", "i", "l", "\u{A0}", " ", "'": width += 3.4
    case "%", "M", "W", "m", "w": width += 10
    default: width += 6.7
    }
  }
  return width
}
