import { graphCss } from "../graph/svg.js";
import { paletteCss } from "./palette.js";

const PAGE_CSS = `
*{box-sizing:border-box}
html{color-scheme:light dark;-webkit-text-size-adjust:100%}
body{margin:0;background:var(--page);color:var(--ink);font:16px/1.55 system-ui,-apple-system,"Segoe UI",Roboto,"Helvetica Neue",Arial,sans-serif;overflow-wrap:anywhere}
main,header.top,footer{max-width:66rem;margin:0 auto;padding:0 1.25rem}
header.top{padding-top:2.5rem}
h1{font-size:1.9rem;line-height:1.2;margin:0;letter-spacing:-.01em}
h2{font-size:1.3rem;line-height:1.3;margin:0 0 .75rem;letter-spacing:-.005em}
h3{font-size:1rem;margin:1.5rem 0 .35rem}
p{margin:.4rem 0}
section{margin:2.75rem 0 0;padding-top:1.4rem;border-top:1px solid var(--rule)}
code,.id,.value,.keys{font-family:ui-monospace,SFMono-Regular,Menlo,Consolas,"DejaVu Sans Mono",monospace;font-size:.87em}
.id{font-weight:600}
.muted,.lead,.role,.sd,figcaption{color:var(--muted)}
.lead,figcaption{font-size:.92rem}
.doc{color:var(--muted);max-width:46rem;margin-top:.35rem}
.verdict{margin:1.5rem 0 0;padding:1rem 1.2rem;border-left:5px solid var(--rule);background:var(--sunken);border-radius:3px}
.verdict strong{display:block;font-size:1.15rem;line-height:1.35}
.verdict.good{border-color:var(--good);background:var(--good-wash)}
.verdict.bad{border-color:var(--bad);background:var(--bad-wash)}
.meta{display:flex;flex-wrap:wrap;gap:.2rem 1.4rem;list-style:none;margin:.9rem 0 0;padding:0;font-size:.92rem;color:var(--muted)}
.meta b{color:var(--ink);font-weight:600}
.meta a{color:var(--accent)}
nav ul{display:flex;flex-wrap:wrap;gap:.1rem 1.1rem;list-style:none;margin:1.1rem 0 0;padding:0;font-size:.92rem}
nav a{color:var(--accent);text-decoration:none;padding:.3rem 0;display:inline-block}
nav a:hover{text-decoration:underline}
a:focus-visible,summary:focus-visible,.scroll:focus-visible{outline:2px solid var(--accent);outline-offset:2px}
.scroll{overflow-x:auto;margin:.8rem 0;max-width:100%}
table{border-collapse:collapse;font-size:.92rem;font-variant-numeric:tabular-nums;overflow-wrap:normal}
.lead{max-width:48rem}
th,td{padding:.42rem 1.1rem .42rem 0;text-align:left;vertical-align:top;border-bottom:1px solid var(--rule);font-weight:400}
th:last-child,td:last-child{padding-right:.3rem}
thead th{color:var(--muted);font-size:.87em;border-bottom-width:2px;white-space:nowrap}
.num{text-align:right;white-space:nowrap}
tbody th{white-space:nowrap}
.scores tbody th{position:sticky;left:0;background:var(--page)}
.role{display:block;font-size:.82em;padding-left:1.2rem}
.best{font-weight:600}
.sd,.delta{font-weight:400}
.delta{display:block;font-size:.84em}
.good .delta,.delta.good,.status .good{color:var(--good)}
.delta.bad{color:var(--bad)}.delta.unclear{color:var(--muted)}
.swatch{display:inline-block;width:.7rem;height:.7rem;border-radius:2px;margin-right:.5rem;vertical-align:-.03rem}
.legend{display:flex;flex-wrap:wrap;gap:.15rem 1.2rem;list-style:none;margin:.5rem 0;padding:0;font-size:.88rem;color:var(--muted)}
.key{display:inline-block;width:.9rem;height:.9rem;line-height:.9rem;border-radius:2px;margin-right:.4rem;text-align:center;font-size:.7rem;font-weight:700;vertical-align:-.1rem;color:var(--surface)}
.key.ran{background:var(--ran)}.key.failed{background:var(--failed)}
.key.hit{border:2px solid var(--hit)}.key.skipped{border:1.5px dashed var(--skipped)}
.line{display:inline-block;width:1.6rem;margin-right:.4rem;vertical-align:.25rem;border-top:1.5px solid var(--muted);opacity:.8}
.line.teach{border-top:2.5px solid var(--accent);opacity:1}.line.held-out{border-top-style:dotted}
figure{margin:1.1rem 0}
figcaption{margin-bottom:.3rem}
figcaption strong{color:var(--ink);font-weight:600}
.plot{--plot-background:var(--surface);font:11.5px system-ui,-apple-system,"Segoe UI",Roboto,sans-serif;color:var(--muted);overflow:visible}
.narrow,.medium{display:none}
@media (max-width:68rem){.wide{display:none}.medium{display:block}}
@media (max-width:34rem){.not-narrow,.medium{display:none}.narrow{display:block}}
.halves{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(29rem,100%),1fr));gap:0 2rem}
.halves figure{margin:.6rem 0;min-width:0}
.panels{display:grid;grid-template-columns:repeat(auto-fill,minmax(min(19.4rem,100%),1fr));gap:0 1.4rem}
.panels figure{margin:.6rem 0;min-width:0}
.gates{list-style:none;margin:0;padding:0}
.gate{padding:.5rem 0 .3rem 2rem;position:relative}
.gate .mark{position:absolute;left:0;top:.82rem;width:1.35rem;height:1.35rem;line-height:1.35rem;text-align:center;border-radius:50%;font-weight:700;font-size:.8rem;background:var(--sunken);color:var(--muted)}
.gate.passed .mark{background:var(--good-wash);color:var(--good)}
.gate.failed .mark{background:var(--bad-wash);color:var(--bad)}
.gate.warned .mark{background:var(--warn-wash);color:var(--warn)}
.gate .status{color:var(--muted);white-space:nowrap}
.gate.failed>p .status,tr.failed td:last-child{color:var(--bad);font-weight:600}
.gate.warned>p .status,tr.warned td:last-child{color:var(--warn)}
.gate .message{color:var(--muted)}
.gate .sides{font-size:.9rem;font-variant-numeric:tabular-nums}
.gate details{border:0}
.gate table{font-size:.86rem}
.note{padding:.5rem .8rem;border-radius:3px;background:var(--sunken)}
.note.warn{background:var(--warn-wash)}.note.bad{background:var(--bad-wash)}
.failure{border-left:4px solid var(--bad);background:var(--bad-wash);padding:.1rem 1rem .6rem;margin:.8rem 0;border-radius:3px}
.failure p{white-space:pre-wrap}
.failure h3{margin-top:.7rem}
details{border-bottom:1px solid var(--rule)}
summary{cursor:pointer;padding:.45rem 0}
details.tests{margin-bottom:1.4rem}
details .config{margin-left:1.1rem}
.config tr.default{color:var(--muted)}
.value{overflow-wrap:anywhere;min-width:6rem;max-width:26rem}
.keys{margin:.2rem 0 .9rem 1.1rem;font-size:.78rem}
.facts{display:grid;grid-template-columns:max-content 1fr;gap:.3rem 1.4rem;font-size:.92rem;margin:0}
.facts dt{color:var(--muted);grid-column:1}
.facts dd{margin:0;grid-column:2;min-width:0}
.kdp-graph{display:block;margin:0 auto}
@media (min-width:72rem){.bleed{width:min(100vw - 5rem,96rem);margin-left:calc(50% - min(50vw - 2.5rem,48rem))}}
footer{margin-top:3rem;padding-bottom:2.5rem;font-size:.85rem;color:var(--muted)}
@media (max-width:47rem){
body{font-size:15px}
main,header.top,footer{padding-left:1rem;padding-right:1rem}
header.top{padding-top:1.4rem}
h1{font-size:1.5rem}
section{margin-top:2rem}
.facts{grid-template-columns:1fr;gap:0}
.facts dd{grid-column:1;margin-bottom:.45rem}
.config{font-size:.85rem}details .config,.keys{margin-left:0}
}
@media print{
body{font-size:10.5pt}
main,header.top,footer{max-width:none;padding:0}
nav{display:none}
.scroll{overflow:visible}
.scroll>svg{min-width:0 !important;height:auto}
figure,tr,.gate,.failure{break-inside:avoid}
h2,h3,summary{break-after:avoid}
.bleed{width:auto;margin:0}
details::details-content{content-visibility:visible;block-size:auto}
.verdict,.note,.failure,.swatch,.key{print-color-adjust:exact;-webkit-print-color-adjust:exact}
}
`;

/** The style sheet of a report; no font, picture or script from anywhere else. */
export const reportCss = (): string => (paletteCss(":root") + PAGE_CSS + graphCss()).replace(/\n/g, "");
