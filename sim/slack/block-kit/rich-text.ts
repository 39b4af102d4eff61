// rich_text: sections, lists, quotes and preformatted text, and the elements inside them.
import { byType, fields, flag, list, number, type Rule, text } from './rules.ts';

const word = text({ min: 1 });
const style = fields(
  {},
  {
    bold: flag,
    italic: flag,
    strike: flag,
    code: flag,
    underline: flag,
    highlight: flag,
    client_highlight: flag,
    unlink: flag,
  },
);
const styled = { style };

const inline: Rule = byType(
  {
    text: fields({ text: text({ min: 1 }) }, styled),
    link: fields({ url: word }, { ...styled, text: text(), unsafe: flag }),
    emoji: fields({ name: word }, { ...styled, unicode: text(), url: text(), skin_tone: number() }),
    user: fields({ user_id: word }, styled),
    usergroup: fields({ usergroup_id: word }, styled),
    channel: fields({ channel_id: word }, styled),
    team: fields({ team_id: word }, styled),
    broadcast: fields({ range: text({ oneOf: ['here', 'channel', 'everyone'] }) }, styled),
    color: fields({ value: word }, styled),
    date: fields(
      { timestamp: number({ integer: true }), format: word },
      { ...styled, url: text(), fallback: text() },
    ),
  },
  'rich text element',
);

const border = number({ min: 0, max: 1, integer: true });
const section = fields({ elements: list(inline) });

const block: Rule = byType(
  {
    rich_text_section: section,
    rich_text_list: fields(
      {
        elements: list(byType({ rich_text_section: section }, 'list item')),
        style: text({ oneOf: ['bullet', 'ordered'] }),
      },
      {
        indent: number({ min: 0, max: 8, integer: true }),
        offset: number({ min: 0, integer: true }),
        border,
      },
    ),
    rich_text_quote: fields({ elements: list(inline) }, { border }),
    rich_text_preformatted: fields({ elements: list(inline) }, { border, language: text() }),
  },
  'rich text block',
);

/** The content of a rich_text block, without `type` and `block_id`. */
export const richTextFields: Record<string, Rule> = { elements: list(block, { min: 1 }) };

export const richTextCell: Rule = fields(richTextFields, { block_id: text({ max: 255 }) });
