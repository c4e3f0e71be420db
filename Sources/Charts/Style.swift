/// Colours and shapes as CSS: variables that change with light and dark, and are light on paper.
package enum Style {
  /// Colours that people with any kind of colour blindness tell apart (after Okabe and Ito 2008, with the contrast that
  /// each background needs).
  package enum Colour: Int, Sendable, CaseIterable {
    case blue, orange, green, purple, sky, grey
    /// For what is wrong; a series has one of the others.
    case red

    /// Colours of series, one after the other.
    package static let series: [Colour] = [.blue, .orange, .green, .purple, .sky, .grey]
  }

  private static let light = """
    --paper:#fff;--panel:#f6f7f9;--ink:#1b1f24;--soft:#59616b;--grid:#e4e7eb;--zero:#9aa2ac;\
    --c0:#0f62ac;--c1:#c2500a;--c2:#00795a;--c3:#a4457f;--c4:#2b8cc4;--c5:#6b7480;--c6:#b3202c;--strong:#fff;
    """
  private static let dark = """
    --paper:#14171b;--panel:#1d2126;--ink:#e8eaed;--soft:#a3abb5;--grid:#2b3138;--zero:#6d7680;\
    --c0:#5fb0f2;--c1:#f2994a;--c2:#3fc79a;--c3:#e08abf;--c4:#8fd0f5;--c5:#9aa4b0;--c6:#ff7d79;--strong:#0d0f12;
    """

  /// For the root: light unless the screen is dark.
  static let colours = """
    :root{color-scheme:light dark;\(light)}
    @media screen and (prefers-color-scheme:dark){:root{\(dark)}}

    """

  /// What the elements of a drawing look like.
  static let drawing = """
    svg.chart{display:block;width:100%;height:auto;font:12px system-ui,-apple-system,"Segoe UI",Roboto,"DejaVu Sans",sans-serif;overflow:visible}
    .chart .paper{fill:var(--paper)}
    .chart text{fill:var(--soft);font-size:12px;font-variant-numeric:tabular-nums}
    .chart text.head{fill:var(--ink);font-weight:600}
    .chart text.legend,.chart text.name{fill:var(--ink)}
    .chart .grid{stroke:var(--grid);stroke-width:1;shape-rendering:crispEdges}
    .chart .zero{stroke:var(--zero);stroke-width:1;shape-rendering:crispEdges}
    .chart .middle{stroke:var(--ink);stroke-width:1.2;stroke-dasharray:4 3}
    .chart .line{fill:none;stroke-width:1.6;stroke-linejoin:round;stroke-linecap:round}
    .chart .dashed{stroke-dasharray:6 4}
    .chart .area{stroke:none;fill-opacity:.16}
    .chart .bar{stroke:none;fill-opacity:.75}
    .chart .signs{fill-opacity:.75}
    .chart .span{fill:var(--c0);fill-opacity:.1}
    .chart .candle{stroke-width:1}
    .chart .rose{stroke:var(--c0);fill:var(--paper)}
    .chart .fell{stroke:var(--c1);fill:var(--c1)}
    .chart .mark{stroke:var(--paper);stroke-width:1.2;paint-order:stroke}
    .chart .entry{fill:var(--c2)}
    .chart .exit{fill:var(--c3)}
    .chart .gain{fill:var(--c0)}
    .chart .loss{fill:var(--c1)}
    .chart .chosen{fill:none;stroke:var(--c1);stroke-width:2.5}
    .chart text.cell{fill:var(--ink);font-size:11px}
    .chart text.narrow{font-size:9px}
    .chart text.strong{fill:var(--strong)}
    .chart .cursor{stroke:var(--soft);stroke-width:1}
    \(Colour.allCases.map { ".chart .line.c\($0.rawValue){stroke:var(--c\($0.rawValue))}.chart .area.c\($0.rawValue),.chart .bar.c\($0.rawValue),.chart .dot.c\($0.rawValue){fill:var(--c\($0.rawValue))}" }.joined())

    """

  /// Everything a ``Page`` needs.
  package static let css =
    colours + drawing + """
      *{box-sizing:border-box}
      body{margin:0;background:var(--paper);color:var(--ink);font:16px/1.5 system-ui,-apple-system,"Segoe UI",Roboto,"DejaVu Sans",sans-serif}
      main,header{max-width:980px;margin:0 auto;padding:0 30px}
      header{padding-top:32px}
      h1{font-size:1.7rem;line-height:1.2;margin:0 0 .3rem;overflow-wrap:anywhere}
      h2{font-size:1.2rem;margin:2.4rem 0 .8rem;padding-top:.8rem;border-top:1px solid var(--grid)}
      h3{font-size:1rem;margin:1.6rem 0 .4rem}
      p{margin:.4rem 0;max-width:46rem}
      .lead{color:var(--soft);overflow-wrap:anywhere}
      .verdict{font-size:1.15rem;font-weight:600}
      .note{color:var(--soft);font-size:.85rem}
      figure{position:relative;margin:1rem 0 1.6rem}
      figcaption{font-weight:600;margin-bottom:.4rem;overflow-wrap:anywhere}
      .narrow{display:none!important}
      .tiles{display:grid;grid-template-columns:repeat(4,minmax(0,1fr));gap:10px;margin:1.2rem 0}
      .tile{background:var(--panel);border-radius:8px;padding:10px 14px}
      .tile dt{color:var(--soft);font-size:.82rem}
      .tile dd{margin:0;font-size:1.25rem;font-weight:600;font-variant-numeric:tabular-nums;overflow-wrap:anywhere}
      .tile dd small{display:block;font-size:.78rem;font-weight:400;color:var(--soft);white-space:normal}
      .scroll{overflow-x:auto;margin:.6rem 0 1.2rem}
      table{border-collapse:collapse;width:100%;font-size:.9rem}
      th,td{text-align:left;padding:.38rem .8rem .38rem 0;border-bottom:1px solid var(--grid);vertical-align:top}
      th{font-weight:600;color:var(--soft)}
      .number{text-align:right;white-space:nowrap;font-variant-numeric:tabular-nums}
      td.text{overflow-wrap:anywhere}
      .stats th:nth-child(1){width:24%}
      .stats th:nth-child(2){width:17%}
      .stats td.number{padding-right:1.4rem}
      .stats th.number{padding-right:1.4rem}
      td.about{color:var(--soft);font-size:.85rem}
      pre{background:var(--panel);border-radius:8px;padding:12px 14px;overflow-x:auto;font-size:.84rem;line-height:1.45}
      code{font-family:ui-monospace,"DejaVu Sans Mono",Menlo,Consolas,monospace}
      pre code{white-space:pre-wrap;overflow-wrap:anywhere}
      details summary{cursor:pointer;font-weight:600;margin:.6rem 0}
      footer{max-width:980px;margin:2.5rem auto 0;padding:16px 30px 40px;color:var(--soft);font-size:.85rem}
      .tip{position:absolute;z-index:1;pointer-events:none;background:var(--ink);color:var(--paper);padding:6px 10px;border-radius:6px;font-size:.8rem;line-height:1.35;white-space:pre-line;max-width:320px;font-variant-numeric:tabular-nums}
      .tip[hidden]{display:none}
      \(Board.css)
      \(Board.mediumCSS)
      @media (max-width:640px){
      main,header,footer{padding-left:15px;padding-right:15px}
      .wide{display:none!important}
      .narrow{display:block!important}
      .tiles{grid-template-columns:repeat(2,minmax(0,1fr))}
      .tile dd{font-size:1.08rem}
      .stats th:last-child{display:none}
      .stats tr{display:grid;grid-template-columns:1fr auto;border-bottom:1px solid var(--grid);padding:.3rem 0}
      .stats th,.stats td{border:0;padding:.05rem 0}
      .stats th:nth-child(n){width:auto}
      .stats td.number,.stats th.number{padding-right:0}
      .stats td.about{grid-column:1/-1}
      \(Board.narrowCSS)
      }
      @media print{
      @page{margin:14mm}
      body{font-size:10.5pt}
      main,header,footer{max-width:none;padding-left:0;padding-right:0}
      .wide{display:block!important}
      .narrow,.tip,.screen{display:none!important}
      figure,.tile,tr{break-inside:avoid}
      h2,h3,figcaption{break-after:avoid}
      .scroll,.panel .scroll{overflow:visible;max-height:none}
      .panel td,.panel th{white-space:normal;padding-right:.5rem}
      .panel td.about{min-width:0}
      nav{display:none}
      .tile{border:1px solid var(--grid)}
      .tile dd{font-size:12pt}
      details:not([open]){display:none}
      pre{white-space:pre-wrap}
      }

      """

  /// Shows the values under the pointer. It reads what the drawing carries, and asks nobody.
  static let script = """
    'use strict';
    document.querySelectorAll('svg[data-hover]').forEach(svg=>{
    const data=JSON.parse(svg.dataset.hover),figure=svg.closest('figure')||svg.parentElement;
    const tip=document.createElement('div');tip.className='tip';tip.hidden=true;tip.setAttribute('aria-hidden','true');figure.append(tip);
    const line=document.createElementNS('http://www.w3.org/2000/svg','line');line.setAttribute('class','cursor');
    const hide=()=>{tip.hidden=true;line.remove();};
    const show=event=>{
    const box=svg.getBoundingClientRect(),scale=svg.viewBox.baseVal.width/box.width,x=(event.clientX-box.left)*scale;
    let low=0,high=data.x.length-1;
    while(low<high){const middle=(low+high)>>1;if(data.x[middle]<x)low=middle+1;else high=middle;}
    if(low>0&&x-data.x[low-1]<data.x[low]-x)low--;
    const at=data.x[low];
    line.setAttribute('x1',at);line.setAttribute('x2',at);line.setAttribute('y1',data.top);line.setAttribute('y2',data.bottom);
    svg.append(line);
    tip.textContent=data.text[low];tip.hidden=false;
    const outer=figure.getBoundingClientRect(),place=box.left-outer.left+at/scale;
    tip.style.top=(box.top-outer.top+data.top/scale+6)+'px';
    tip.style.left=Math.max(0,place+tip.offsetWidth+14>outer.width?place-tip.offsetWidth-10:place+10)+'px';};
    svg.addEventListener('pointermove',show);svg.addEventListener('pointerdown',show);svg.addEventListener('pointerleave',hide);});
    """
}
