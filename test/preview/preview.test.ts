import { readdirSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { createBlockCheck } from '../../sim/slack/block-kit/validate.ts';
import { findLinks, findPings } from '../../sim/slack/text.ts';
import { WORKSPACE } from '../slack/blocks/digest/digests.ts';
import { drawBlocks } from './draw-blocks.ts';
import { anchorOf, drawPage, escapeHtml } from './draw-page.ts';
import { GROUPS, readSurfaces, type Surface } from './surfaces.ts';

const surfaces = readSurfaces();
const named = surfaces.map((surface) => [anchorOf(surface), surface] as [string, Surface]);

describe('every golden file', () => {
  test.each(named)(
    '%s is taken by Slack, short enough, rings nobody and fakes no link',
    (_, { parts }) => {
      expect(parts.length).toBeGreaterThan(0);
      const check = createBlockCheck([]);
      for (const part of parts) {
        const isPost = part.kind === 'post';
        const { blocks } = isPost ? part : part.view;
        if (part.kind === 'post') {
          check.message(part.blocks, part.text);
          expect(JSON.stringify(blocks).length).toBeLessThan(9000);
          expect(part.text).not.toBe('');
        } else {
          check.view(part.view, part.kind);
        }
        const seen = { text: isPost ? part.text : '', blocks: blocks as never[] };
        expect(findPings(seen)).toEqual([]);
        expect(findLinks(seen).filter(({ url }) => !url.startsWith(WORKSPACE))).toEqual([]);
      }
    },
  );

  test.each<[string, string[]]>([
    ['cards', ['open', 'claimed', 'long-names', 'right-to-left', 'emoji-only']],
    ['digests', ['nothing', 'one-message', 'mixed-42', 'five-thousand', 'all-noise']],
    ['digests', ['everything-flagged', 'long-names', 'right-to-left', 'emoji-only', 'hostile']],
    ['receipts', ['queued', 'at-claude', 'writing', 'canceled']],
    ['homes', ['no-channel', 'nothing-open', 'one-open', '15-open', '500-open']],
    ['homes', ['long-names', 'right-to-left', 'emoji-only']],
    ['modals', ['why-flagged', 'triage-flagged', 'why-right-to-left', 'why-emoji-only']],
    ['words', ['reminder', 'thanks', 'greeting', 'refused-guest']],
  ])('of %s there is each of the cases that tell most: %j', (group, names) => {
    const there = surfaces.filter((surface) => surface.group === group).map(({ name }) => name);
    expect(there).toEqual(expect.arrayContaining(names));
  });
});

test('every folder of golden files that people see is in the preview', () => {
  const folders = readdirSync(path.join(import.meta.dirname, '../fixtures'));
  const unseen = ['events', 'integrations', 'manifest', 'prompt'];
  const shown = folders.filter((folder) => !unseen.includes(folder));
  expect(shown.sort()).toEqual(Object.keys(GROUPS).sort());
});

describe('the page', () => {
  const page = drawPage(surfaces);

  test('has every surface, and each is in the contents', () => {
    for (const [anchor] of named) {
      // Not as a matcher of the page: it is long, and so would be its failure.
      expect([anchor, page.includes(`<section id="${anchor}">`)]).toEqual([anchor, true]);
      expect([anchor, page.includes(`<a href="#${anchor}">`)]).toEqual([anchor, true]);
    }
    const ids = [...page.matchAll(/ id="([^"]*)"/g)].map(([, id]) => id);
    expect(new Set(ids).size).toBe(ids.length);
    expect(ids).toHaveLength(surfaces.length);
  });

  test('has the text beside each post, and its words as plain text', () => {
    const posts = surfaces.flatMap(({ parts }) => parts.filter(({ kind }) => kind === 'post'));
    expect(posts.length).toBeGreaterThan(50);
    for (const post of posts) {
      if (post.kind !== 'post') continue;
      const isThere = page.includes(`<pre>${escapeHtml(post.text)}</pre>`);
      expect([post.text, isThere]).toEqual([post.text, true]);
    }
  });

  test('needs nothing besides itself', () => {
    const loads = page.match(
      /<(?:script|img|iframe)[^>]* src=|<link |@import|url\((?!["']?data:)/g,
    );
    expect(loads).toBeNull();
  });

  test('draws all of what is there today', () => {
    const folded = page.matchAll(/Not drawn whole: a block of type (\w+)/g);
    expect([...folded].map(([, type]) => type)).toEqual([]);
  });
});

describe('a block', () => {
  test('that the library does not know has its JSON beneath it', () => {
    const html = drawBlocks([
      { type: 'hologram', text: { type: 'plain_text', text: 'In <three>' } },
    ]);
    expect(html).toContain('Not drawn whole: a block of type hologram');
    expect(html).toContain('In &lt;three&gt;');
  });

  test('shows a plain text as it is, and of a select what is chosen', () => {
    const text = { type: 'plain_text', text: '<!channel> *all* :tada:', emoji: false };
    const option = { text: { type: 'plain_text', text: ':bug: Bug', emoji: true }, value: 'bug' };
    const select = { type: 'static_select', options: [option], initial_option: option };
    const html = drawBlocks([
      { type: 'section', text },
      { type: 'actions', elements: [select] },
    ]);
    expect(html).toContain('&lt;!channel&gt; *all* :tada:');
    expect(html).toMatch(/<option value="bug" selected="">🐛 Bug/);
  });
});
