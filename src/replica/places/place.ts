import type { OpenedDatabase } from '../unit.ts';

/** Where the rows of workspaces are, and which of them this process works for. */
export interface Place {
  /** How many processes share the workspaces, this one included. */
  countReplicas(): Promise<number>;
  /** @returns those of the workspaces that no process has */
  listFree(teams: readonly string[]): Promise<readonly string[]>;
  /**
   * Takes workspaces that no process has.
   * @returns those that this process has now; others were faster for the rest
   */
  take(teams: readonly string[]): Promise<readonly string[]>;
  /**
   * Opens a workspace that this process has.
   * @param begun closes it
   * @param onLost is called when another process has taken it over
   */
  open(team: string, begun: AsyncDisposableStack, onLost: () => void): Promise<OpenedDatabase>;
  /** Lets others take a workspace. */
  release(team: string): Promise<void>;
  /** Lets others take over everything; what this process has goes on until it is released. */
  leave(): Promise<void>;
}
