import { setTimeout as sleep } from 'node:timers/promises';

/** The Claude stand-in's control plane, from another process. */
export function controlClaude(url: string) {
  const until = async (done: (requests: { total: number; open: number }) => boolean) => {
    for (;;) {
      const state = await (await fetch(`${url}/sim/state`)).json();
      if (done((state as { requests: { total: number; open: number } }).requests)) return;
      await sleep(100);
    }
  };
  return {
    /** While on, batches stay in progress. */
    async hold(on: boolean) {
      await fetch(`${url}/sim/hold`, { method: 'POST', body: JSON.stringify({ on }) });
    },
    untilEnded: () => until(({ open }) => open === 0),
    untilSubmitted: (requests: number) => until(({ total }) => total >= requests),
  };
}
