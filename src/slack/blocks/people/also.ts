import type { ActionsBlock } from '@slack/types';
import type { CardFacts } from '../../../core/people/card.ts';
import { checkAlso, listSecondCategories } from '../../../core/runs/also.ts';
import type { Taxonomy } from '../../../core/runs/taxonomy.ts';
import { ACTIONS, formatTarget } from '../actions.ts';
import { plain, toOption } from '../controls.ts';

/** The second category of a message: how it is said, and the select that changes it. */

/** `, also Feature request`; '' when the message does one thing. */
export const describeAlso = (also: string | null, { categories }: Taxonomy): string =>
  also === null ? '' : `, also ${categories.find(({ key }) => key === also)?.name ?? also}`;

/** The value of the option that takes it away; no key of a category begins like that. */
const NONE = '_none';

/** What a chosen option means; '' for none. */
export const parseAlso = (value: string) => (value === NONE ? '' : value);

/** Nothing for what can have none: noise, and what nobody has judged. */
export function renderAlso(
  { channel, ts, category, also }: CardFacts,
  taxonomy: Taxonomy,
): ActionsBlock[] {
  const seconds = listSecondCategories(taxonomy).filter(
    ({ key }) => checkAlso(key, category, taxonomy) !== null,
  );
  if (category === '' || seconds.length === 0) return [];
  const none = { text: plain('No second category'), value: NONE };
  const options = [none, ...seconds.map((second) => toOption(second, 'also '))];
  const chosen = options.find(({ value }) => value === also) ?? none;
  return [
    {
      type: 'actions',
      block_id: formatTarget(channel, ts, `_also_${also ?? ''}`),
      elements: [
        { type: 'static_select', action_id: ACTIONS.also, options, initial_option: chosen },
      ],
    },
  ];
}
