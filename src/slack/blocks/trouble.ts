import { canBeRetried, type TroubleCause } from '../../core/runs/trouble.ts';
import type { Host } from '../../core/settings/hosted.ts';
import { beginWithOperator, KEY_SETTERS, nameOperator } from './operator.ts';

/** What a run in trouble waits for, in words: who can mend it, and that a person can have it tried at once. */

/** Only the step that mends it. Plain text. */
export function describeStep(cause: TroubleCause, hosted: Host): string {
  switch (cause) {
    case 'outage':
    case 'long outage':
      return 'Winnow keeps trying by itself.';
    case 'key':
      return describeKeyStep(hosted);
    case 'budget': {
      const who =
        hosted && hosted.key !== 'shared'
          ? 'The owner of the Anthropic account'
          : beginWithOperator(hosted);
      return `${who} can raise the spend limit, or add credit, at platform.claude.com under Limits and Billing.`;
    }
    case 'request':
      return hosted
        ? `Please tell ${nameOperator(hosted)}.`
        : 'Ask your Winnow admin to fix it. If Claude refuses the model, they can set another one in CLAUDE_MODEL and restart Winnow.';
    default:
      return cause satisfies never;
  }
}

function describeKeyStep(hosted: Host): string {
  switch (hosted?.key) {
    case 'none':
      return `${KEY_SETTERS} can set one on my Home tab.`;
    case 'own':
      return `Anthropic does not accept the API key of this workspace. ${KEY_SETTERS} can allow it again at platform.claude.com, or set another one on my Home tab.`;
    case 'shared':
      return `Anthropic does not accept my API key. Please tell ${nameOperator(hosted)}.`;
    default:
      return 'Anthropic does not accept my API key. Your Winnow admin can allow it again, or set another one in ANTHROPIC_API_KEY and restart me.';
  }
}

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
export function describeMend(cause: TroubleCause, hosted: Host): string {
  const step = describeStep(cause, hosted);
  if (isForWantOfKey(cause, hosted)) return `${step} I go on as soon as it is set.`;
  const atOnce = canBeRetried(cause) ? AT_ONCE : '';
  return [step, atOnce, BY_ITSELF[cause]].filter(Boolean).join(' ');
}

/** Until a key is set, it is in vain to try again. */
export const isForWantOfKey = (cause: TroubleCause | null, hosted: Host) =>
  cause === 'key' && hosted?.key === 'none';

/** Claude's words may be a sentence already. */
export const endSentence = (reason: string) => (/[.!?…]$/.test(reason) ? reason : `${reason}.`);

/** mrkdwn. @param reason escaped */
export const describeTrouble = (reason: string, cause: TroubleCause, hosted: Host) =>
  `The classification that you asked for has to wait: ${endSentence(reason)} Nothing is lost. ${describeMend(cause, hosted)}`;

/** What came of a try that a person asked for; mrkdwn. @param reason escaped */
export const describeStillWaiting = (reason: string, cause: TroubleCause, hosted: Host) =>
  `I tried again, and the classification still has to wait: ${endSentence(reason)} Nothing is lost. ${describeMend(cause, hosted)}`;

export const GOES_ON = 'It worked this time: the classification goes on.';

/** mrkdwn. @param waitMs until another try can be asked for */
export const describeTooSoon = (waitMs: number) =>
  `I was asked to try again only a moment ago, so I do nothing now. You can ask again in ${seconds(waitMs)}.`;

function seconds(ms: number): string {
  const n = Math.ceil(ms / 1000);
  return n === 1 ? 'a second' : `${n} seconds`;
}
