import type { Register } from '../tools.ts';

/** An emoji was added to the workspace, or removed. */
export const registerEmoji: Register = (app, { emit }) => {
  app.event('emoji_changed', async () => emit('emoji'));
};
