import { adviseOnRefusal } from '../../core/delivery/refusal-advice.ts';
import type { Host } from '../../core/settings/hosted.ts';

/** Who can change what people of the workspace cannot, in words: plain text, which is also mrkdwn. */

/** Who runs the process. */
export const nameOperator = (hosted: Host) =>
  hosted ? 'the operator of Winnow' : 'your Winnow admin';

/** The same at the beginning of a sentence. */
export const beginWithOperator = (hosted: Host) =>
  hosted ? 'The operator of Winnow' : 'Your Winnow admin';

/** Where settings come from that nobody has saved in Slack. */
export const nameDefaults = (hosted: Host) =>
  hosted ? "Winnow's defaults" : 'the server defaults';

/** What to do when Slack refuses the app itself. @param code Slack's error code */
export const adviseOnApp = (code: string, hosted: Host) =>
  hosted ? adviseOnRefusal(code, 'hosted') : `For your Winnow admin: ${adviseOnRefusal(code)}`;

/** Who may set the key of a hosted bot. */
export const KEY_SETTERS = 'The person who installed me, or an admin or owner of this workspace,';

export const MISSING_KEY = `The Anthropic API key is missing: I collect messages, but classify nothing until it is set. ${KEY_SETTERS} can set it on my Home tab.`;
