// Every kind of block: its fields, its limits and where it is allowed.
import type { JsonObject } from '../types.ts';
import { dataTable, dataVisualization, table } from './data-blocks.ts';
import {
  accessory,
  actionsElement,
  buttonElement,
  contextAction,
  image,
  imageElement,
  inputElement,
} from './elements.ts';
import { richTextCell, richTextFields } from './rich-text.ts';
import {
  byType,
  type Check,
  fields,
  flag,
  list,
  number,
  type Rule,
  report,
  text,
  textObject,
} from './rules.ts';

type Surface = Check['surface'];
interface Placement {
  /** Where it is allowed; default everywhere. */
  on?: readonly Surface[];
  /** How many of them a message or view may have. */
  max?: number;
}
type Extra = (value: JsonObject, path: string, check: Check) => void;

const blockId = { block_id: text({ min: 1, max: 255 }) };
const plain = (max: number): Rule => textObject({ only: 'plain_text', max });
const mrkdwn = (max: number): Rule => textObject({ only: 'mrkdwn', max });

const block = (
  required: Record<string, Rule>,
  optional: Record<string, Rule> = {},
  extra?: Extra,
): Rule => fields(required, { ...optional, ...blockId }, extra);

const richText = byType({ rich_text: richTextCell }, 'block');
const sources = list(
  byType({ url: fields({ url: text({ min: 1 }), text: text({ min: 1 }) }) }, 'source'),
);
const taskCard = block(
  {
    task_id: text({ min: 1 }),
    title: text({ min: 1 }),
    status: text({ oneOf: ['pending', 'in_progress', 'complete', 'error'] }),
  },
  { details: richText, output: richText, sources },
);
const card = block(
  {},
  {
    hero_image: imageElement,
    icon: imageElement,
    title: mrkdwn(150),
    subtitle: mrkdwn(150),
    body: mrkdwn(200),
    actions: list(buttonElement, { min: 1, max: 5 }),
  },
  (value, path, check) => {
    if (!['hero_image', 'title', 'actions', 'body'].some((key) => value[key] !== undefined)) {
      report(check, path, 'must define at least one of `hero_image`, `title`, `actions`, `body`');
    }
  },
);

const CONTAINED = [
  'actions',
  'context',
  'divider',
  'file',
  'header',
  'image',
  'input',
  'rich_text',
  'section',
  'table',
  'video',
];

const BLOCKS: Record<string, Rule> = {
  actions: block({ elements: list(actionsElement, { min: 1, max: 25 }) }),
  alert: block(
    { text: textObject({ max: 200 }) },
    { level: text({ oneOf: ['default', 'info', 'warning', 'error', 'success'] }) },
  ),
  card,
  carousel: block({ elements: list(byType({ card }, 'element'), { min: 1, max: 10 }) }),
  container: block(
    {
      child_blocks: (value, path, check) =>
        list((entry, at) => checkBlock(entry, at, check, CONTAINED), { min: 1, max: 10 })(
          value,
          path,
          check,
        ),
    },
    {
      title: plain(150),
      rich_text_title: richText,
      subtitle: textObject({ max: 150 }),
      width: text({ oneOf: ['narrow', 'standard', 'wide', 'full'] }),
      icon: imageElement,
      is_collapsible: flag,
      default_collapsed: flag,
      has_header_divider: flag,
    },
    (value, path, check) => {
      if ((value.title === undefined) === (value.rich_text_title === undefined)) {
        report(check, path, 'must define either `title` or `rich_text_title`');
      }
    },
  ),
  context: block({
    elements: list(
      byType(
        {
          image,
          plain_text: fields({ text: text({ min: 1, max: 3000 }) }, { emoji: flag }),
          mrkdwn: fields({ text: text({ min: 1, max: 3000 }) }, { verbatim: flag }),
        },
        'element',
      ),
      { min: 1, max: 10 },
    ),
  }),
  context_actions: block({ elements: list(contextAction, { min: 1, max: 5 }) }),
  data_table: block(dataTable.required, dataTable.optional, dataTable.extra),
  data_visualization: block(dataVisualization.required),
  divider: block({}),
  file: block({ external_id: text({ min: 1 }), source: text({ oneOf: ['remote'] }) }),
  header: block({ text: plain(150) }, { level: number({ min: 1, max: 6, integer: true }) }),
  // The fields of the image element plus a title.
  image: (value, path, check) => {
    const { title, block_id: id, ...rest } = value as JsonObject;
    if (title !== undefined) plain(2000)(title, `${path}/title`, check);
    if (id !== undefined) blockId.block_id(id, `${path}/block_id`, check);
    image(rest, path, check);
  },
  input: block(
    { label: plain(2000), element: inputElement },
    { hint: plain(2000), optional: flag, dispatch_action: flag },
  ),
  markdown: block({ text: text({ min: 1, max: 12_000 }) }),
  plan: block(
    { title: text({ min: 1 }) },
    { tasks: list(byType({ task_card: taskCard }, 'task')) },
  ),
  rich_text: block(richTextFields),
  section: block(
    {},
    {
      text: textObject({ max: 3000 }),
      fields: list(textObject({ max: 2000 }), { min: 1, max: 10 }),
      accessory,
      expand: flag,
    },
    (value, path, check) => {
      if (value.text === undefined && value.fields === undefined) {
        report(check, path, 'must define either `text` or `fields`');
      }
    },
  ),
  table: block(table.required, table.optional),
  task_card: taskCard,
  video: block(
    {
      video_url: text({ min: 1, max: 3000 }),
      thumbnail_url: text({ min: 1, max: 3000 }),
      alt_text: text({ min: 1 }),
      title: plain(199),
    },
    {
      title_url: text(),
      author_name: text({ max: 49 }),
      provider_name: text(),
      provider_icon_url: text(),
      description: plain(199),
    },
  ),
};

const PLACEMENTS: Record<string, Placement> = {
  alert: { on: ['modal'] },
  card: { on: ['message'] },
  carousel: { on: ['message'] },
  container: { on: ['message'] },
  context_actions: { on: ['message'] },
  data_table: { on: ['message'] },
  data_visualization: { on: ['message'], max: 2 },
  file: { on: ['message'] },
  markdown: { on: ['message'] },
  plan: { on: ['message'] },
  table: { on: ['message'], max: 1 },
  task_card: { on: ['message'] },
};

/** Checks one block, including whether it is allowed in this place. */
export function checkBlock(
  value: unknown,
  path: string,
  check: Check,
  allowed?: readonly string[],
): void {
  const type =
    typeof value === 'object' && value !== null ? String((value as JsonObject).type) : '';
  const { on, max = Number.POSITIVE_INFINITY } = PLACEMENTS[type] ?? {};
  const outOfPlace = (on && !on.includes(check.surface)) || (allowed && !allowed.includes(type));
  if (check.refused.has(type) || outOfPlace) {
    report(check, path, `unsupported block type: ${type}`);
    return;
  }
  const count = (check.counts.get(type) ?? 0) + 1;
  check.counts.set(type, count);
  if (count > max) report(check, path, `no more than ${max} blocks of type ${type} allowed`);
  byType(BLOCKS, 'block type')(value, path, check);
}
