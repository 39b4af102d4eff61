import type { Json } from './values.ts';

/** What an element needs to know of its input block. */
export interface InputPlace {
  id: string;
  labelId: string;
  describedBy?: string;
  isRequired: boolean;
  isWrong: boolean;
  /** The app gets every change (`dispatch_action`). */
  sends: boolean;
}

export interface ElementProps {
  element: Json;
  blockId: string;
  input?: InputPlace;
}
