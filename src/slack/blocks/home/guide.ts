import type { ActionsBlock, HomeView, RichTextElement } from '@slack/types';
import type { HomeFacts } from '../../../core/home/facts.ts';
import { listSteps, type SetUp, type Step } from '../../../core/home/set-up.ts';
import { parseWeekly } from '../../../core/settings/schedule-form.ts';
import { shorten } from '../../../core/text.ts';
import { KEY, SETTINGS } from '../actions.ts';
import { plain } from '../controls.ts';
import type { RenderContext } from '../render-context.ts';
import { bold, code, emoji, richText, section, text } from '../rich-text.ts';
import { describeKeySetters } from '../settings/key.ts';
import { DAYS } from '../settings/settings.ts';

/** What is still to be done before a hosted bot works: at the top of the Home tab until all is done. */

const TITLES: Record<Step['kind'], string> = {
  invite: 'Invite Winnow to a feedback channel',
  key: 'Set the Anthropic API key',
  schedule: 'Choose when summaries come',
};

/** Nothing, for people who may do none of it. */
export function renderGuide(home: HomeFacts, renderContext: RenderContext): HomeView['blocks'] {
  const { setUp, watching } = home;
  const steps = setUp ? listSteps(setUp, watching) : [];
  if (setUp === null || steps.length === 0) return [];
  return [
    { type: 'header', text: plain('Get started') },
    richText(
      section(text('Winnow sorts the feedback of your team and sums it up. It takes these steps:')),
    ),
    ...steps.flatMap(({ kind, done }, n) => [
      richText(
        section(
          ...(done ? [emoji('white_check_mark'), text(' ')] : [bold(`${n + 1}. `)]),
          bold(TITLES[kind]),
        ),
        ...describeStep({ kind, done }, { ...home, setUp }, renderContext),
      ),
      ...(done ? [] : renderButton(kind, { ...home, setUp })),
    ]),
    { type: 'divider' },
  ];
}

type InSetUp = HomeFacts & { setUp: SetUp };

function describeStep(
  { kind, done }: Step,
  { setUp, channels }: InSetUp,
  renderContext: RenderContext,
) {
  const say = (...elements: RichTextElement[]) => [section(...elements)];
  const schedule = describeSchedule(setUp.summarySchedule, renderContext.timeZone);
  if (done) return kind === 'schedule' ? say(text(schedule)) : [];
  switch (kind) {
    case 'invite':
      return say(
        text('In the channel where your feedback comes in, type '),
        code('/invite @Winnow'),
        text('. Messages count from then on. You can add older ones.'),
      );
    case 'key': {
      const why =
        'Claude, by Anthropic, classifies the messages. Until the key is set, they are collected, but not classified.';
      const who = setUp.maySetKey ? '' : ` ${describeKeySetters(setUp, renderContext)}`;
      return say(text(`${why}${who}`));
    }
    case 'schedule': {
      const who = channels.length > 0 ? 'You' : 'People who are in a feedback channel';
      return say(text(`${schedule} ${who} can change that in the settings, or leave it.`));
    }
    default:
      return kind satisfies never;
  }
}

/** The button that helps, for those whom it helps. */
function renderButton(kind: Step['kind'], { setUp, channels }: InSetUp): ActionsBlock[] {
  if (kind === 'key' && setUp.maySetKey) return [button(KEY.open, 'Set the key', 'primary')];
  if (kind === 'schedule' && channels.length > 0) return [button(SETTINGS.open, 'Settings')];
  return [];
}

const button = (action_id: string, label: string, style?: 'primary'): ActionsBlock => ({
  type: 'actions',
  elements: [{ type: 'button', action_id, text: plain(label), ...(style && { style }) }],
});

const PATTERN_LENGTH = 60;

/** A sentence. */
function describeSchedule(pattern: string, timeZone: string): string {
  const weekly = parseWeekly(pattern);
  const when = weekly
    ? `${describeDays(weekly.days)} at ${weekly.time}`
    : `by the cron pattern ${shorten(pattern, PATTERN_LENGTH)}`;
  return `Summaries come ${when} (${timeZone}).`;
}

const AND = new Intl.ListFormat('en');

/** @param days sorted; 1 is Monday */
function describeDays(days: number[]): string {
  const names = days.map((day) => DAYS[day - 1] ?? '');
  const [first = 1, last = first] = [days[0], days.at(-1)];
  if (days.length === 7) return 'every day';
  if (days.length > 2 && last - first === days.length - 1) return `${names[0]} to ${names.at(-1)}`;
  return `on ${AND.format(names)}`;
}
