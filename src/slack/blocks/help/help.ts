import type { RichTextElement } from '@slack/types';
import type { Rendered } from '../../../core/delivery/effects.ts';
import type { Host } from '../../../core/settings/hosted.ts';
import { MISSING_KEY } from '../operator.ts';
import { bold, bullets, code, emoji, moment, richText, section, text } from '../rich-text.ts';
import { type LegendFacts, renderLegend } from './legend.ts';

/** What the bot says to people who mention it or write to it directly. */

/** A sub-command as people type it, and what it does. */
export interface CommandLine {
  typed: string;
  help: string;
}

/** Where somebody asks. `watched`: the ids of the channels that feedback is collected from. */
export type Place =
  | { kind: 'feedback'; nextSummaryAt: number | null }
  | { kind: 'direct' | 'elsewhere'; watched: string[] };

interface HelpFacts extends LegendFacts {
  commands: CommandLine[];
  place: Place;
  hosted: Host;
  /** An IANA name. */
  timeZone: string;
}

/** So many channels are named at most. */
const MAX_NAMED = 10;

const ABOUT =
  'Winnow sorts the feedback in a channel: it classifies every message, reacts with its category, and posts one summary thread. There you claim, resolve and correct messages, with a reaction or a button.';

export function renderHelp(facts: HelpFacts): Rendered {
  const { commands, place, timeZone, hosted } = facts;
  return {
    text: ABOUT,
    blocks: [
      richText(
        section(text(ABOUT)),
        ...(hosted?.key === 'none' ? [section(emoji('warning'), text(` ${MISSING_KEY}`))] : []),
        section(...describePlace(place, timeZone)),
      ),
      renderLegend(facts),
      richText(
        section(bold('Commands'), text(', in the message box of the channel')),
        bullets(commands.map(({ typed, help }) => section(code(typed), text(`: ${help}`)))),
      ),
    ],
  };
}

/** Says how to ask for something that a sub-command answers. */
export function renderHowToType({ typed }: CommandLine, place: Place): Rendered {
  const where: RichTextElement[] =
    place.kind === 'feedback'
      ? [text('this channel')]
      : place.watched.length > 0
        ? listChannels(place.watched, ' or ')
        : [text('your feedback channel')];
  return {
    text: `Type ${typed} in the message box of the channel.`,
    blocks: [
      richText(
        section(
          text('Type '),
          code(typed),
          text(' in the message box of '),
          ...where,
          text('. Commands do not work in threads or direct messages.'),
        ),
      ),
    ],
  };
}

function describePlace(place: Place, timeZone: string): RichTextElement[] {
  if (place.kind === 'feedback') {
    return place.nextSummaryAt === null
      ? [bold('Next summary: '), text('none is scheduled')]
      : [bold('Next summary: '), moment(place.nextSummaryAt, timeZone)];
  }
  const here = place.kind === 'direct' ? 'in direct messages' : 'in this channel';
  const none = text(`Feedback is not collected ${here}. `);
  if (place.watched.length === 0) {
    return [
      none,
      text('Winnow is in no feedback channel yet: type '),
      code('/invite'),
      text(' in yours and choose Winnow.'),
    ];
  }
  return [none, text('It is collected in '), ...listChannels(place.watched, ' and '), text('.')];
}

function listChannels(ids: string[], last: ' and ' | ' or '): RichTextElement[] {
  const named = ids.slice(0, MAX_NAMED);
  const more = ids.length - named.length;
  return [
    ...named.flatMap((id, index): RichTextElement[] => [
      ...(index === 0 ? [] : [text(index === ids.length - 1 ? last : ', ')]),
      { type: 'channel', channel_id: id },
    ]),
    ...(more > 0 ? [text(`${last}${more} more`)] : []),
  ];
}
