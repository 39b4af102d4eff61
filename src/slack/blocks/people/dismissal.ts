import type { PlainTextOption, StaticSelect } from '@slack/types';
import type { CardFacts } from '../../../core/people/card.ts';
import {
  DISMISS_REASONS,
  type DismissedCounts,
  type DismissReason,
} from '../../../core/people/dismissal.ts';
import { formatNumber } from '../../../core/text.ts';
import { ACTIONS } from '../actions.ts';
import { plain } from '../controls.ts';

/** The words for why a message is not an issue, and the select that offers them. */

const LABELS: Record<DismissReason, string> = {
  known: 'Known',
  duplicate: 'Duplicate of…',
  as_meant: 'Works as meant',
  not_ours: 'Not ours',
  no_feedback: 'Not feedback',
};

const REASON_WORDS: Record<DismissReason, string> = {
  known: 'known',
  duplicate: 'a duplicate',
  as_meant: 'works as meant',
  not_ours: 'not ours',
  no_feedback: 'not feedback',
};

/** As a card says it. */
export const describeDismissal = (who: string, reason: DismissReason | null): string =>
  `Not an issue, says ${who}${reason === null ? '' : `: ${REASON_WORDS[reason]}`}`;

const toOption = (reason: DismissReason): PlainTextOption => ({
  text: plain(LABELS[reason]),
  value: reason,
});

/**
 * @param chosen what it shows; null: nothing yet
 * @param offered all, or those that fit several messages at once
 */
export function reasonSelect(
  actionId: string,
  chosen: DismissReason | null,
  offered: readonly DismissReason[] = DISMISS_REASONS,
): StaticSelect {
  return {
    type: 'static_select',
    action_id: actionId,
    placeholder: plain('Why? (optional)'),
    options: offered.map(toOption),
    ...(chosen && { initial_option: toOption(chosen) }),
  };
}

/** What a dismissed message offers: to say why. */
export const renderReasons = ({ state, why }: CardFacts): StaticSelect[] =>
  state === 'dismissed' ? [reasonSelect(ACTIONS.reason, why?.reason ?? null)] : [];

/** What can be said of several messages at once. */
export const COMMON_REASONS = DISMISS_REASONS.filter((reason) => reason !== 'duplicate');

const COUNTED: Record<DismissReason, string> = { ...REASON_WORDS, duplicate: 'duplicate' };

/** `4 known, 2 works as meant, 1 without a reason`. */
export const describeDismissed = (counts: DismissedCounts): string =>
  counts
    .map(({ reason, messages }) => {
      const words = reason === null ? 'without a reason' : COUNTED[reason];
      return `${formatNumber(messages)} ${words}`;
    })
    .join(', ');
