/** What the bot's ports answer in the header `server`: it tells them from another program's. */
export const SERVER_NAME = 'winnow';
