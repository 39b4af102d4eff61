import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { flattenBlocks } from '../../src/slack/blocks/flatten.ts';
import { drawBlocks, drawMrkdwn } from './draw-blocks.ts';
import { GROUPS, type Group, type Post, type Surface } from './surfaces.ts';

/** All surfaces on one page that needs nothing besides itself. */

export const anchorOf = ({ group, name }: Surface) => `${group}-${name}`;

export function drawPage(surfaces: Surface[]): string {
  const groups = Map.groupBy(surfaces, ({ group }) => group);
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Winnow: every surface</title>
<style>${readLibraryStyle()}</style>
<style>${readFileSync(path.join(import.meta.dirname, 'page.css'), 'utf8')}</style>
<script>
  const dark = matchMedia('(prefers-color-scheme: dark)');
  const show = (theme) => { document.documentElement.dataset.theme = theme; };
  show(location.hash === '#dark' || dark.matches ? 'dark' : 'light');
</script>
</head>
<body>
<nav aria-label="Contents">
<h1>Winnow</h1>
<button type="button" onclick="show(document.documentElement.dataset.theme === 'dark' ? 'light' : 'dark')">Light or dark</button>
${[...groups].map(([group, all]) => drawContents(group, all)).join('\n')}
</nav>
<main>
${[...groups].map(([group, all]) => `<h2>${GROUPS[group]}</h2>\n${all.map(drawSurface).join('\n')}`).join('\n')}
</main>
</body>
</html>
`;
}

const drawContents = (group: Group, surfaces: Surface[]) =>
  `<h2>${GROUPS[group]}</h2><ul>${surfaces
    .map((surface) => `<li><a href="#${anchorOf(surface)}">${surface.name}</a></li>`)
    .join('')}</ul>`;

/** Of a long thread the first replies are shown, the others folded. */
const REPLIES_SHOWN = 4;

function drawSurface(surface: Surface): string {
  const parts = surface.parts.map((part) =>
    part.kind === 'post' ? drawPost(part) : drawView(part.kind, part.title, part.submit, part.view),
  );
  const shown = parts.slice(0, 1 + REPLIES_SHOWN).join('\n');
  const rest = parts.slice(1 + REPLIES_SHOWN);
  const more = rest.length
    ? `<details><summary>${rest.length} more in the thread</summary>${rest.join('\n')}</details>`
    : '';
  return `<section id="${anchorOf(surface)}"><h3>${surface.name}</h3>${shown}${more}</section>`;
}

function drawPost({ text, blocks, isReply }: Post): string {
  const plain = flattenBlocks(text, blocks);
  const length = JSON.stringify(blocks).length.toLocaleString('en');
  return `<article class="${isReply ? 'reply' : 'post'}">
<div class="message"><div class="author"><b>Winnow</b> <small>APP</small></div>
<div class="blocks">${blocks.length ? drawBlocks(blocks) : drawMrkdwn(text)}</div></div>
<aside>
<h4>Notification, screen reader</h4><pre>${escapeHtml(text)}</pre>
${blocks.length ? `<details><summary>As plain text, where blocks are refused</summary><pre>${escapeHtml(plain)}</pre></details>` : ''}
<small>${blocks.length} blocks, ${length} characters of JSON</small>
</aside>
</article>`;
}

function drawView(
  kind: 'modal' | 'home',
  title: string,
  submit: string,
  view: { blocks: object[] },
): string {
  const size = `${view.blocks.length} blocks, ${JSON.stringify(view).length.toLocaleString('en')} characters of JSON`;
  return `<article class="${kind}">
<div class="frame">${title ? `<header>${escapeHtml(title)}</header>` : ''}
<div class="blocks">${drawBlocks(view.blocks)}</div>
${submit ? `<footer><button type="button" class="primary">${escapeHtml(submit)}</button></footer>` : ''}</div>
<aside><small>${size}</small></aside>
</article>`;
}

/** The library styles by one id, which stands many times here: its class is to count as much. */
function readLibraryStyle(): string {
  const entry = createRequire(import.meta.url).resolve('slack-blocks-to-jsx');
  const style = readFileSync(path.join(path.dirname(entry), 'style.css'), 'utf8');
  return style.replaceAll('#slack_blocks_to_jsx', ':is(#one,.slack_blocks_to_jsx)');
}

export const escapeHtml = (text: string) =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
