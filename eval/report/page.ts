import { count, formatNumber } from '../../src/core/text.ts';
import { drawConfusion, drawCurve, drawReliability } from './charts.ts';
import type { Report } from './report.ts';
import {
  binHeadings,
  describeAttention,
  describeCost,
  interval,
  listBins,
  listClasses,
  listCurve,
  nameJudge,
  share,
} from './text.ts';

/** The figures as one page, which loads nothing and says everything in light and dark. */

/** Mistakes beyond these are not shown. */
const MISTAKES = 100;

export async function renderPage(report: Report): Promise<string> {
  const { curve, mistakes, data } = report;
  const shown = mistakes.slice(0, MISTAKES);
  const title = `How well ${nameJudge(report)} judges feedback`;
  return frame(
    title,
    report.note,
    `<p>${formatNumber(data.judged)} of ${count(data.labelled, 'labelled message')} from ${escapeHtml(data.source)}; model ${escapeHtml(report.model)}, prompt ${escapeHtml(report.prompt)}, seed ${report.seed}.</p>
${table(['', 'accuracy', '95 %', 'macro-F1', '95 %'], listWays(report))}
<section><h2>What is taken for what</h2>
<p>A row for each label, with how its messages were judged.</p>
${figure(await drawConfusion(report.confusion), 'Confusion matrix; its numbers by class are in the table below')}
${table(...split(listClasses(report)))}</section>
<section><h2>Is it as sure as it is right?</h2>
<p>On the dashed line, answers are as often right as they say. The expected calibration error is ${share(report.ece)}. The bars are 95 % intervals, the larger a point the more messages it stands for.</p>
${figure(await drawReliability(report), 'Share of right answers by confidence; the numbers are in the table below')}
${table(binHeadings, listBins(report))}</section>
${curve.length === 0 ? '' : await renderCurve(report)}
<section><h2>Attention and cost</h2>
<ul>${[...describeAttention(report), ...describeCost(report)].map((line) => `<li>${escapeHtml(line)}</li>`).join('')}</ul></section>
<section><h2>Where it is wrong</h2>
<p>${describeMistakes(mistakes.length, shown.length)}</p>
${
  shown.length === 0
    ? ''
    : table(
        ['label', 'answer', 'confidence', 'message'],
        shown.map((one) => [
          one.gold,
          one.predicted,
          one.confidence === null ? '–' : one.confidence.toFixed(2),
          one.text,
        ]),
        'wide',
      )
}</section>`,
  );
}

/** @param body HTML */
export const frame = (title: string, note: string | null, body: string) => `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>${escapeHtml(title)}</title>
<style>${STYLE}</style>
<main>
<h1>${escapeHtml(title)}</h1>
${note === null ? '' : `<p class="note" role="note">${escapeHtml(note)}</p>`}
${body}
</main>
</html>
`;

function listWays(report: Report): string[][] {
  const { lanes, baselines } = report;
  const ways = [
    ...Object.entries(lanes).map(([lane, one]) => [`${nameJudge(report)} (${lane})`, one] as const),
    ['keyword rules', baselines.keywords] as const,
    [
      `nearest of ${formatNumber(baselines.nearest.pool)} labelled messages`,
      baselines.nearest,
    ] as const,
  ];
  return ways.map(([name, one]) => [
    name,
    share(one.accuracy),
    interval(one.accuracyLow, one.accuracyHigh),
    share(one.macroF1),
    interval(one.macroF1Low, one.macroF1High),
  ]);
}

const renderCurve = async (report: Report) => `<section><h2>How much corrections help</h2>
<p>The same messages, with more and more labelled ones as corrections, of which up to six similar ones are shown with each.</p>
${figure(await drawCurve(report), 'Macro-F1 by the number of labelled messages; the numbers are in the table below')}
${table(
  ['examples', 'shown with each', 'accuracy', 'macro-F1', '95 %', 'the nearest one alone', 'cost'],
  listCurve(report),
)}</section>`;

function describeMistakes(all: number, shown: number): string {
  if (all === 0) return 'Nowhere.';
  const some = shown < all ? `; the first ${shown} are shown` : '';
  return `${count(all, 'message')}, the most confident answers first${some}.`;
}

const split = ([head = [], ...rows]: string[][]) => [head, rows] as const;

export const figure = (svg: string, alt: string) =>
  `<figure role="img" aria-label="${escapeHtml(alt)}">${svg.replace('<svg ', '<svg aria-hidden="true" ')}</figure>`;

export function table(head: readonly string[], rows: readonly string[][], name = ''): string {
  const cells = (tag: string, row: readonly string[]) =>
    row.map((cell) => `<${tag}>${escapeHtml(cell)}</${tag}>`).join('');
  return `<div class="scroll"><table class="${name}"><thead><tr>${cells('th', head)}</tr></thead><tbody>${rows
    .map((row) => `<tr>${cells('td', row)}</tr>`)
    .join('\n')}</tbody></table></div>`;
}

const ENTITIES: Record<string, string> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

export const escapeHtml = (text: string) =>
  text.replace(/[&<>"']/g, (sign) => ENTITIES[sign] ?? sign);

const STYLE = `
:root { color-scheme: light dark; --ink: #1d1c1d; --paper: #fff; --muted: #6b6a6c; --line: #d9d7d9; --accent: #1264a3; --note: #fff3d6; }
@media (prefers-color-scheme: dark) { :root { --ink: #e8e8e8; --paper: #1a1d21; --muted: #a3a3a6; --line: #42464b; --accent: #4ea1dd; --note: #4a3a12; } }
body { margin: 0; background: var(--paper); color: var(--ink); font: 16px/1.5 system-ui, sans-serif; }
main { max-width: 60rem; margin: 0 auto; padding: 1.5rem 1rem 4rem; }
h1 { font-size: 1.6rem; line-height: 1.2; }
h2 { font-size: 1.2rem; margin-top: 2.5rem; }
.note { background: var(--note); padding: .75rem 1rem; border-radius: .5rem; font-weight: 600; }
figure { margin: 1rem 0; overflow-x: auto; }
svg { max-width: 100%; height: auto; }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; font-variant-numeric: tabular-nums; font-size: .9rem; }
th, td { padding: .3rem .7rem; text-align: right; border-bottom: 1px solid var(--line); white-space: nowrap; }
th { font-weight: 600; color: var(--muted); }
th:first-child, td:first-child { text-align: left; }
.wide th, .wide td { vertical-align: top; text-align: left; }
.wide td:last-child { white-space: pre-wrap; overflow-wrap: anywhere; min-width: min(20rem, 60vw); }
@media (max-width: 30rem) { svg { max-width: none; } }
`;
