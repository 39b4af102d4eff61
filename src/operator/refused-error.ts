/** What the operator asked for cannot be done. The message says why, and what to do. */
export class RefusedError extends Error {}
