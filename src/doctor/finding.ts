/** What a check has found out. */
export interface Finding {
  /** `fault`: the bot does not work like this. `warning`: it works, and somebody should know. */
  state: 'ok' | 'warning' | 'fault';
  /** What is so, in a sentence. */
  text: string;
  /** The one step that mends it, in a sentence; null where nothing has to be done. */
  step: string | null;
}

export const ok = (text: string): Finding => ({ state: 'ok', text, step: null });
export const warning = (text: string, step: string): Finding => ({ state: 'warning', text, step });
export const fault = (text: string, step: string): Finding => ({ state: 'fault', text, step });

/** What was found out about one matter. */
export interface Section {
  name: string;
  findings: Finding[];
}
