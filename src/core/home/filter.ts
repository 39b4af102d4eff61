/** What a person has chosen to see of the open flags on their Home tab, and how many there are of each choice. */

export const WHOSE = ['all', 'mine', 'unclaimed'] as const;
/** `mine`: claimed by this person. */
export type Whose = (typeof WHOSE)[number];

export interface HomeFilter {
  whose: Whose;
  /** The key of a category; '': not classified; null: all. */
  category: string | null;
  /** null: all. */
  channel: string | null;
}

export const NO_FILTER: HomeFilter = { whose: 'all', category: null, channel: null };

/** How many open flags have these properties in common. */
export interface FlagGroup {
  channel: string;
  category: string;
  /** The second category; null: none. */
  also: string | null;
  whose: 'mine' | 'unclaimed' | 'others';
  flags: number;
}

/** How many flags each choice would show while the other choices stay as they are. */
export interface FilterCounts {
  /** What the filter shows now. */
  shown: number;
  whose: Record<Whose, number>;
  /** By key. A message is found under its second category too, so they may add up to more than all. */
  categories: Map<string, number>;
  allCategories: number;
  /** By id. */
  channels: Map<string, number>;
  allChannels: number;
}

export function countChoices(groups: FlagGroup[], filter: HomeFilter): FilterCounts {
  const anyCategory = groups.filter((group) => matches(group, { ...filter, category: null }));
  const anyChannel = groups.filter((group) => matches(group, { ...filter, channel: null }));
  const countWhose = (whose: Whose) =>
    sum(groups.filter((group) => matches(group, { ...filter, whose })));
  return {
    shown: sum(groups.filter((group) => matches(group, filter))),
    whose: {
      all: countWhose('all'),
      mine: countWhose('mine'),
      unclaimed: countWhose('unclaimed'),
    },
    categories: sumBy(anyCategory, categoriesOf),
    allCategories: sum(anyCategory),
    channels: sumBy(anyChannel, ({ channel }) => [channel]),
    allChannels: sum(anyChannel),
  };
}

const categoriesOf = ({ category, also }: FlagGroup) =>
  also === null ? [category] : [category, also];

const matches = (group: FlagGroup, { whose, category, channel }: HomeFilter) =>
  (whose === 'all' || group.whose === whose) &&
  (category === null || categoriesOf(group).includes(category)) &&
  (channel === null || group.channel === channel);

const sum = (groups: FlagGroup[]) => groups.reduce((total, { flags }) => total + flags, 0);

function sumBy(groups: FlagGroup[], keysOf: (group: FlagGroup) => string[]): Map<string, number> {
  const sums = new Map<string, number>();
  for (const group of groups) {
    for (const key of keysOf(group)) sums.set(key, (sums.get(key) ?? 0) + group.flags);
  }
  return sums;
}
