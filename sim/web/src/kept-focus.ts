import { type RefObject, useLayoutEffect, useRef } from 'react';

/**
 * A button that was pressed may be gone with the next state of its message. Then the message has the
 * focus, instead of nobody: keys go on where they were.
 * @returns is told of what in the list gets the focus; answers whether somebody has put it there
 */
export function useKeptFocus(
  scroller: RefObject<HTMLElement | null>,
): (target: Element) => boolean {
  const held = useRef<{ element: Element; ts: string }>(undefined);
  const isGivenBack = useRef(false);
  // After every drawing: which one takes the focused element away is not known before.
  useLayoutEffect(() => {
    if (!held.current || held.current.element.isConnected) return;
    const { ts } = held.current;
    held.current = undefined;
    // Somebody else has it already.
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
