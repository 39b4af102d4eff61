/** What stands, in the database and so wherever it is shown, in place of a text that was forgotten. */
export const FORGOTTEN = '(forgotten)';

/** In place of Slack's or Claude's reason why a forgotten message could not be classified. */
export const FORGOTTEN_REASON = 'the reason was forgotten with its text';

/** How long the bot keeps what was deleted in Slack: until then, what Slack shows again is as it was. */
export const DELETED_DAYS = 1;
