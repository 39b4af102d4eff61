import { checkModel } from '../claude/batches.ts';
import type { Claude } from '../claude/outgoing.ts';
import { backoffMs } from '../core/delivery/backoff.ts';
import { adviseOnRefusal, isRefusedForNow } from '../core/delivery/refusal-advice.ts';
import { isSlackError } from '../core/delivery/slack-errors.ts';
import type { Log } from '../core/log.ts';
import { systemClock } from '../jobs/loop.ts';
import type { Slack } from '../slack/client.ts';
import { identify, SlackReadError } from '../slack/read.ts';
import { StartError } from './start-error.ts';

/** Finds out who the bot is. Stops the start when Slack refuses the token; retries while Slack is down. */
export async function identifyPatiently(slack: Slack, log: Log) {
  for (let failures = 0; ; failures++) {
    try {
      return await identify(slack);
    } catch (error) {
      if (!(error instanceof SlackReadError)) throw error;
      const { code, message: reason } = error;
      if (code && !isRefusedForNow(code)) {
        const what = isSlackError(code, 'token') ? 'it' : 'the app';
        throw new StartError(
          `SLACK_BOT_TOKEN: Slack refuses ${what} (${code}). ${adviseOnRefusal(code)}`,
        );
      }
      const advice = code && { advice: adviseOnRefusal(code) };
      log.warn({ reason, failures, ...advice }, 'Slack cannot be reached; trying again');
      await systemClock.sleep(backoffMs(failures));
    }
  }
}

/** Stops the start when the key or the model is refused, but not when Claude is down: messages can wait. */
export async function checkClaude(claude: Claude, model: string, log: Log): Promise<void> {
  const answer = await checkModel(claude, model);
  switch (answer.kind) {
    case 'ok':
      if (answer.value.retiresAt) {
        log.warn({ model, retiresAt: answer.value.retiresAt }, 'the model will be retired');
      }
      return;
    case 'refused':
      throw new StartError(
        `CLAUDE_MODEL: ${model} cannot be used (${answer.reason}). Leave it out for the default, or name a model that does batches.`,
      );
    case 'blocked':
      if (answer.mend === 'key') {
        throw new StartError(
          `ANTHROPIC_API_KEY: Anthropic refuses it (${answer.reason}). Make a new one at platform.claude.com, API keys.`,
        );
      }
      log.warn({ reason: answer.reason }, 'Claude takes no work for now; messages are collected');
      return;
    case 'later':
    case 'unclear':
      log.warn({ reason: answer.reason }, 'Claude cannot be asked for now; messages are collected');
      return;
    default:
      answer satisfies never;
  }
}
