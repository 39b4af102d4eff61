import { expect, test } from 'vitest';
import { renderPage } from '../../eval/report/page.ts';
import { renderText } from '../../eval/report/text.ts';
import { FEEDBACK, lines, makeFolder, runEval } from './stage.ts';

const EVIL = '<script>alert("x")</script> & the app crashes';

async function draw() {
  const rows = [...FEEDBACK, ...FEEDBACK, ...FEEDBACK].map(({ text, label }, n) => ({
    text: n === 7 ? EVIL : `${text} ${n}`,
    label,
  }));
  const at = makeFolder({ 'data.jsonl': lines(rows) });
  const { report } = await runEval([
    '--data',
    at('data.jsonl'),
    '--sample',
    '12',
    '--examples',
    '8',
  ]);
  const first = report.mistakes[0];
  if (!first) throw new Error('the keyword rules make a mistake here');
  return { ...report, mistakes: [{ ...first, text: EVIL }] };
}

test('the page holds everything, in pictures and in tables, and escapes every text', async () => {
  const report = await draw();
  const page = await renderPage(report);
  // The confusion matrix, the reliability curve and the learning curve.
  expect(page.match(/<svg /g)).toHaveLength(3);
  expect(page).toContain('not Claude');
  expect(page).toContain('prefers-color-scheme: dark');
  expect(page).toContain('&lt;script&gt;alert(&quot;x&quot;)&lt;/script&gt; &amp; the app crashes');
  expect(page).not.toContain('<script');
  // It loads nothing.
  expect(page.replaceAll(/xmlns(?::xlink)?="[^"]*"/g, '')).not.toMatch(/https?:|src=|href=|url\(/);
  // Colours are those of the page.
  expect(page).not.toMatch(/(?:fill|stroke)="(?:#|black|white|rgb)/);
});

test('the terminal shows the same', async () => {
  const report = await draw();
  const text = renderText(report);
  expect(text).toContain("! The stand-in's keyword rules were measured");
  for (const heading of ['how well', 'by class', 'confusion', 'calibration', 'learning curve']) {
    expect(text).toContain(heading);
  }
  expect(text).toContain('12 of 24 labelled messages');
  expect(report.curve.map(({ examples }) => examples)).toEqual([0, 1, 2, 4, 8]);
});
