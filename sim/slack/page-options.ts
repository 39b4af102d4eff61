// What a host gives to have the workspace's page served.
import type { Backstage } from './backstage.ts';

export interface PageOptions {
  /** The folder of the built page, with an index.html; see sim/web/build.ts. */
  root: string;
  /** What is shown beneath the workspace, when the host has something to show. */
  backstage?: Backstage;
  /** The slash commands to complete; `hint` is their usage. */
  commands?: { command: string; description?: string; hint?: string }[];
  /** The message shortcuts, for the menu of each message. */
  shortcuts?: { callbackId: string; name: string }[];
}
