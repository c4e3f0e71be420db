#!/bin/bash
# The report of a backtest as a page, as JSON, as CSV and as text: with names that would be markup, and what is refused.
. "$(dirname "${BASH_SOURCE[0]}")/lib/common.bash"
start_cluster
create_database main
bourse_on main import bars -q "$repository/fixtures/market/us_daily_2000_2013.csv.gz"
bourse_on main import actions -q "$repository/fixtures/market/us_splits.csv"
name='<script>alert(1)</script> & "b"'
sql main "SELECT strategy.create_strategy('cross', 'trend', '1 day', '{\"entry\": \"ema(close, 20) > ema(close, 50)\", \"exit\": \"ema(close, 20) < ema(close, 50)\", \"sizing\": {\"method\": \"fixed_quantity\", \"quantity\": 100}}')" >/dev/null
bourse_on main strategy check cross >/dev/null
run() { bourse_on main backtest "$1" --symbols "$2" --from 2000-01-03 --until 2013-03-02 --capital 1000000 --json "${@:3}" | sed -n 's/^ *"run_id": *\([0-9]*\).*/\1/p'; }
run=$(run cross IBM,AAPL --setting commission_percent=0.1 --setting benchmark=GOOG)
[ -n "$run" ] || fail "there is no run"
trades=$(sql main "SELECT trades FROM research.backtests WHERE run_id = $run")

sql main "UPDATE research.backtests SET symbols = ARRAY[\$n\$$name\$n\$], owner = \$n\$$name\$n\$, settings = settings || jsonb_build_object('params', \$n\$$name\$n\$)" >/dev/null
bourse_on main report backtest "$run" --html "$work/page.html" >"$work/out" || fail "there is no page"
python3 - "$work/page.html" >"$work/out" <<'PYTHON' || fail "the page: $(cat "$work/out")"
import html.parser, re, sys
text = open(sys.argv[1], encoding="utf-8").read()
VOID = {"meta", "link", "br"}
class Page(html.parser.HTMLParser):
    open, scripts, headings, drawings, titles = [], 0, [], 0, 0
    def handle_starttag(self, tag, attributes):
        if tag not in VOID: self.open.append(tag)
        self.scripts += tag == "script"
        self.drawings += tag == "svg"
        names = dict(attributes)
        assert not any(n in names for n in ("src", "href", "onload", "onerror")), names
    def handle_startendtag(self, tag, attributes): pass
    def handle_endtag(self, tag): assert self.open.pop() == tag, tag
    def handle_data(self, data):
        if self.open and self.open[-1] in ("h1", "h2"): self.headings.append(data)
page = Page(convert_charrefs=True)
page.feed(text)
assert not page.open and page.scripts == 1, (page.open, page.scripts)
assert page.headings[0] == 'cross on <script>alert(1)</script> & "b"', page.headings
assert page.headings[1:] == ["Equity", "Prices, entries and exits", "Trades", "Statistics", "Settings, and how to repeat it"], page.headings
assert page.drawings == 2 * 6, page.drawings  # equity, months, two prices, a histogram, bars; wide and narrow
assert len(text) < 1_500_000, len(text)
assert not re.search(r"https?://(?!www\.w3\.org/)", text)
assert "Exit" in text and "GOOG, bought and held" in text
assert "nan" not in re.sub(r"[a-z]nan|nan[a-z]", "", text.lower())
PYTHON
passed "the page is whole, small and asks nobody, whatever names say"

bourse_on main report backtest "$run" --json >"$work/out"
python3 -c 'import json, sys; r = json.load(open(sys.argv[1])); closed = [t for t in r["trades"] if t["closed_at"]]; assert len(closed) == r["run"]["trades"] == int(sys.argv[2]), len(closed); assert len(r["equity"]) == r["run"]["periods"] and r["fills"] and r["orders"] and r["summary"]' "$work/out" "$trades" || fail "the JSON is not whole"
expect_same "rows of trades" "$(bourse_on main report backtest "$run" --csv trades | tail -n +2 | wc -l)" "$(sql main "SELECT count(*) FROM research.backtest_trades WHERE run_id = $run")"
bourse_on main report backtest "$run" --csv statistics >"$work/out"
grep -q '^return,total_return,' "$work/out" || fail "the statistics: $(head -3 "$work/out")"
bourse_on main report backtest "$run" >"$work/out"
grep -q '^sharpe ' "$work/out" || fail "the table: $(head -3 "$work/out")"
passed "JSON, CSV and text have all of it"

# The report of an optimization, by the same rules.
sql main "SELECT strategy.create_strategy('pair', 'trend', '1 day', '{\"entry\": \"ema(close, \$fast) > ema(close, \$slow)\", \"exit\": \"ema(close, \$fast) < ema(close, \$slow)\", \"params\": {\"fast\": 10, \"slow\": 40}, \"sizing\": {\"method\": \"fixed_quantity\", \"quantity\": 100}}')" >/dev/null
bourse_on main strategy check pair >/dev/null
bourse_on main backtest pair --symbols IBM --from 2005-01-03T00:00:00Z --until 2009-01-03T00:00:00Z --capital 100000 --optimize fast=5:15:5 --optimize slow=20,40,60 --train "2 years" --test "1 year" >"$work/out" 2>&1 || fail "no optimization: $(cat "$work/out")"
bourse_on main report optimization 1 --html "$work/search.html" >"$work/out" || fail "there is no page of an optimization: $(cat "$work/out")"
python3 - "$work/search.html" >"$work/out" <<'PYTHON' || fail "the page of an optimization: $(cat "$work/out")"
import html.parser, re, sys
text = open(sys.argv[1], encoding="utf-8").read()
class Page(html.parser.HTMLParser):
    open, headings, drawings = [], [], 0
    def handle_starttag(self, tag, attributes):
        if tag not in {"meta", "link", "br"}: self.open.append(tag)
        self.drawings += tag == "svg"
        assert not any(n in dict(attributes) for n in ("src", "href", "onload", "onerror")), attributes
    def handle_startendtag(self, tag, attributes): pass
    def handle_endtag(self, tag): assert self.open.pop() == tag, tag
    def handle_data(self, data):
        if self.open and self.open[-1] == "h2": self.headings.append(data)
page = Page(convert_charrefs=True)
page.feed(text)
assert not page.open, page.open
assert page.headings == ["Is it luck?", "Out of sample", "Parameters", "Windows", "The best trials", "Settings, and how to repeat it"], page.headings
assert page.drawings == 2 * 4, page.drawings  # logits, equity, map, effects; wide and narrow
assert not re.search(r"https?://(?!www\.w3\.org/)", text) and "out of sample" in text
PYTHON
bourse_on main report optimization 1 --json | python3 -c 'import json, sys; r = json.load(sys.stdin); assert len(r["trials"]) == 20 and len(r["windows"]) == 2 and r["verdict"][0]["topic"] == "verdict" and len(r["grid"]) == 9, r.keys()' || fail "the JSON of an optimization is not whole"
expect_same "rows of trials" "$(bourse_on main report optimization 1 --csv trials | tail -n +2 | wc -l)" 20
bourse_on main report optimization 1 | grep -q '^verdict ' || fail "there is no verdict"
expect_same "what was tried" "$(sql main "SELECT trials FROM research.trial_counts WHERE strategy = 'pair'")" 20
passed "an optimization has its verdict, its page, JSON and CSV, and each trial is counted"

# $1: what the line has; the rest: arguments of bourse report backtest
refuses() {
  local words=$1 status=0
  shift
  bourse_on main report backtest "$@" >"$work/out" 2>"$work/err.log" || status=$?
  expect_same "exit status of $*" "$status" 2
  grep -qF -- "$words" "$work/err.log" || fail "$* says: $(cat "$work/err.log")"
}
refuses "there is no backtest 999" 999 --html "$work/none.html"
refuses "/no/where" "$run" --html /no/where/page.html
status=0
bourse_on main report optimization 9 >"$work/out" 2>"$work/err.log" || status=$?
expect_same "exit status of an unknown optimization" "$status" 2
grep -qF "there is no optimization 9" "$work/err.log" || fail "it says: $(cat "$work/err.log")"
refuses "trades, orders" "$run" --csv everything
refuses "one of" "$run" --json --csv trades
[ -e "$work/none.html" ] && fail "a page was written of nothing"
passed "what cannot be is refused in a line"
