import type { Rendered } from '../../core/delivery/effects.ts';

/** A short message to one person. @param mrkdwn everything from outside in it is escaped */
export function renderNotice(mrkdwn: string): Rendered {
  return {
    text: mrkdwn,
    blocks: [{ type: 'section', text: { type: 'mrkdwn', text: mrkdwn } }],
  };
}
