/** The places where a crash can matter, as they pass. */
export interface Points {
  /** @returns which of its label the point is; `after` the same point is passed with that again */
  passBefore(label: string): number;
  pass(moment: 'before' | 'after', label: string, place: number): void;
}
