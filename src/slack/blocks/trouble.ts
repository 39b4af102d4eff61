import { canBeRetried, type TroubleCause } from '../../core/runs/trouble.ts';

/** What a run in trouble waits for, in words: who can mend it, and that a person can have it tried at once. */

const MENDS: Record<TroubleCause, string> = {
  outage: 'Winnow keeps trying by itself.',
  'long outage': 'Winnow keeps trying by itself.',
  key: 'Anthropic does not accept my API key. Your Winnow admin can allow it again, or set another one in ANTHROPIC_API_KEY and restart me.',
  budget:
    'Your Winnow admin can raise the spend limit, or add credit, at platform.claude.com under Limits and Billing.',
  request:
    'Ask your Winnow admin to fix it. If Claude refuses the model, they can set another one in CLAUDE_MODEL and restart Winnow.',
};

const AT_ONCE =
  'I try again at once when somebody asks: type /classify-feedback, or press “Try again” on the post of the run.';

const BY_ITSELF: Record<TroubleCause, string> = {
  outage: '',
  'long outage': '',
  key: 'Otherwise I try every minute at first, then up to every 10 minutes.',
  budget: 'Otherwise I try every minute at first, then up to every 10 minutes.',
  request: 'Otherwise I try once a day at most.',
};

/** Plain text, which is also mrkdwn. */
export function describeMend(cause: TroubleCause): string {
  const atOnce = canBeRetried(cause) ? AT_ONCE : '';
  return [MENDS[cause], atOnce, BY_ITSELF[cause]].filter(Boolean).join(' ');
}

/** Claude's words may be a sentence already. */
export const endSentence = (reason: string) => (/[.!?…]$/.test(reason) ? reason : `${reason}.`);

/** mrkdwn. @param reason escaped */
export const describeTrouble = (reason: string, cause: TroubleCause) =>
  `The classification that you asked for has to wait: ${endSentence(reason)} Nothing is lost. ${describeMend(cause)}`;

/** What came of a try that a person asked for; mrkdwn. @param reason escaped */
export const describeStillWaiting = (reason: string, cause: TroubleCause) =>
  `I tried again, and the classification still has to wait: ${endSentence(reason)} Nothing is lost. ${describeMend(cause)}`;

export const GOES_ON = 'It worked this time: the classification goes on.';

/** mrkdwn. @param waitMs until another try can be asked for */
export const describeTooSoon = (waitMs: number) =>
  `I was asked to try again only a moment ago, so I do nothing now. You can ask again in ${seconds(waitMs)}.`;

function seconds(ms: number): string {
  const n = Math.ceil(ms / 1000);
  return n === 1 ? 'a second' : `${n} seconds`;
}

/** Only the step that mends it. Plain text. */
export const describeStep = (cause: TroubleCause) => MENDS[cause];
