import type { BackstageStep } from '../../slack/backstage.ts';
import type { LiveChannel } from '../../slack/live-protocol.ts';
import { suggest } from './composer.tsx';
import { useLive } from './live-context.ts';
import { useNavigation } from './navigation.ts';
import { useAct } from './notices.tsx';

/** What to do first, each a click: the host says what, this page does it. */
export function Steps({
  steps,
  channel,
}: {
  steps: readonly BackstageStep[];
  channel: LiveChannel | undefined;
}) {
  const act = useAct();
  const { go } = useNavigation();
  const loaded = useLive((state) => state.channel);
  const bot = useLive((state) => state.hello)?.botUserId;
  const thread = loaded?.messages.findLast(
    ({ user, reply_count: replies = 0 }) => user === bot && replies > 0,
  )?.ts;
  if (!channel) return null;
  const canDo = ({ does }: BackstageStep) =>
    channel.isMember && (does.kind !== 'open thread' || thread !== undefined);
  const run = ({ does }: BackstageStep) => {
    switch (does.kind) {
      case 'write':
        go({ kind: 'channel', channel: channel.id });
        return suggest(does.text);
      case 'command':
        go({ kind: 'channel', channel: channel.id });
        return void act({
          kind: 'command',
          channel: channel.id,
          command: does.command,
          text: '',
        });
      case 'open thread':
        // With its beginning in view.
        if (thread !== undefined)
          go({ kind: 'channel', channel: channel.id, thread, message: thread });
        return;
      default:
        return does satisfies never;
    }
  };
  return (
    <ol className="steps" aria-label="What to do first">
      {steps.map((step) => (
        <li key={step.label}>
          <button
            type="button"
            className="step"
            disabled={!canDo(step)}
            title={step.hint}
            onClick={() => run(step)}
          >
            {step.label}
          </button>
        </li>
      ))}
    </ol>
  );
}
