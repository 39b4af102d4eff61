import { readFileSync } from 'node:fs';
import path from 'node:path';
import { parse } from 'yaml';
import { z } from 'zod';

/** The app's scopes, events and commands, from the manifest for a real workspace. */

const manifestSchema = z.object({
  features: z.object({
    bot_user: z.object({ display_name: z.string() }),
    slash_commands: z.array(
      z.object({
        command: z.string(),
        description: z.string(),
        usage_hint: z.string().optional(),
        should_escape: z.boolean().optional(),
      }),
    ),
    shortcuts: z.array(z.object({ name: z.string(), type: z.string(), callback_id: z.string() })),
  }),
  oauth_config: z.object({ scopes: z.object({ bot: z.array(z.string()) }) }),
  settings: z.object({
    event_subscriptions: z.object({ bot_events: z.array(z.string()) }),
  }),
});

export function readManifest() {
  const file = path.join(import.meta.dirname, '../manifest.yml');
  const { features, oauth_config, settings } = manifestSchema.parse(
    parse(readFileSync(file, 'utf8')),
  );
  return {
    botName: features.bot_user.display_name,
    commands: features.slash_commands.map(
      ({ command, description, usage_hint, should_escape }) => ({
        command,
        description,
        ...(usage_hint && { hint: usage_hint }),
        escapes: should_escape ?? false,
      }),
    ),
    shortcuts: features.shortcuts
      .filter(({ type }) => type === 'message')
      .map(({ name, callback_id }) => ({ name, callbackId: callback_id })),
    scopes: oauth_config.scopes.bot,
    events: settings.event_subscriptions.bot_events,
  };
}
