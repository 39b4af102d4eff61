import type { Backstage, BackstageStep } from '../../sim/slack/backstage.ts';
import type { Panel } from './panel.ts';

/** Combines all panels into what the page draws beside the channel. */
export function createBackstage(
  banner: string,
  steps: readonly BackstageStep[],
): Backstage & {
  add(panel: Panel): void;
  changed(): void;
  stop(): void;
} {
  const panels: Panel[] = [];
  const listeners = new Set<() => void>();
  let due: NodeJS.Timeout | undefined;
  let shown = '';
  const read = () => ({ sections: panels.map((panel) => panel.section()) });
  const notify = () => {
    due = undefined;
    const now = JSON.stringify(read());
    if (now === shown) return;
    shown = now;
    for (const listener of listeners) listener();
  };
  const changed = () => {
    due ??= setTimeout(notify, GATHER_MS);
  };
  // Some facts are running times.
  const tick = setInterval(changed, TICK_MS);
  tick.unref();
  return {
    banner,
    steps,
    state: read,
    onChange(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    async press(id, value) {
      const panel = panels.find(({ controls }) => Object.hasOwn(controls, id));
      if (!panel) throw new Error(`There is no control ${id}.`);
      await panel.controls[id]?.(value);
      changed();
    },
    add(panel) {
      panels.push(panel);
      changed();
    },
    changed,
    stop() {
      clearInterval(tick);
      clearTimeout(due);
      for (const panel of panels) panel.stop?.();
    },
  };
}

/** Changes within this time are sent together. */
const GATHER_MS = 100;

const TICK_MS = 1000;
