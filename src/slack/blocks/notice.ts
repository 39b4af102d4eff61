import type { Rendered } from '../../core/delivery/effects.ts';

/** A short word to one person. @param mrkdwn escaped where it holds anything from outside */
export function renderNotice(mrkdwn: string): Rendered {
  return {
    text: mrkdwn,
    blocks: [{ type: 'section', text: { type: 'mrkdwn', text: mrkdwn } }],
  };
}
