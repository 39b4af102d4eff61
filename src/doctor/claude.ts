import { ask, type ClaudeAnswer, checkModel } from '../claude/batches.ts';
import { type Claude, tag } from '../claude/outgoing.ts';
import { nanoUsdOf } from '../claude/pricing.ts';
import { MONTH_MS } from '../core/durations.ts';
import { type Finding, fault, ok, warning } from './finding.ts';

/** Claude: the key, the model, Message Batches, the price, and the limit of what may be spent. */
export async function checkClaude(claude: Claude, model: string, now: number): Promise<Finding[]> {
  const checked = await checkModel(claude, model);
  if (checked.kind !== 'ok') return [describe(checked, model)];
  // Counting tokens is free, and as the next question it reaches what a real one would.
  const counted = await ask(() => claude.messages.countTokens({ model, messages: [PROBE] }));
  if (counted.kind !== 'ok') return [describe(counted, model)];
  const listed = await ask(() => claude.messages.batches.list({ limit: 1 }));
  if (listed.kind === 'refused') {
    return [
      fault(
        `What answers for Claude does no batches (${listed.reason}).`,
        'Leave ANTHROPIC_BASE_URL out, or name an address that has Message Batches.',
      ),
    ];
  }
  if (listed.kind !== 'ok') return [describe(listed, model)];
  return [
    ok(`ANTHROPIC_API_KEY works, and CLAUDE_MODEL ${model} does batches.`),
    ...describeRetirement(model, checked.value.retiresAt, now),
    ...describePrice(model),
  ];
}

const PROBE = {
  role: 'user' as const,
  content: tag('message', 'Hello', { length: 10, privacy: { redact: true } }),
};

const ANOTHER_MODEL =
  'Leave CLAUDE_MODEL out for the default, or name a model that does batches and is not retired.';

function describe(answer: Exclude<ClaudeAnswer<never>, { kind: 'ok' }>, model: string): Finding {
  switch (answer.kind) {
    case 'blocked':
      return answer.mend === 'key'
        ? fault(
            `Anthropic refuses ANTHROPIC_API_KEY (${answer.reason}).`,
            'Make a new key at platform.claude.com, API keys.',
          )
        : fault(SPENT, RAISE);
    case 'refused':
      return fault(`CLAUDE_MODEL ${model} cannot be used (${answer.reason}).`, ANOTHER_MODEL);
    case 'later':
    case 'unclear':
      return fault(
        `Claude cannot be asked now (${answer.reason}).`,
        'Look at status.claude.com, and whether this machine reaches https://api.anthropic.com. Winnow collects messages meanwhile.',
      );
    default:
      return answer satisfies never;
  }
}

export const SPENT = 'The spend limit at Anthropic is reached.';
export const RAISE = 'Raise it at platform.claude.com, Limits. Winnow then goes on by itself.';

function describeRetirement(model: string, retiresAt: string | null, now: number): Finding[] {
  if (!retiresAt) return [];
  const at = Date.parse(retiresAt);
  const day = retiresAt.slice(0, 10);
  if (at <= now) return [fault(`CLAUDE_MODEL ${model} was retired on ${day}.`, ANOTHER_MODEL)];
  const text = `CLAUDE_MODEL ${model} will be retired on ${day}.`;
  if (at - now > 3 * MONTH_MS) return [ok(text)];
  return [warning(text, 'Choose another CLAUDE_MODEL before then.')];
}

function describePrice(model: string): Finding[] {
  if (nanoUsdOf(model, { input_tokens: 1, output_tokens: 1 }) !== null) return [];
  return [
    warning(
      `The price of ${model} is not known, so costs and MONTHLY_BUDGET_USD do not count it.`,
      'Choose a model whose price Winnow knows, or set a limit at platform.claude.com.',
    ),
  ];
}
