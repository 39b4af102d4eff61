// The options for serving the workspace's page.
import type { Backstage } from './backstage.ts';

/** A slash command, as in the app's manifest. */
export interface PageCommand {
  command: string;
  description?: string;
  /** Its usage. */
  hint?: string;
  /** `should_escape`: the app is sent tokens for people, channels and links. */
  escapes?: boolean;
}

export interface PageOptions {
  /** The folder of the built page, with an index.html; see sim/web/build.ts. */
  root: string;
  /** What the host shows behind the scenes, if anything. */
  backstage?: Backstage;
  /** The slash commands to complete. */
  commands?: PageCommand[];
  /** The message shortcuts, shown in each message's menu. */
  shortcuts?: { callbackId: string; name: string }[];
}
