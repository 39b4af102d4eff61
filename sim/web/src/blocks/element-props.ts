import type { Json } from './values.ts';

/** What an input block adds to its element. */
export interface InputPlace {
  id: string;
  labelId: string;
  describedBy?: string;
  isRequired: boolean;
  isWrong: boolean;
  /** The app wants to hear of every change. */
  sends: boolean;
}

export interface ElementProps {
  element: Json;
  blockId: string;
  input?: InputPlace;
}
