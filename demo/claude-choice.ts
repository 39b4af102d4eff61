import type { BackstageStep } from '../sim/slack/backstage.ts';

/** Where the verdicts come from: the stand-in, or the real Claude when there is a key. */
export type ClaudeChoice = { kind: 'stand-in' } | { kind: 'real'; apiKey: string };

/** @param fake use the stand-in even with a key */
export function chooseClaude(
  environment: Record<string, string | undefined>,
  { fake }: { fake: boolean },
): ClaudeChoice {
  const apiKey = environment.ANTHROPIC_API_KEY?.trim();
  return apiKey && !fake ? { kind: 'real', apiKey } : { kind: 'stand-in' };
}

/**
 * The bot's settings for this choice.
 * @param standIns settings that point the bot at both stand-ins
 */
export function chooseEnvironment(
  standIns: Record<string, string>,
  claude: ClaudeChoice,
): Record<string, string> {
  switch (claude.kind) {
    case 'stand-in':
      return standIns;
    case 'real': {
      const { ANTHROPIC_BASE_URL: _, ...slack } = standIns;
      return { ...slack, ANTHROPIC_API_KEY: claude.apiKey, BATCH_POLL_SECONDS: REAL_POLL_SECONDS };
    }
    default:
      return claude satisfies never;
  }
}

/** Batches of the real service take minutes. */
const REAL_POLL_SECONDS = '5';

/** The banner above the workspace. */
export function describeDemo(claude: ClaudeChoice): string {
  switch (claude.kind) {
    case 'stand-in':
      return 'A simulated workspace without Claude: sample messages have recorded verdicts, and keyword rules classify what you type.';
    case 'real':
      return 'A simulated workspace with the real Claude: messages go to Anthropic with your key, and each run costs about a cent for 200 messages.';
    default:
      return claude satisfies never;
  }
}

/** What a visitor does first. */
export const listSteps = (command: string): BackstageStep[] => [
  {
    label: 'Type feedback',
    hint: 'Puts an example into the field for messages: change it as you like, and press Enter',
    does: { kind: 'write', text: 'Export to CSV has been failing, we lost the report' },
  },
  { label: 'Run', hint: `Types ${command}`, does: { kind: 'command', command } },
  {
    label: 'Open the thread',
    hint: 'The summary’s cards and lists, once it is there',
    does: { kind: 'open thread' },
  },
];
