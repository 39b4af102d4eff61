// The options for serving the workspace's page.
import type { Backstage } from './backstage.ts';

export interface PageOptions {
  /** The folder of the built page, with an index.html; see sim/web/build.ts. */
  root: string;
  /** What the host shows behind the scenes, if anything. */
  backstage?: Backstage;
  /** The slash commands to complete; `hint` is their usage. */
  commands?: { command: string; description?: string; hint?: string }[];
  /** The message shortcuts, shown in each message's menu. */
  shortcuts?: { callbackId: string; name: string }[];
}
