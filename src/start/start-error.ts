/** Only a person can fix this. The message is shown as it is, without a stack. */
export class StartError extends Error {}
