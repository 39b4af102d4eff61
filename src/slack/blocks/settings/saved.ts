import type { ModalView } from '@slack/types';
import { DENIALS } from '../../../core/people/permission.ts';
import { count, formatAtMost } from '../../../core/text.ts';
import { SETTINGS } from '../actions.ts';
import { plain } from '../controls.ts';
import { moment, richText, section, text } from '../rich-text.ts';

/** What the settings modal shows after an action in it, and when a person may not use it. */

/** Why a person may not change the settings. */
export const SETTINGS_REFUSALS = {
  guest:
    'Guests can read the summary, but not change the settings. Please ask a member of this workspace.',
  foreign:
    'People of other organizations can read the summary, but not change the settings. Please ask a member of this workspace.',
  unknown: DENIALS.unknown,
  outside: 'Only people who are in a channel that I watch can change the settings.',
  later:
    'Slack cannot tell me right now who you are. Nothing was changed: please try again in a minute.',
} as const;

export const renderWords = (words: string): ModalView => renderDone(section(text(words)));

const renderDone = (...sections: Parameters<typeof richText>): ModalView => ({
  type: 'modal',
  title: plain('Settings'),
  close: plain('Close'),
  blocks: [richText(...sections)],
});

/**
 * @param times when the schedules are due next, in ms since 1970
 * @param timeZone the zone of the fallback text, for clients that cannot show the reader's own
 */
export function renderSaved(
  { summary, classify }: { summary: number | null; classify: number | null },
  timeZone: string,
): ModalView {
  return renderDone(
    section(
      text('Saved. It applies from now on.'),
      ...(summary === null
        ? []
        : [text(' The next summary: '), moment(summary, timeZone), text('.')]),
      ...(classify === null
        ? []
        : [text(' The next run without a summary: '), moment(classify, timeZone), text('.')]),
    ),
  );
}

/** Offers to judge messages again that were judged under earlier categories. */
export function renderRejudgeOffer({
  change,
  saved,
  days,
  messages,
  usd,
  model,
}: {
  change: number;
  /** Whether the settings have just been saved; else nothing was changed. */
  saved: boolean;
  days: number;
  messages: number;
  usd: number | null;
  model: string;
}): ModalView {
  const price =
    usd === null ? `at a price that is not known for ${model}` : `for ${formatAtMost(usd)}`;
  const what = messages === 1 ? 'the message' : `the ${count(messages, 'message')}`;
  return {
    type: 'modal',
    callback_id: SETTINGS.rejudge,
    private_metadata: String(change),
    title: plain('Settings'),
    submit: plain('Reclassify'),
    close: plain('Not now'),
    blocks: [
      richText(
        section(
          text(
            saved
              ? 'Saved. It applies to everything classified from now on.'
              : 'Nothing was changed.',
          ),
        ),
      ),
      richText(
        section(
          text(`Reclassify ${what} of the last ${days} days under these categories, ${price}?`),
        ),
      ),
      richText(
        section(
          text(
            'Categories that people set or confirmed stay. The summaries that show these messages are updated; nothing is posted twice.',
          ),
        ),
      ),
    ],
  };
}

export const REJUDGE_ANSWERS = {
  asked: 'They are being reclassified; their summaries are updated.',
  changed:
    'The settings have changed since then, so nothing is reclassified. The person who changed them was asked the same question.',
} as const;
