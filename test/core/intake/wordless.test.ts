import { expect, test } from 'vitest';
import { isWordless } from '../../../src/core/intake/wordless.ts';
import { gatherWords, wordedSchema } from '../../../src/core/intake/words.ts';

/** Pictures and clips without words. */

const show = (post: object) => gatherWords(wordedSchema.parse(post));
const png = {
  id: 'F1',
  name: 'image.png',
  title: 'image.png',
  mimetype: 'image/png',
  filetype: 'png',
};

test.each<[string, object, string]>([
  ['a picture', { text: '', files: [png] }, '[file: image.png]\n(a picture without words)'],
  [
    'a screenshot',
    { files: [{ ...png, title: 'Screenshot 2026-11-22 at 10.45.01 PM' }] },
    '[file: Screenshot 2026-11-22 at 10.45.01 PM]\n(a picture without words)',
  ],
  [
    'two pictures',
    { files: [png, png] },
    '[file: image.png]\n[file: image.png]\n(a picture without words)',
  ],
  [
    'a picture that is known by its type only',
    { files: [{ ...png, mimetype: '', name: 'x', title: 'IMG_1234.HEIC', filetype: 'heic' }] },
    '[file: IMG_1234.HEIC]\n(a picture without words)',
  ],
  [
    'a forwarded picture',
    { attachments: [{ is_share: true, files: [png] }] },
    '[file: image.png]\n(a picture without words)',
  ],
  [
    'an attached picture',
    { attachments: [{ image_url: 'https://x.example/a.png' }] },
    '(a picture without words)',
  ],
  [
    'an attached picture by the name of its file',
    { attachments: [{ title: 'image.png', image_url: 'https://x.example/a.png', fallback: 'x' }] },
    '[file: image.png]\n(a picture without words)',
  ],
  [
    'a picture in a block, whose alternative text says nothing',
    { blocks: [{ type: 'image', image_url: 'https://x.example/a.png', alt_text: 'image' }] },
    '[file: image]\n(a picture without words)',
  ],
  [
    'a voice clip without a transcript',
    {
      files: [
        { id: 'F1', title: 'audio_message.m4a', subtype: 'slack_audio', mimetype: 'audio/mp4' },
      ],
    },
    '[file: audio_message.m4a]\n(a clip without words)',
  ],
])('%s', (_what, post, shown) => {
  expect(show(post)).toBe(shown);
  expect(isWordless(shown)).toBe(true);
});

test.each<[string, object]>([
  ['a picture with a word', { text: 'look', files: [png] }],
  ['an alternative text', { files: [{ ...png, alt_txt: 'Error dialog' }] }],
  ['a title that somebody chose', { files: [{ ...png, title: 'the empty page' }] }],
  [
    'a transcript',
    {
      files: [
        {
          id: 'F1',
          title: 'audio_message.m4a',
          subtype: 'slack_audio',
          transcription: { status: 'complete', preview: { content: 'It fails' } },
        },
      ],
    },
  ],
  [
    'a document',
    {
      files: [
        {
          id: 'F1',
          title: 'log.pdf',
          name: 'log.pdf',
          mimetype: 'application/pdf',
          filetype: 'pdf',
        },
      ],
    },
  ],
  ['nothing', { text: '' }],
  [
    'a link preview with a picture',
    {
      text: 'https://x.example',
      attachments: [{ from_url: 'https://x.example', image_url: 'https://x.example/a.png' }],
    },
  ],
  ['words like ours', { text: 'It is (a picture without words)' }],
])('%s is not wordless', (_what, post) => {
  expect(isWordless(show(post))).toBe(false);
});
