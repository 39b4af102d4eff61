import { setTimeout as sleep } from 'node:timers/promises';

/** The Claude stand-in's control plane, from another process. */
export function controlClaude(url: string) {
  const readBatches = async () => {
    const state = (await (await fetch(`${url}/sim/state`)).json()) as {
      batches: { status: string; counts: Record<string, number> }[];
    };
    return state.batches;
  };
  const until = async (done: (batches: Awaited<ReturnType<typeof readBatches>>) => boolean) => {
    while (!done(await readBatches())) await sleep(100);
  };
  return {
    /** While held, batches stay in progress. */
    async hold(on: boolean) {
      await fetch(`${url}/sim/hold`, { method: 'POST', body: JSON.stringify({ on }) });
    },
    untilEnded: () => until((batches) => batches.every(({ status }) => status === 'ended')),
    untilSubmitted: (requests: number) =>
      until(
        (batches) =>
          batches.reduce((sum, { counts }) => sum + (counts.processing ?? 0), 0) >= requests,
      ),
  };
}
