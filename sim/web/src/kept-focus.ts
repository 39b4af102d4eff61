import { type RefObject, useLayoutEffect, useRef } from 'react';

/**
 * A pressed button may disappear when its message changes. Then the message gets the focus, so that
 * the keyboard keeps working from there.
 * @returns records what gets the focus in the list; returns whether a person moved it there
 */
export function useKeptFocus(
  scroller: RefObject<HTMLElement | null>,
): (target: Element) => boolean {
  const held = useRef<{ element: Element; ts: string }>(undefined);
  const isGivenBack = useRef(false);
  // Runs after every render, because any of them may remove the focused element.
  useLayoutEffect(() => {
    if (!held.current || held.current.element.isConnected) return;
    const { ts } = held.current;
    held.current = undefined;
    // Another element has the focus already.
    if (document.activeElement !== document.body) return;
    isGivenBack.current = true;
    scroller.current
      ?.querySelector<HTMLElement>(`[data-ts="${CSS.escape(ts)}"]`)
      ?.focus({ preventScroll: true });
    isGivenBack.current = false;
  });
  return (target) => {
    const ts = target.closest<HTMLElement>('.message')?.dataset.ts;
    held.current = ts === undefined ? undefined : { element: target, ts };
    return !isGivenBack.current;
  };
}
