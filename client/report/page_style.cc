#include "client/report/page_style.h"

namespace outerloop::client {

const char kPageStyle[] = R"(
:root { color-scheme: light dark; --ink: #1c2430; --muted: #5b6675; --line: #e3e7ec;
        --paper: #fff; --panel: #f5f7f9; --own: #2050a0; --loss: #b04020; --published: #b07020;
        --good: #1a7f4b; --bad: #b3261e; }
@media (prefers-color-scheme: dark) {
  :root { --ink: #dfe5ec; --muted: #94a0b0; --line: #2c3540; --paper: #12171d; --panel: #1b222b;
          --own: #7aa7f0; --loss: #ee8666; --published: #dba45c; --good: #55c98a; --bad: #ff7a70; }
}
* { box-sizing: border-box; }
body { font: 15px/1.5 system-ui, sans-serif; color: var(--ink); background: var(--paper);
       max-width: 980px; margin: 2.5em auto; padding: 0 1.2em; }
h1 { font-size: 1.9em; line-height: 1.2; margin: 0; overflow-wrap: anywhere; }
h2 { font-size: 1.2em; margin: 2.4em 0 .7em; break-after: avoid; }
h3 { font-size: 1em; }
.state { font-weight: 600; } .SUCCEEDED { color: var(--good); } .FAILED { color: var(--bad); }
.note, .source { color: var(--muted); font-size: .9em; font-weight: 400; white-space: normal; }
table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums; }
th { text-align: left; font-weight: 600; }
thead th { border-bottom: 1.5px solid var(--ink); vertical-align: bottom; }
td { border-bottom: 1px solid var(--line); vertical-align: top; } tr { break-inside: avoid; }
th, td { padding: .35em .9em .35em 0; } .number { text-align: right; white-space: nowrap; }
.number:last-child { padding-right: 0; }
.scroll { overflow-x: auto; }
dl { display: grid; grid-template-columns: max-content 1fr; gap: .2em 1.4em; margin: 1em 0; }
dt { color: var(--muted); } dd { margin: 0; overflow-wrap: anywhere; }
code, pre { font: 13px/1.45 ui-monospace, monospace; } td code { overflow-wrap: anywhere; }
pre { background: var(--panel); padding: 1em; overflow-x: auto; border-radius: 6px; }
.curves { display: grid; gap: 1em;
          grid-template-columns: repeat(auto-fill, minmax(min(100%, 380px), 1fr)); }
.scroll table, .scroll svg { min-width: 640px; }
svg { width: 100%; height: auto; break-inside: avoid; }
svg text { font-size: 12px; fill: var(--muted); } svg .label { fill: var(--ink); }
svg .title { font-size: 13px; font-weight: 600; fill: var(--ink); }
.grid { stroke: var(--line); } .axis { stroke: var(--muted); }
.mark { stroke: var(--loss); stroke-dasharray: 3 3; }
.curve { fill: none; stroke-width: 1.6; } .loss { stroke: var(--loss); }
.accuracy { stroke: var(--own); }
.own { stroke: var(--own); fill: var(--own); stroke-width: 2; } .own-key { color: var(--own); }
.published { stroke: var(--published); fill: var(--paper); stroke-width: 2; }
.published-key { color: var(--published); }
@media (max-width: 600px) {
  body { margin: 1.2em auto; padding: 0 .9em; }
  dl { grid-template-columns: 1fr; gap: 0; } dd { margin-bottom: .5em; }
}
@media print {
  body { max-width: none; margin: 0; padding: 0; font-size: 12px; } pre { white-space: pre-wrap; }
}
)";

}  // namespace outerloop::client
