// What the host of the stand-ins lets people see and do beneath the workspace: facts, controls and a
// log in sections, drawn beside the channel by the page that `SlackSim.servePage` serves:
//   const url = slack.servePage({ root, backstage });   // root: a folder that buildPage of sim/web/build.ts answers

export interface Backstage {
  /** Stands above everything, e.g. that nothing here is real. */
  banner: string;
  state(): BackstageState;
  /** Answers a function that stops the calls. */
  onChange(listener: () => void): () => void;
  /** A control was used; `value` is what was chosen, a number as text. A rejection is shown. */
  press(id: string, value?: string): Promise<void>;
}

export interface BackstageState {
  sections: BackstageSection[];
}

export interface BackstageSection {
  title: string;
  facts: { label: string; value: string; tone?: 'good' | 'bad' }[];
  controls: BackstageControl[];
  /** Oldest first; `at` in ms since 1970. */
  log?: { at: number; text: string; tone?: 'good' | 'bad' }[];
}

export type BackstageControl =
  | { kind: 'button'; id: string; label: string; disabled?: boolean; tone?: 'danger' }
  | {
      kind: 'choice';
      id: string;
      label: string;
      value: string;
      options: { value: string; label: string }[];
    }
  | {
      kind: 'number';
      id: string;
      label: string;
      value: number;
      min: number;
      max: number;
      step: number;
    };
