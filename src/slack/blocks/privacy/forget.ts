import type { ModalView } from '@slack/types';
import { count, shorten } from '../../../core/text.ts';
import { FORGET_VIEW } from '../actions.ts';
import { plain } from '../controls.ts';
import { NAME_LENGTH } from '../render-context.ts';
import { bold, richText, section, text } from '../rich-text.ts';
import { describeTexts } from './forgotten.ts';

/** The modal that says what would be forgotten, and asks whether it should be. */

export const FORGET = { block: 'by_name', choice: 'by_name_too', yes: 'yes' } as const;

/** What would be forgotten: how many messages and replies. */
export interface ForgetFacts {
  kind: 'message' | 'person';
  /** The person, as Slack names them; null when it does not. */
  name: string | null;
  messages: number;
  replies: number;
  /** Replies in the threads of the messages; those of the person are left out. */
  inThreads: number;
  /** Messages that integrations have posted under the person's name, in addition. */
  byName: number;
}

const TITLES = { message: 'Forget this message', person: 'Forget a person' } as const;

/** @param metadata what the submission has to know again */
export function renderForget(facts: ForgetFacts, metadata: string): ModalView {
  const { kind, messages, replies, inThreads, byName } = facts;
  const name = shorten(facts.name ?? '', NAME_LENGTH) || 'this person';
  const texts = describeTexts(messages, replies);
  const inside = count(inThreads, 'reply', 'replies');
  const words = kind === 'message' ? ` (${inside})` : ` (${inside} of others)`;
  const more = inThreads > 0 ? words : '';
  const what =
    kind === 'message'
      ? `The text of this message, its thread${more} and what I made of it will be erased.`
      : `${texts} that ${name} wrote, in all channels, will be erased, with their threads${more} and what I made of them.`;
  return {
    type: 'modal',
    callback_id: FORGET_VIEW,
    private_metadata: metadata,
    title: plain(TITLES[kind]),
    submit: plain('Forget'),
    close: plain('Cancel'),
    blocks: [
      richText(section(bold(what)), section(text('This cannot be undone.'))),
      ...(byName > 0
        ? [
            {
              type: 'input' as const,
              block_id: FORGET.block,
              optional: true,
              label: plain('What integrations have posted'),
              element: {
                type: 'checkboxes' as const,
                action_id: FORGET.choice,
                options: [byNameOption(byName, name)],
                initial_options: [byNameOption(byName, name)],
              },
            },
          ]
        : []),
      richText(section(text(STAYS)), section(text(BEYOND))),
    ],
  };
}

/** Slack's limit for an option, November 2026: 75 characters. */
const byNameOption = (byName: number, name: string) => ({
  text: plain(shorten(`Also ${count(byName, 'message')} posted for “${shorten(name, 40)}”`, 75)),
  value: FORGET.yes,
});

const STAYS =
  'What stays are numbers: when and where something was said, its category and how urgent it was. Summaries count it as before.';
const BEYOND =
  'I cannot erase what is elsewhere: the message in Slack itself, older backups of my database, and exports that people have received.';

/** The same modal with nothing to confirm. */
export const renderForgetWords = (kind: ForgetFacts['kind'], words: string): ModalView => ({
  type: 'modal',
  title: plain(TITLES[kind]),
  close: plain('Close'),
  blocks: [richText(section(text(words)))],
});
