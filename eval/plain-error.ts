/** What a person can mend: said in plain words with the next step, and a non-zero exit. */
export class PlainError extends Error {}
