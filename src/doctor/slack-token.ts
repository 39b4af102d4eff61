import { adviseOnRefusal, isRefusedForNow } from '../core/delivery/refusal-advice.ts';
import { isSlackError } from '../core/delivery/slack-errors.ts';
import { readScopes } from '../manifest.ts';
import type { Slack } from '../slack/client.ts';
import { identify, SlackReadError, type Workspace } from '../slack/read.ts';
import { type Finding, fault, ok } from './finding.ts';

/** The bot token: whether Slack takes it, and whether the app has every scope of the manifest. */

/** @param granted reads the scopes that the last answer named; null when it named none */
export async function checkToken(
  slack: Slack,
  granted: () => string[] | null,
): Promise<{ workspace: Workspace | null; findings: Finding[] }> {
  try {
    const workspace = await identify(slack);
    const { host } = new URL(workspace.url);
    const findings = [ok(`SLACK_BOT_TOKEN is the bot of ${host}.`), ...compareScopes(granted())];
    return { workspace, findings };
  } catch (error) {
    if (!(error instanceof SlackReadError)) throw error;
    return { workspace: null, findings: [describe(error)] };
  }
}

function describe({ code, message }: SlackReadError): Finding {
  if (code && !isRefusedForNow(code)) {
    const what = isSlackError(code, 'token') ? 'SLACK_BOT_TOKEN' : 'the app';
    return fault(`Slack refuses ${what} (${code}).`, adviseOnRefusal(code));
  }
  return fault(
    `Slack cannot be reached (${message}).`,
    code
      ? adviseOnRefusal(code)
      : 'Check the network, and a proxy if there is one: this machine has to reach SLACK_API_URL (https://slack.com/api/).',
  );
}

/** Slack names the scopes of the token in the header of each answer. */
function compareScopes(granted: string[] | null): Finding[] {
  const needed = readScopes();
  if (!granted) return [];
  const missing = needed.filter((scope) => !granted.includes(scope));
  if (missing.length === 0) return [ok(`The app has all ${needed.length} scopes of manifest.yml.`)];
  return [
    fault(
      `The app lacks ${missing.length === 1 ? 'the scope' : 'the scopes'} ${missing.join(', ')}.`,
      "Paste manifest.yml into App Manifest on your app's page, save it, and install the app again under Install App.",
    ),
  ];
}
