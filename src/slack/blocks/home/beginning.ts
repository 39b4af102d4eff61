import { plain } from '../controls.ts';
import { bullets, code, richText, section, text } from '../rich-text.ts';

/** Shown to people who are in none of the channels, and while there are none. */
export function renderBeginning(watching: boolean) {
  const steps = watching
    ? [
        section(text('Join a feedback channel: its messages that need attention appear here.')),
        section(text('Or type '), code('/invite'), text(' in another channel and choose Winnow.')),
      ]
    : [
        section(
          text('In the channel where your feedback comes in, type '),
          code('/invite'),
          text(' and choose Winnow. Messages count from then on. You can add older ones.'),
        ),
        section(
          text('Type '),
          code('/classify-feedback'),
          text(' there when you want a summary. Otherwise it comes on schedule.'),
        ),
        section(text('What needs attention then appears here, with buttons.')),
      ];
  return [
    {
      type: 'header' as const,
      text: plain(watching ? 'You are in none of the feedback channels' : 'Get started'),
    },
    richText(
      section(
        text(
          watching
            ? 'Winnow collects feedback in channels that you are not in.'
            : 'Winnow sorts the feedback of your team and sums it up. It is in no channel yet:',
        ),
      ),
      bullets(steps),
    ),
  ];
}
