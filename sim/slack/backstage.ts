// What the host of the stand-ins shows behind the scenes: sections with facts, controls and a log. The
// page that `SlackSim.servePage` serves draws them beside the channel:
//   const url = slack.servePage({ root, backstage });   // root: a folder from buildPage in sim/web/build.ts

export interface Backstage {
  /** Shown above everything, for example to say that nothing here is real. */
  banner: string;
  /** What to do first, beside the banner. */
  steps?: readonly BackstageStep[];
  state(): BackstageState;
  /** Returns a function that stops the calls. */
  onChange(listener: () => void): () => void;
  /** Uses a control; `value` is the choice, numbers as text. The page shows a rejection. */
  press(id: string, value?: string): Promise<void>;
}

export interface BackstageStep {
  label: string;
  /** More about it, shown as a tooltip. */
  hint: string;
  does: /** Puts a text into the field for messages, for the person to send. */
    | { kind: 'write'; text: string }
    | { kind: 'command'; command: string }
    /** The thread of the app's newest post that has one. */
    | { kind: 'open thread' };
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
