import type { BackstageSection } from '../../sim/slack/backstage.ts';

/** One section of what happens underneath, and what its controls do. */
export interface Panel {
  section(): BackstageSection;
  /** By the id of a control, which is unique among all panels. */
  controls: Record<string, (value: string | undefined) => void | Promise<void>>;
  /** Ends its timers and gives back what it has changed. */
  stop?(): void;
}

/** What the promise is that can be tried with a section's controls: one short line. */
export const promise = (value: string) => ({ label: 'Promise', value });

/** The chosen one of a control's options. */
export function pick<T extends { value: string }>(options: readonly T[], value?: string): T {
  const found = options.find((option) => option.value === value);
  if (!found) throw new Error(`There is no choice ${value}.`);
  return found;
}
