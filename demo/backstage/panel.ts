import type { BackstageSection } from '../../sim/slack/backstage.ts';

/** A section of the backstage and the actions of its controls. */
export interface Panel {
  section(): BackstageSection;
  /** By control id, unique among all panels. */
  controls: Record<string, (value: string | undefined) => void | Promise<void>>;
  /** Stops its timers and undoes its faults. */
  stop?(): void;
}

/** The promise of the bot that the controls of a section put to the test, in one line. */
export const promise = (value: string) => ({ label: 'Promise', value });

/** Finds the chosen option of a control. */
export function pick<T extends { value: string }>(options: readonly T[], value?: string): T {
  const found = options.find((option) => option.value === value);
  if (!found) throw new Error(`There is no choice ${value}.`);
  return found;
}
