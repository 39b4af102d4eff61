import type { ModalView } from '@slack/types';
import { DENIALS } from '../../../core/people/permission.ts';
import type { Hosted } from '../../../core/settings/hosted.ts';
import { shorten } from '../../../core/text.ts';
import { KEY } from '../actions.ts';
import { plain } from '../controls.ts';
import { namePerson, type RenderContext } from '../render-context.ts';
import { bold, richText, section, text } from '../rich-text.ts';
import { endSentence } from '../trouble.ts';
import { SETTINGS_REFUSALS } from './saved.ts';

/**
 * The modal in which the Anthropic API key of a hosted bot is set. A key that was set is never shown: what is
 * typed is in the submission alone.
 */

const TITLE = plain('Anthropic key');

const REASON_LENGTH = 300;

/** Slack's own limit, November 2026, is 3,000. */
const KEY_LENGTH = 300;

/** US dollars, rounded up. */
const formatCents = (usd: number) => `$${(Math.ceil(usd * 100) / 100).toFixed(2)}`;

interface KeyFacts {
  /** Whether there is one, which can be removed. */
  isSet: boolean;
  /** What 1,000 messages cost at most, in US dollars; null when the price of the model is not known. */
  thousandUsd: number | null;
  model: string;
  /** What came of the last try. */
  notice?: string;
}

export function renderKey({ isSet, thousandUsd, model, notice }: KeyFacts): ModalView {
  const cost =
    thousandUsd === null
      ? ''
      : ` 1,000 messages cost at most about ${formatCents(thousandUsd)} with ${model}.`;
  return {
    type: 'modal',
    callback_id: KEY.save,
    title: TITLE,
    submit: plain('Set the key'),
    close: plain('Cancel'),
    blocks: [
      ...(notice ? [richText(section(bold(notice)))] : []),
      richText(
        section(
          text(
            `Claude, by Anthropic, classifies your messages. Winnow asks it with an API key of your own Anthropic account, which is billed for it.${cost}`,
          ),
        ),
      ),
      richText(section(text('You can create a key at platform.claude.com, under API keys.'))),
      {
        type: 'input',
        block_id: KEY.block,
        label: plain(isSet ? 'New API key' : 'API key'),
        hint: plain(
          'Only you see this window; Slack has no field that hides what you type. The key is stored encrypted and is never shown again.',
        ),
        element: {
          type: 'plain_text_input',
          action_id: KEY.input,
          placeholder: plain('sk-ant-…'),
          max_length: KEY_LENGTH,
        },
      },
      ...(isSet
        ? [
            richText(section(text('A key is set. A new one replaces it.'))),
            {
              type: 'actions' as const,
              elements: [
                {
                  type: 'button' as const,
                  action_id: KEY.remove,
                  text: plain('Remove the key'),
                  style: 'danger' as const,
                  confirm: {
                    title: plain('Remove the key?'),
                    text: plain(
                      'Messages are still collected, but none is classified until another key is set.',
                    ),
                    confirm: plain('Remove it'),
                    deny: plain('Keep it'),
                    style: 'danger' as const,
                  },
                },
              ],
            },
          ]
        : []),
    ],
  };
}

/** The same modal with nothing to type. */
export const renderKeyWords = (words: string): ModalView => ({
  type: 'modal',
  title: TITLE,
  close: plain('Close'),
  blocks: [richText(section(text(words)))],
});

const ASK_ADMIN = 'Please ask an admin or owner of this workspace.';

/** Why somebody may not set the key who is no member of the workspace. */
export const KEY_REFUSALS = {
  guest: `Guests cannot set the key. ${ASK_ADMIN}`,
  foreign: `People of other organizations cannot set the key. ${ASK_ADMIN}`,
  unknown: DENIALS.unknown,
  moot: DENIALS.moot,
  later: SETTINGS_REFUSALS.later,
} as const;

/** Who may set the key, for members who may not; plain text. */
export function describeKeySetters(
  { installedBy }: Pick<Hosted, 'installedBy'>,
  renderContext: RenderContext,
): string {
  const name = namePerson(installedBy, renderContext, '');
  const who = name ? `${name}, who installed Winnow,` : 'The person who installed Winnow';
  return `${who} can set the key, and so can the admins and owners of this workspace.`;
}

/** Why a key was not taken; plain text. */
export const KEY_PROBLEMS = {
  form: 'This is not an Anthropic API key: they begin with sk-ant- and have no spaces.',
  refused: (reason: string) =>
    `Anthropic does not accept this key: ${endReason(reason)} Nothing was stored.`,
  unclear: (reason: string) =>
    `I could not check this key at Anthropic: ${endReason(reason)} Nothing was stored. Please try again in a minute.`,
} as const;

const endReason = (reason: string) => endSentence(shorten(reason, REASON_LENGTH));

export const KEY_ANSWERS = {
  set: 'The key is set. Messages are classified with it from now on.',
  removed:
    'The key is removed. Messages are still collected, but none is classified until another key is set.',
  checking: 'Anthropic takes longer than usual to check the key. What came of it appears here.',
} as const;
