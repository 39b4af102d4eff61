import { plain } from '../controls.ts';
import { bullets, code, richText, section, text } from '../rich-text.ts';

/** Shown to people who are in none of the channels, and while there are none. */
export function renderBeginning(watching: boolean) {
  const steps = watching
    ? [
        section(
          text('Join a channel that I collect from: what needs a person there appears here.'),
        ),
        section(text('Or type '), code('/invite'), text(' in another one and choose me.')),
      ]
    : [
        section(
          text('In the channel where your feedback comes in, type '),
          code('/invite'),
          text(' and choose me. Messages count from then on; I offer to take in older ones.'),
        ),
        section(
          text('Type '),
          code('/classify-feedback'),
          text(' there when you want a summary; otherwise it comes on schedule.'),
        ),
        section(text('What needs a person then appears here, with buttons.')),
      ];
  return [
    {
      type: 'header' as const,
      text: plain(watching ? 'You are in none of my channels' : 'Let us begin'),
    },
    richText(
      section(
        text(
          watching
            ? 'I collect feedback in channels that you are not in.'
            : 'I sort the feedback of your team and sum it up. I am in no channel yet:',
        ),
      ),
      bullets(steps),
    ),
  ];
}
