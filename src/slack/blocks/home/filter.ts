import type { ActionsBlock, Button, PlainTextOption, StaticSelect } from '@slack/types';
import type { HomeFacts } from '../../../core/home/facts.ts';
import { WHOSE, type Whose } from '../../../core/home/filter.ts';
import type { Taxonomy } from '../../../core/runs/taxonomy.ts';
import { formatNumber, shorten } from '../../../core/text.ts';
import { plain } from '../controls.ts';

/** The filters of the list on the Home tab, each choice with the number of messages that it would show. */

/** The ids of the buttons and selects of the filters. */
export const HOME_FILTER = {
  /** The prefix of the buttons; `whose` follows. */
  whose: 'home_whose_',
  category: 'home_category',
  channel: 'home_channel',
  /** Takes all filters away. */
  clear: 'home_filter_clear',
} as const;

const LABELS: Record<Whose, string> = { all: 'All', mine: 'Mine', unclaimed: 'Unclaimed' };

/** Slack's limits for an option's text and for the options of a select, November 2026. */
const LABEL_LENGTH = 75;
const OPTIONS = 100;

/** The value of the option that shows all; a key or an id has a prefix, so that it cannot be taken for it. */
const ALL = 'all';
const toValue = (key: string) => `is-${key}`;

/** What an option's value means: null for all; undefined for what no option has. */
export function parseOption(value: string): string | null | undefined {
  if (value === ALL) return null;
  return value.startsWith('is-') ? value.slice('is-'.length) : undefined;
}

export function renderFilters(home: HomeFacts, taxonomy: Taxonomy): ActionsBlock[] {
  const { filter, counts } = home;
  const buttons = WHOSE.map(
    (whose): Button => ({
      type: 'button',
      action_id: `${HOME_FILTER.whose}${whose}`,
      text: plain(withCount(LABELS[whose], counts.whose[whose])),
      ...(filter.whose === whose && { style: 'primary' }),
    }),
  );
  return [
    { type: 'actions', elements: buttons },
    {
      type: 'actions',
      // Slack's apps keep what a reader chose while the id stays the same.
      block_id: `home-choices-${filter.category ?? ''}-${filter.channel ?? ''}`,
      elements: [
        renderSelect(HOME_FILTER.category, listCategories(home, taxonomy), filter.category),
        ...(home.channels.length > 1
          ? [renderSelect(HOME_FILTER.channel, listChannels(home), filter.channel)]
          : []),
      ],
    },
  ];
}

/** A choice of a select; the first one shows all. */
interface Choice {
  key: string | null;
  label: string;
  emoji?: string | null;
  flags: number;
}

function renderSelect(actionId: string, choices: Choice[], chosen: string | null): StaticSelect {
  const options = choices.slice(0, OPTIONS).map(toOption);
  const at = choices.findIndex(({ key }) => key === chosen);
  const option = options[at] ?? options[0];
  return {
    type: 'static_select',
    action_id: actionId,
    options,
    ...(option && { initial_option: option }),
  };
}

function toOption({ key, label, emoji, flags }: Choice): PlainTextOption {
  const words = withCount(label, flags);
  const withSign = emoji ? `:${emoji}: ${words}` : words;
  return {
    text: plain(withSign.length <= LABEL_LENGTH ? withSign : shorten(words, LABEL_LENGTH), true),
    value: key === null ? ALL : toValue(key),
  };
}

/** Those that have open flags, in the order of the taxonomy, and the chosen one. */
function listCategories({ filter, counts }: HomeFacts, taxonomy: Taxonomy): Choice[] {
  const known = taxonomy.categories.map(({ key }) => key);
  const gone = [...counts.categories.keys()].filter((key) => !known.includes(key));
  const keys = new Set([...known, ...gone, ...(filter.category === null ? [] : [filter.category])]);
  const shown = [...keys].filter((key) => counts.categories.has(key) || key === filter.category);
  return [
    { key: null, label: 'All categories', flags: counts.allCategories },
    ...shown.map((key) => {
      const category = taxonomy.categories.find((one) => one.key === key);
      return {
        key,
        label: category?.name ?? (key || 'Not classified'),
        emoji: category?.emoji ?? null,
        flags: counts.categories.get(key) ?? 0,
      };
    }),
  ];
}

/** The chosen one and those with the most open flags come first. */
function listChannels({ channels, filter, counts }: HomeFacts): Choice[] {
  const choices = channels.map(({ id, name }) => ({
    key: id,
    label: `#${name ?? id}`,
    flags: counts.channels.get(id) ?? 0,
  }));
  const rank = ({ key, flags }: { key: string; flags: number }) =>
    key === filter.channel ? Number.POSITIVE_INFINITY : flags;
  return [
    { key: null, label: 'All channels', flags: counts.allChannels },
    ...choices.toSorted((a, b) => rank(b) - rank(a) || 0),
  ];
}

const withCount = (label: string, flags: number) => `${label} (${formatNumber(flags)})`;
