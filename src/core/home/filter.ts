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
  whose: 'mine' | 'unclaimed' | 'others';
  flags: number;
}

/** How many flags each choice would show while the other choices stay as they are. */
export interface FilterCounts {
  /** What the filter shows now. */
  shown: number;
  whose: Record<Whose, number>;
  /** By key. */
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
    categories: sumBy(anyCategory, ({ category }) => category),
    allCategories: sum(anyCategory),
    channels: sumBy(anyChannel, ({ channel }) => channel),
    allChannels: sum(anyChannel),
  };
}

const matches = (group: FlagGroup, { whose, category, channel }: HomeFilter) =>
  (whose === 'all' || group.whose === whose) &&
  (category === null || group.category === category) &&
  (channel === null || group.channel === channel);

const sum = (groups: FlagGroup[]) => groups.reduce((total, { flags }) => total + flags, 0);

const sumBy = (groups: FlagGroup[], keyOf: (group: FlagGroup) => string) =>
  new Map([...Map.groupBy(groups, keyOf)].map(([key, members]) => [key, sum(members)]));
